"""Evidence as reasons: what outcomes do over windows, in a sentence, and what to look at first."""

import math
from dataclasses import replace

from shared.model.verdict import Evidence
from shared.monitoring.outcomes.losses import Loss
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.wording import evidence_reasons
from shared.tasks.traits import CALIBRATION_SLOPE, UNANSWERED

FINE = Quality("judged", 500, 0, 500, None, 0.2, 0.2, {}, {}, {}, (), ())
SLOPE = Evidence(
    trait=CALIBRATION_SLOPE,
    value=0.7,
    error=0.05,
    mean=0.65,
    windows=3,
    since="2024-04-01",
    expected=1.16,
    reach=0.4,
    side=-1,
    ratio=False,
    hours=168,
    blocks=16,
)
LACKING = SLOPE.model_copy(
    update={"trait": UNANSWERED, "mean": 0.14, "expected": 0.03, "reach": 0.1, "side": 1}
)
SHARE = SLOPE.model_copy(
    update={
        "trait": "share of true outcomes",
        "mean": math.log(0.5),
        "expected": math.log(1.25),
        "side": 0,
        "ratio": True,
        "windows": 1,
    }
)


def test_a_trait_beyond_its_reach_is_a_reason_to_act_that_says_over_how_many_windows() -> None:
    (found,) = evidence_reasons.evidence_reasons((SLOPE,), FINE)
    assert (found.level, found.stage, found.column) == ("act", "quality", None)
    words = "the calibration slope fell to 0.650 over 3 windows (history 1.160)"
    assert found.what == words
    assert (round(found.number, 9), found.threshold) == (0.51, 0.4)
    assert found.unit == "below its mean in history"
    assert found.baseline == "from how 16 spans of 7 days of the model's history vary"
    assert found.next_step.startswith("Check what feeds the outcomes: they may be flipped")


def test_a_share_is_written_as_so_many_times_what_was_predicted() -> None:
    (found,) = evidence_reasons.evidence_reasons((SHARE,), FINE)
    assert found.what == (
        "the share of true outcomes fell to 0.50 times what was predicted in this window "
        "(history 1.25 times)"
    )
    assert found.unit == "below its mean in history, as a logarithm"


def test_outcomes_that_do_not_come_are_watched_and_their_own_reason() -> None:
    lacking, lost = evidence_reasons.evidence_reasons((SLOPE, LACKING, SHARE), FINE)
    assert (lacking.level, lacking.stage) == ("watch", "outcomes")
    assert lacking.what == ("14.0% of the outcomes due have not come over 3 windows (history 3.0%)")
    # The share is farther beyond its reach than the slope.
    assert lost.what.startswith("the share of true outcomes fell")


def test_within_reach_is_nothing_to_say_and_what_the_scores_prove_is_said_once() -> None:
    near = SLOPE.model_copy(update={"mean": 1.0})
    assert evidence_reasons.evidence_reasons((near,), FINE) == []
    proven = Loss("roc_auc", 0.5, 0.75, 0.25, 0.05, 0.03, 168, 16)
    lost = replace(FINE, losses=(proven,))
    assert evidence_reasons.evidence_reasons((SLOPE,), lost) == []
    of_slice = replace(proven, slice="region = south")
    assert len(evidence_reasons.evidence_reasons((SLOPE,), replace(FINE, losses=(of_slice,)))) == 1
