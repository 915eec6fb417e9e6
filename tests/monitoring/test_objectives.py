"""Objectives: a loss or a sick service is told when it is proven, and only a large one wakes."""

from dataclasses import replace

import pytest

from shared.model.verdict import ChallengerComparison
from shared.monitoring import objectives
from shared.monitoring.outcomes.losses import SHARE, Loss
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.service import Service
from shared.sections.operation import Monitor
from shared.tasks.binary.binary_task import WORDS
from shared.tasks.metrics import Score
from shared.tasks.multiclass.multiclass_task import WORDS as MANY
from tests.monitoring.traffic import week

MONITOR = Monitor(p99_ms=50)
FINE = Quality("judged", 500, 0, 500, None, 0.2, 0.2, {}, {}, {}, (), ())
CALM = Service(10, 1_000, 4_000, 0, 0, 2.0, 9.0, 0)


@pytest.mark.parametrize(("loss", "levels"), [(0.04, []), (0.06, ["act"]), (-0.2, [])])
def test_a_loss_is_acted_upon_once_it_is_proven(loss: float, levels: list[str]) -> None:
    lost = Loss("roc_auc", 0.75 - loss, 0.75, loss, 0.05, 0.03, 168, 16)
    found = objectives.quality_reasons(replace(FINE, losses=(lost,)), [], MONITOR, WORDS)
    assert [reason.level for reason in found] == levels
    for reason in found:
        assert reason.baseline == "in 16 spans of 7 days of the model's history it was at most 0.03"


@pytest.mark.parametrize(("now", "inverted"), [(0.25, True), (0.36, True), (0.45, False)])
def test_a_rank_far_below_chance_says_that_outcomes_look_inverted(
    now: float, inverted: bool
) -> None:
    lost = Loss("roc_auc", now, 0.75, 0.75 - now, 0.05, 0.03, 168, 16)
    [found] = objectives.quality_reasons(replace(FINE, losses=(lost,)), [], MONITOR, WORDS)
    words = f"outcomes look inverted (turned round it would be {1 - now:.3f})"
    assert (found.likely_cause == words) == inverted


@pytest.mark.parametrize(("outcome", "alike"), [(0.0, "false"), (1.0, "true")])
def test_outcomes_that_are_all_alike_are_acted_upon(judged, outcome: float, alike: str) -> None:
    reason = judged(week().assign(defaulted=outcome)).reasons[0]
    predicted = f"(predicted {reason.number if outcome == 0 else 1 - reason.number:.1%} true)"
    assert reason.what == f"all 233 outcomes are {alike} {predicted}"
    assert (reason.level, reason.stage) == ("act", "outcomes")
    assert reason.next_step == (
        "Check what feeds the outcomes: those of the other class may be lost."
    )


def test_classes_that_the_model_does_not_know_are_named_with_their_share() -> None:
    lost = Loss(SHARE, 0.0, 0.3, 0.3, 0.05, 0.03, 168, 16, of="late")
    renamed = replace(
        FINE, state="one class", losses=(lost,), unknown={"LATE": 150, "ON TIME": 350}
    )
    (found,) = objectives.quality_reasons(renamed, [], MONITOR, MANY)
    words = "outcomes are of classes that the model does not know"
    assert found.what == f"all 500 {words}: 'ON TIME' (70%), 'LATE' (30%)"
    assert found.next_step == "Check what feeds the outcomes: classes may be renamed, or new."
    some = replace(FINE, losses=(lost,), unknown=dict.fromkeys("abcdefg", 20))
    (found,) = objectives.quality_reasons(some, [], MONITOR, MANY)
    assert found.likely_cause == (
        f"140 of 500 {words}: 'a' (4%), 'b' (4%), 'c' (4%), 'd' (4%), 'e' (4%), and 2 more"
    )


@pytest.mark.parametrize(("rows", "level", "beside"), [(6, "watch", 1), (255, "act", 0)])
def test_a_class_in_another_case_is_the_source_s_fault_and_many_are_no_loss(
    rows: int, level: str, beside: int
) -> None:
    lost = Loss("log_loss", 0.9, 0.6, 0.3, 0.1, 0.03, 168, 16)
    found = replace(
        FINE,
        losses=(lost,),
        unknown={"At the door": rows, "burnt": 1},
        respelled={"At the door": ("at the door", "in another case")},
    )
    first, *others = objectives.quality_reasons(found, [], MONITOR, MANY)
    assert (first.level, first.stage, len(others)) == (level, "outcomes", beside)
    assert first.what == (
        f"'At the door' looks like 'at the door' in another case ({rows} of 500 outcomes)"
    )
    assert first.next_step.startswith("Mend the outcomes' source")


def test_one_outcome_of_the_other_class_is_scored(judged) -> None:
    verdict = judged(week().assign(defaulted=lambda f: (f.index == 7).astype(float)))
    assert verdict.level == "act"
    assert {reason.stage for reason in verdict.reasons} == {"quality"}


def test_a_loss_names_a_challenger_that_is_better_on_the_same_rows() -> None:
    lost = Loss("roc_auc", 0.6, 0.75, 0.15, 0.05, 0.03, 168, 16)
    better = ChallengerComparison(
        challenger="c" * 64,
        rows=900,
        received=800,
        own={},
        theirs={},
        differences={},
        better=("roc_auc",),
        worse=(),
    )
    mixed = replace(better, challenger="d" * 64, worse=("log_loss",))
    losing = replace(FINE, losses=(lost,))
    (found,) = objectives.quality_reasons(losing, [mixed, better], MONITOR, WORDS)
    assert found.next_step == "Review the challenger cccccccccccc: it is better on the same rows."
    (found,) = objectives.quality_reasons(losing, [mixed], MONITOR, WORDS)
    assert found.next_step.startswith("Train again")


@pytest.mark.parametrize(
    ("expected", "likely"),
    [
        (0.62, "these rows are harder to predict"),
        (0.74, "the same inputs now lead to other outcomes"),
    ],
)
def test_a_loss_is_explained_by_what_the_probabilities_alone_predict(
    expected: float, likely: str
) -> None:
    lost = Loss("roc_auc", 0.6, 0.75, 0.15, 0.05, 0.03, 168, 16)
    estimated = {"roc_auc": Score(expected, expected - 0.03, expected + 0.03)}
    (found,) = objectives.quality_reasons(
        replace(FINE, losses=(lost,), estimated=estimated), [], MONITOR, WORDS
    )
    assert found.likely_cause is not None
    assert found.likely_cause.startswith(likely)


@pytest.mark.parametrize(("share", "level"), [(0.3, "act"), (0.02, "watch")])
def test_a_slice_that_lost_wakes_a_person_if_it_is_a_large_one(share: float, level: str) -> None:
    lost = Loss("roc_auc", 0.6, 0.75, 0.15, 0.05, 0.03, 168, 16, "region = south", share)
    (found,) = objectives.quality_reasons(replace(FINE, losses=(lost,)), [], MONITOR, WORDS)
    assert (found.level, found.column) == (level, "region = south")
    assert found.what == (
        f"ROC AUC fell to 0.600 (expected 0.750) where region = south ({share:.0%} of the rows)"
    )


@pytest.mark.parametrize(("telling", "level"), [(8, "watch"), (25, "act")])
def test_a_slice_whose_score_rests_on_few_outcomes_wakes_nobody(telling: int, level: str) -> None:
    lost = Loss("roc_auc", 0.6, 0.75, 0.15, 0.05, 0.03, 168, 16, "region = south", 0.3)
    few = replace(lost, telling=telling)
    (found,) = objectives.quality_reasons(replace(FINE, losses=(few,)), [], MONITOR, WORDS)
    assert found.level == level


def test_what_all_rows_lost_is_told_once_with_the_slice_that_is_worst() -> None:
    whole = Loss("log_loss", 0.7, 0.5, 0.2, 0.1, 0.05, 168, 16)
    south = replace(whole, slice="region = south", share=0.4, now=0.8, loss=0.3)
    north = replace(whole, slice="region = north", share=0.5)
    other = replace(south, metric="roc_auc")
    losing = replace(FINE, losses=(whole, north, south, other))
    first, second = objectives.quality_reasons(losing, [], MONITOR, WORDS)
    assert (first.column, first.likely_cause) == (None, "it is worst where region = south (0.800)")
    assert first.what == "log loss rose to 0.700 (expected 0.500)"
    assert second.column == "region = south"
    # One that has lost as much as all of them is not where it was lost.
    alike = replace(FINE, losses=(whole, north))
    assert objectives.quality_reasons(alike, [], MONITOR, WORDS)[0].likely_cause is None
    assert second.what.endswith("where region = south (40% of the rows)")


def test_a_share_that_fell_asks_first_whether_outcomes_are_lost() -> None:
    lost = Loss(SHARE, 0.0, 0.02, 0.02, 0.017, 0.014, 168, 16, of="cancelled")
    (found,) = objectives.quality_reasons(replace(FINE, losses=(lost,)), [], MONITOR, MANY)
    assert (found.level, found.stage) == ("act", "quality")
    assert found.what == "the share of 'cancelled' fell to 0.0% (predicted 2.0%)"
    assert found.next_step == (
        "Check first whether outcomes are lost or renamed. "
        "Train again on the rows up to now, and have the challenger reviewed."
    )
    assert found.unit == "of outcomes (below the predicted share)"
    assert found.baseline == "in 16 spans of 7 days of the model's history it was at most 1.4%"
    rose = replace(lost, now=0.1, loss=0.08, of="")
    (found,) = objectives.quality_reasons(replace(FINE, losses=(rose,)), [], MONITOR, WORDS)
    assert found.what == "the share of true outcomes rose to 10.0% (predicted 2.0%)"
    assert found.next_step.startswith("Train again")


def test_a_bias_and_a_share_of_the_same_class_are_one_reason() -> None:
    biased = Loss("bias", 0.3, 0.02, 0.28, 0.1, 0.05, 168, 16, of="late")
    late, lost = replace(biased, metric=SHARE), replace(biased, metric=SHARE, of="on time")
    losing = replace(FINE, losses=(biased, late, lost))
    found = objectives.quality_reasons(losing, [], MONITOR, MANY)
    assert [reason.what.split(" rose")[0] for reason in found] == [
        "the share of 'late'",
        "the share of 'on time'",
    ]


def test_outcomes_that_are_due_and_do_not_come_are_watched() -> None:
    silent = replace(FINE, state="none came", received=0)
    (found,) = objectives.quality_reasons(silent, [], MONITOR, WORDS)
    assert (found.level, found.what) == (
        "watch",
        "none of the 500 outcomes that are due has arrived",
    )
    assert objectives.quality_reasons(replace(silent, due=50), [], MONITOR, WORDS) == []
    for state in ("not due", "unscored", "no outcomes in the file", "too few", "one class"):
        assert objectives.quality_reasons(replace(FINE, state=state), [], MONITOR, WORDS) == []


def test_a_service_that_fails_is_acted_upon_and_one_that_refuses_watched() -> None:
    assert objectives.service_reasons(None, MONITOR) == []
    assert objectives.service_reasons(CALM, MONITOR) == []
    sick = replace(CALM, errors=20, rejected=100)
    found = objectives.service_reasons(sick, MONITOR)
    assert [(r.level, r.what, r.number) for r in found] == [
        ("act", "the service failed 20 of 1,000 requests", 0.02),
        ("watch", "the service refused 100 of 1,000 requests", 0.1),
    ]


def test_requests_whose_rows_are_a_reason_of_their_own_are_not_named_twice() -> None:
    sick = replace(CALM, rejected=100, kinds=(("bad_row", 60),), refused_rows=1_000)
    (found,) = objectives.service_reasons(sick, Monitor(rejected_share=0.03))
    assert found.what == "the service refused 40 of 1,000 requests"
    assert objectives.service_reasons(sick, MONITOR) == []


def test_a_service_that_is_slower_than_its_objective_is_watched() -> None:
    (found,) = objectives.service_reasons(replace(CALM, p99_ms=80.0), MONITOR)
    assert (found.level, found.number, found.threshold) == ("watch", 80.0, 50)
    assert objectives.service_reasons(replace(CALM, p99_ms=80.0), Monitor()) == []


def test_silence_and_rows_on_disk_are_watched_where_the_settings_set_a_limit() -> None:
    uneven = replace(CALM, silent_minutes=31, spool_rows=12)
    assert objectives.service_reasons(uneven, MONITOR) == []
    found = objectives.service_reasons(uneven, Monitor(silent_minutes=30, spooled_rows=0))
    assert [(reason.number, reason.threshold, reason.unit) for reason in found] == [
        (31, 30, "minutes"),
        (12, 0, "rows"),
    ]
    assert objectives.service_reasons(CALM, Monitor(silent_minutes=30, spooled_rows=0)) == []


def test_a_few_failed_requests_are_accidents_whatever_their_share() -> None:
    few = replace(CALM, requests=8, errors=4, rejected=4)
    assert objectives.service_reasons(few, MONITOR) == []
