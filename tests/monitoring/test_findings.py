"""Findings: what state a window is in, how many hours its rows stand for, and what they show."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline.statistics import Statistic
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring import findings
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.windows import scope
from shared.settings import Settings
from tests.monitoring.traffic import answer, read_case, week, words
from tests.monitoring.traffic import judged as judged_traffic


def test_a_day_of_rows_in_a_window_of_a_week_is_judged_as_a_day_and_the_rest_is_missed(
    judged, log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    asked = week(2_000)
    first = asked[asked["applied"] < asked["applied"].min() + pd.Timedelta(days=1)]
    answer(log, first, bundle)
    planned = scope.plan_log(log, asked["applied"].max().to_pydatetime(), settings)
    found = findings.find(read_case(planned, bundle, settings))
    assert 23 < found.hours < 24
    assert "no rows arrived for an unusually long time" in [
        what for _, what in words(judged(planned))
    ]


def test_moments_that_are_made_up_say_nothing_of_when_rows_come(
    keyless: Bundle, settings: Settings
) -> None:
    rows = week(1_000).drop(columns=["loan", "applied"])
    found, verdict = judged_traffic(rows, keyless, settings)
    # As many as came of the history's 90 days: its rows, not its moments, are what a window is by.
    assert found.hours == pytest.approx(90 * 24 * 1_000 / 3_000, rel=0.1)
    assert {d.statistic.column for d in found.deviations} <= {
        *keyless.contract.features, "probability"
    }  # fmt: skip
    assert (verdict.level, verdict.rows, verdict.reasons) == ("ok", 1_000, ())
    odd = judged_traffic(rows.assign(age=70), keyless, settings)[1]
    assert words(odd)[0] == ("act", "age is stuck")


@pytest.mark.parametrize(
    ("rows", "state"), [(0, "empty"), (1, "too few rows"), (99, "too few rows"), (100, "judged")]
)
def test_columns_are_compared_from_a_hundred_rows_up(
    bundle: Bundle, settings: Settings, rows: int, state: str
) -> None:
    found = findings.find(read_case(week(200).tail(rows), bundle, settings))
    assert (found.state, bool(found.deviations)) == (state, state == "judged")
    assert (found.culprits, found.causes, found.service) == ((), (), None)


def test_what_is_beyond_its_threshold_is_found_by_its_column(
    bundle: Bundle, settings: Settings
) -> None:
    found = findings.find(read_case(week().assign(income=np.nan), bundle, settings))
    assert "missing" in found.beyond("income")
    assert found.beyond("age") == {}
    assert found.deviations[0].excess == max(d.excess for d in found.deviations)
    assert sum(found.importance.values()) == pytest.approx(1)


def of_column(column: str, excess: float) -> Deviation:
    return Deviation(Statistic("distance", column), excess * 0.1, 0.1, 0.05, 168, 16)


@pytest.mark.parametrize(
    ("blamed", "shown"),
    [
        # Beyond its threshold without the window's age alone: else nothing would name it.
        (["temp"], {"temp": 3.0, "dewp": 1.2}),
        # Beyond with it as well: it stays as it was measured.
        (["dewp", "temp"], {"temp": 0.9, "dewp": 1.2}),
        ([], {"temp": 0.9, "dewp": 1.2}),
    ],
)
def test_the_column_most_to_blame_is_shown_as_odd(
    blamed: list[str], shown: dict[str, float]
) -> None:
    aged = of_column("dewp", 1.2), of_column("temp", 0.9)
    sharp = {one.statistic: one for one in (of_column("dewp", 2.0), of_column("temp", 3.0))}
    found = findings.with_the_worst(aged, sharp, blamed)
    assert {one.statistic.column: pytest.approx(one.excess) for one in found} == shown
    assert [one.excess for one in found] == sorted((one.excess for one in found), reverse=True)
