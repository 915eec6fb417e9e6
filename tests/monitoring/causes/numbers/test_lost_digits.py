"""Numbers that lost their digits, all or half of them, move nowhere, and are found all the same."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings, judge
from shared.monitoring.causes.numbers import lost_digits
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import bundle_of
from tests.monitoring.outcomes.test_far_outcomes import REPAIRS, repairs
from tests.monitoring.traffic import read_case

HOURS = pd.Series(np.random.default_rng(3).gamma(3, 2, 4_000).round(1))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return typed_settings(parse_settings(REPAIRS))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("repairs") / "bundle"
    rows = repairs(4_000, 0)
    return bundle_of(
        rows.assign(hours=60 + 10 * rows["hours"].round(2)), settings, "linear", folder
    )


def is_found(now: pd.Series, once: pd.Series = HOURS) -> bool:
    parts = [*lost_digits._stretches(once, len(now))]
    return lost_digits._by_steps("hours", now, once, parts) is not None


def week() -> pd.DataFrame:
    rows = repairs(300, 1, "2024-05-01", 7)
    return rows.assign(hours=60 + 10 * rows["hours"].round(2))


def test_a_number_that_lost_its_digits_is_found_though_it_moves_nowhere(
    bundle: Bundle, settings: Settings
) -> None:
    case = read_case(week().assign(hours=week()["hours"].round()), bundle, settings)
    found = findings.find(case)
    assert found.culprits == ("hours",)
    (reason,) = (r for r in judge.judge(case, found).reasons if r.column == "hours")
    assert reason.stage == "feed"
    assert reason.likely_cause is not None
    assert reason.likely_cause.startswith("hours is rounded to 1 ")
    assert reason.number > reason.threshold
    assert reason.baseline is not None
    assert reason.baseline.startswith("in 4 spans of ")


def test_a_number_that_was_rounded_as_before_is_not(bundle: Bundle, settings: Settings) -> None:
    assert findings.find(read_case(week(), bundle, settings)).culprits == ()


@pytest.mark.parametrize(("share", "lost"), [(1.0, True), (0.5, True), (0.0, False)])
def test_half_of_the_rows_are_enough(share: float, lost: bool) -> None:
    rng = np.random.default_rng(4)
    now = pd.Series(rng.gamma(3, 2, 400).round(1))
    now = now.mask(rng.random(400) < share, now.round())
    assert is_found(now) == lost


def test_one_whole_value_that_comes_oftener_is_no_rounding() -> None:
    now = HOURS.sample(400, random_state=1).mask(np.arange(400) % 3 == 0, 7.0)
    assert not is_found(now)


def test_what_history_had_for_a_while_is_no_news() -> None:
    batches = HOURS.mask(np.arange(len(HOURS)) // 500 % 3 == 0, HOURS.round())
    now = HOURS.sample(400, random_state=1).round()
    assert not is_found(now, batches)
