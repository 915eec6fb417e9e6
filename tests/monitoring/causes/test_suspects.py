"""Suspects: a loss that goes away with a column's change is the column's, and no other one is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings, judge
from shared.monitoring.case import Case
from shared.monitoring.causes import suspects
from shared.monitoring.findings import Findings
from shared.monitoring.outcomes.losses import Loss
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week

LOST = Loss("log_loss", 0.7, 0.5, 0.2, 0.1, 0.05, 168, 12)


@pytest.fixture
def found(bundle: Bundle, settings: Settings):
    """Return a function that finds what is odd in a frame, which has lost as much as it may."""

    def found(frame: pd.DataFrame) -> tuple[Case, Findings]:
        case = read_case(frame, bundle, settings)
        odd = findings.find(case)
        lost = (LOST, *(loss for loss in odd.quality.losses if loss.metric != LOST.metric))
        return case, replace(odd, quality=replace(odd.quality, losses=lost, fault=None))

    return found


def smaller() -> pd.DataFrame:
    """Return a week in which a number came 0.8 times what it is, and whose rows are enough."""
    rows = week(4_000)
    return rows.assign(income=0.8 * rows["income"])


def other_world() -> pd.DataFrame:
    """Return a week whose inputs are as they were, and in which the poor default no more often."""
    rows = week(4_000)
    risk = 0.8 * (rows["region"] == "south") - 0.02 * (rows["age"] - 40) - 1.5
    chance = np.random.default_rng(0).random(len(rows))
    return rows.assign(defaulted=(chance < 1 / (1 + np.exp(-risk))).astype(float))


def test_a_column_below_its_threshold_that_a_loss_goes_away_with_is_to_be_checked(found) -> None:
    case, odd = found(smaller())
    assert not odd.beyond("income")
    suspect = suspects.find(case, odd)
    assert suspect is not None
    assert suspect.column == "income"
    assert suspects.NEAR <= suspect.deviation.excess < 1
    assert suspect.share > 0.7
    verdict = judge.judge(case, odd)
    assert not verdict.believable
    (reason,) = (each for each in verdict.reasons if each.column == "income")
    assert (reason.level, reason.stage) == ("act", "inputs")
    assert reason.what == "the loss goes away with a change of income"
    assert reason.likely_cause == suspect.likely_cause
    assert suspect.likely_cause.startswith(
        "income is about 3,920 less than it was: with that undone"
    )
    (lost,) = (each for each in verdict.reasons if each.stage == "quality")
    assert (lost.next_step, lost.likely_cause) == (suspect.next_step, None)
    assert lost.next_step == (
        "Check what feeds income first: it may be all of the loss, and training would learn from "
        "it. If it is right, train again on the rows up to now."
    )


def test_a_column_that_has_a_reason_has_no_second_one(found) -> None:
    rows = week(4_000)
    case, odd = found(rows.assign(income=0.7 * rows["income"]))
    suspect = suspects.find(case, odd)
    assert suspect is not None
    own = [each for each in judge.judge(case, odd).reasons if each.column == "income"]
    assert [each.likely_cause for each in own] == [suspect.likely_cause]


def test_another_world_with_inputs_as_they_were_is_to_be_learnt(found) -> None:
    case, odd = found(other_world())
    assert suspects.find(case, odd) is None
    verdict = judge.judge(case, odd)
    assert verdict.believable
    steps = {each.next_step for each in verdict.reasons if each.level == "act"}
    assert steps == {"Train again on the rows up to now, and have the challenger reviewed."}


def test_a_real_shift_that_answers_follow_is_no_suspect(found) -> None:
    """The poor are more, and default as the poor do."""
    rows = week(8_000, seed=3)
    poorer = rows[(rows["income"] < 22_000) | (np.arange(len(rows)) % 4 == 0)].head(4_000)
    case, odd = found(poorer)
    assert odd.beyond("income")
    assert suspects.find(case, odd) is None


def test_how_near_inputs_are_to_their_thresholds_is_said(found) -> None:
    case, odd = found(week(300))
    near = max(
        d.excess
        for d in odd.deviations
        if d.statistic.column in {*case.bundle.contract.features, "probability"}
    )
    words = suspects.near_words(case, odd)
    assert words is not None
    assert words.startswith("no input or answer passed its threshold (the nearest, ")
    assert words.endswith(f" is at {near:.2f} of it)")
    (nearest, *_) = (d for d in odd.deviations if d.excess == near)
    just_below = replace(nearest, number=0.9999 * nearest.threshold)
    words = suspects.near_words(case, replace(odd, deviations=(just_below,)))
    assert words is not None
    assert words.endswith(" is at 0.99 of it)")
    few = suspects.near_words(case, replace(odd, deviations=()))
    assert few == "inputs and answers were not judged"
