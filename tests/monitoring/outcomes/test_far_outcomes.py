"""Outcomes far beyond history's: what rests on a few of them is checked first, and not learnt."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, incidents, judge, reason_rows
from shared.monitoring.case import Case
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import bundle_of
from tests.monitoring.traffic import read_case

REPAIRS = """
name = "repairs"
kind = "regression"
source = "repairs.parquet"
key = "repair"
time = "at"
target = "cost"
features = ["hours", "parts"]

[[candidates]]
name = "linear"
estimator = "sklearn.linear_model.LinearRegression"

[package]
golden_rows = 10

[monitor]
minimum_outcomes = 50
"""


def repairs(rows: int, seed: int, first: str = "2024-01-01", days: float = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    hours, parts = rng.gamma(3, 2, rows), rng.gamma(2, 20, rows)
    moments = pd.Timestamp(first, tz="UTC") + pd.to_timedelta(np.arange(rows) * days / rows, "D")
    return pd.DataFrame(
        {
            "repair": [f"R{seed}-{n}" for n in range(rows)],
            "at": moments,
            "hours": hours,
            "parts": parts,
            "cost": 40 * hours + parts + rng.normal(0, 30, rows),
        }
    )


@pytest.fixture(scope="module")
def settings() -> Settings:
    return typed_settings(parse_settings(REPAIRS))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("repairs") / "bundle"
    return bundle_of(repairs(4_000, 0), settings, "linear", folder)


def week(**outcomes: float) -> pd.DataFrame:
    """Return a week of repairs, of which some have other outcomes, by their keys."""
    found = repairs(300, 1, "2024-05-01", 7)
    return found.assign(cost=found["repair"].map(outcomes).fillna(found["cost"]))


def judged(rows: pd.DataFrame, bundle: Bundle, settings: Settings) -> tuple[Verdict, Case]:
    case = read_case(rows, bundle, settings)
    verdict = judge.judge(case, findings.find(case))
    return incidents.follow(verdict, []), case


@pytest.mark.parametrize("wrong", [-1e12, 1e12, 20_000.0])
def test_a_loss_that_rests_on_one_outcome_is_checked_first_and_not_learnt(
    bundle: Bundle, settings: Settings, wrong: float
) -> None:
    verdict, case = judged(week(**{"R1-7": wrong}), bundle, settings)
    (reason,) = verdict.reasons
    assert (verdict.level, reason.stage) == ("watch", "outcomes")
    assert verdict.words.startswith("Watch: 1 of 300 outcomes is at least ")
    assert "Check it first: with it correlation would be " in reason.next_step
    assert "and without it it is within its threshold, and nothing is trained." in reason.next_step
    assert not incidents.calls_for_training(verdict)
    assert reason.what.endswith(f"): {wrong:,.6g}")
    shown = reason_rows.find(verdict, case)[["key", "column", "value"]]
    assert shown.to_numpy().tolist() == [["R1-7", "cost", str(wrong)]]
    note = verdict.notes[-1]
    assert note == f"{reason.what}: quality is judged without it."


def test_an_ordinary_week_and_a_far_outcome_that_costs_nothing_are_no_reason(
    bundle: Bundle, settings: Settings
) -> None:
    assert judged(week(), bundle, settings)[0].reasons == ()
    verdict, _ = judged(week(**{"R1-7": 900.0}), bundle, settings)
    assert (verdict.level, verdict.reasons) == ("ok", ())


def test_a_feed_of_which_many_outcomes_are_far_off_is_acted_upon_and_not_learnt(
    bundle: Bundle, settings: Settings
) -> None:
    wrong = {f"R1-{n}": 1e9 for n in range(0, 300, 15)}
    verdict, _ = judged(week(**wrong), bundle, settings)
    assert verdict.level == "act"
    assert verdict.words.startswith("Act: 20 of 300 outcomes are at least ")
    assert "): 1e+09" in verdict.words
    assert not incidents.calls_for_training(verdict)


def test_a_loss_of_the_other_outcomes_is_told_and_not_learnt_with_the_far_ones(
    bundle: Bundle, settings: Settings
) -> None:
    rng = np.random.default_rng(3)
    lost = week().assign(cost=lambda f: f["cost"] + rng.normal(0, 120, len(f)))
    verdict, _ = judged(lost, bundle, settings)
    assert incidents.calls_for_training(verdict)
    one_far = lost.assign(cost=lost["cost"].where(lost["repair"] != "R1-7", -1e12))
    verdict, _ = judged(one_far, bundle, settings)
    assert (verdict.level, verdict.reasons[0].stage) == ("act", "quality")
    assert not incidents.calls_for_training(verdict)
    assert verdict.next_action == (
        "Check first what feeds the outcomes: those of 1 row are far beyond all of history's, "
        "and are not to be learnt."
    )


@pytest.mark.parametrize(("far", "level"), [(0, "watch"), (1, "watch"), (40, "act")])
def test_far_outcomes_are_told_where_too_few_came_to_judge_quality(
    bundle: Bundle, settings: Settings, far: int, level: str
) -> None:
    few = week(**{f"R1-{n}": -1e12 for n in range(far)})
    few["cost"] = few["cost"].where(few.index < 40)
    verdict, _ = judged(few, bundle, settings)
    assert verdict.level == level
    assert not incidents.calls_for_training(verdict)
    if far:
        assert verdict.reasons[0].what.startswith(f"{far} of 40 outcomes ")
        assert "quality is judged when more outcomes have come" in verdict.next_action
    else:
        assert verdict.reasons[0].what.startswith("only 40 of the ")
