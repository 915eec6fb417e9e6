"""Detection: most values of a day are beyond all of a history, of a table with few rows a day."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.statistics import Statistic
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.contracts import contract

DAYS, A_DAY = 120, 40
CONTRACT = contract({"heat": "number", "serial": "number", "price": "number"})
HEAT, SERIAL, PRICE = (Statistic("range", name) for name in ("heat", "serial", "price"))


def deliveries(days: int, seed: int = 0) -> pd.DataFrame:
    """Return rows with a temperature in Fahrenheit, a number that grows, and a price that walks."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), A_DAY)
    spells = pd.Series(rng.normal(0, 10, days)).ewm(alpha=0.3).mean().to_numpy()
    hours = np.sort(rng.uniform(0, 24, (days, A_DAY)), axis=1).ravel()
    return pd.DataFrame(
        {
            "id": np.arange(len(day)),
            "at": pd.Timestamp("2024-01-01", tz="UTC")
            + pd.to_timedelta(24 * day + hours, unit="h"),
            "heat": (65 + spells[day] + rng.normal(0, 4, len(day))).round(),
            "serial": np.arange(len(day)) + 1_000.0,
            "price": 50 + rng.normal(0, 1, days).cumsum()[day],
        }
    )


@pytest.fixture(scope="module")
def known() -> BaselineProfile:
    rows = deliveries(DAYS + 7)
    return learning.learn(arrow.table(rows.head(DAYS * A_DAY)), CONTRACT, 0.01)


@pytest.fixture(scope="module")
def next_day() -> pd.DataFrame:
    return deliveries(DAYS + 7).iloc[DAYS * A_DAY : (DAYS + 1) * A_DAY].reset_index(drop=True)


def measured(
    known: BaselineProfile, rows: pd.DataFrame, gap: float = 0.0
) -> dict[Statistic, Deviation]:
    found = Profiler(known.plan, 100).profile(arrow.table(rows))
    return DriftDetector(known, gap).measure(found.counts, 24.0)


def test_a_day_in_another_unit_is_found_though_rows_are_few(known, next_day) -> None:
    assert not measured(known, next_day)[HEAT].beyond
    celsius = next_day.assign(heat=((next_day["heat"] - 32) / 1.8).round())
    found = measured(known, celsius)[HEAT]
    assert found.beyond
    assert found.number == pytest.approx(1.0)
    half = celsius.assign(heat=celsius["heat"].where(celsius.index % 3 == 0, next_day["heat"]))
    assert not measured(known, half)[HEAT].beyond


def test_what_grows_or_walks_is_beyond_all_before_it_every_day(known, next_day) -> None:
    found = measured(known, next_day.assign(price=1 + max(known.plan["price"].span)))
    assert (found[SERIAL].number, found[PRICE].number) == (1.0, 1.0)
    assert not found[SERIAL].beyond
    assert not found[PRICE].beyond


def test_seasons_that_were_not_seen_may_bring_all_values_beyond(known, next_day) -> None:
    celsius = next_day.assign(heat=((next_day["heat"] - 32) / 1.8).round())
    thresholds = [measured(known, celsius, 24 * days)[HEAT].threshold for days in (0, 5, 40)]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < 0.7
    assert thresholds[2] == 1.0
    # Judged as if it had just ended, a season would be to blame.
    found = Profiler(known.plan, 100).profile(arrow.table(celsius)).counts
    sharp = DriftDetector(known, 24 * 40).without_gap().measure(found, 24.0)
    assert not sharp[HEAT].beyond


def test_a_history_that_was_not_asked_of_it_judges_by_the_other_checks(known, next_day) -> None:
    spans = [
        {
            **span.model_dump(),
            "largest": {k: n for k, n in span.largest.items() if "range" not in k},
        }
        for span in known.spans
    ]
    older = BaselineProfile.model_validate({**known.model_dump(), "spans": spans})
    assert measured(older, next_day).keys() == measured(known, next_day).keys() - {
        HEAT,
        SERIAL,
        PRICE,
        Statistic("range", "probability"),
    }
