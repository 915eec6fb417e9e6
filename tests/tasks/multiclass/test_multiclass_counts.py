"""Counts of several classes: they add up, and give each metric nearly as the rows do."""

from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.kinds import METRICS
from shared.monitoring.outcomes import challengers
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import CountingPlan
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.answer_counts import PlacePairs
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.metrics import Score
from shared.tasks.multiclass import multiclass_metrics
from shared.tasks.multiclass.classes import column_names
from shared.tasks.multiclass.multiclass_counts import MulticlassCounts
from shared.tasks.multiclass.multiclass_rules import MostProbable
from shared.tasks.multiclass.multiclass_task import Multiclass

SIZES = (3, 4, 12, 50)


def names_of(classes: int) -> tuple[str, ...]:
    return tuple(f"class {code:02}" for code in range(classes))


def sampled(
    classes: int, rows: int = 20_000, sharpness: float = 2.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return codes and the probabilities that they come from; the last classes are rare."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, sharpness, (rows, classes)) - 3 * np.linspace(0, 1, classes)
    chances = np.exp(odds)
    chances /= chances.sum(axis=1, keepdims=True)
    target = (rng.random(rows)[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
    return np.minimum(target, classes - 1), chances


def table_of(
    classes: int, chances: np.ndarray, target: np.ndarray | None = None, answered: object = None
) -> pa.Table:
    columns = dict(zip(column_names(names_of(classes)), chances.T, strict=True))
    labels = np.array([*names_of(classes), None, "never seen"], dtype=object)
    outcome = {} if target is None else {"outcome": labels[target]}
    codes = np.argmax(chances, axis=1) if answered is None else answered
    return arrow.table(pd.DataFrame({**columns, "prediction": labels[codes], **outcome}))


def counted(classes: int, table: pa.Table) -> np.ndarray:
    counter = MulticlassCounts(names_of(classes))
    places = counter.places(table)
    return np.bincount(places[places >= 0], minlength=counter.shape[0])


def of_rows(
    classes: int, target: np.ndarray, measured: np.ndarray, resamples: int = 2
) -> dict[str, Score]:
    measure = partial(multiclass_metrics.measure, classes=classes)
    return dict(metrics.score(measure, target, measured, resamples=resamples))


@pytest.mark.parametrize("classes", SIZES)
@pytest.mark.parametrize("sharpness", [0.5, 2.0, 5.0])
def test_counts_give_each_metric_within_a_hundredth(classes: int, sharpness: float) -> None:
    target, chances = sampled(classes, sharpness=sharpness)
    # Wrong where it is sure, as models are.
    target = np.where(np.arange(len(target)) % 10, target, 0)
    found = MulticlassCounts(names_of(classes)).score(
        counted(classes, table_of(classes, chances, target)), 0
    )
    expected = of_rows(classes, target, chances)
    assert {*found} == {*METRICS["multiclass"]}
    for name, score in found.items():
        loose = {"abs": 0.005} if name == "calibration_error" else {"rel": 0.01}
        assert score.value == pytest.approx(expected[name].value, **loose), name


def test_counts_have_the_intervals_of_rows() -> None:
    target, chances = sampled(4, 4_000)
    expected = of_rows(4, target, chances, metrics.RESAMPLES)
    for name, score in (
        MulticlassCounts(names_of(4)).score(counted(4, table_of(4, chances, target)), 0).items()
    ):
        if name not in ("macro_roc_auc", "weighted_roc_auc"):
            assert score.error == pytest.approx(expected[name].error, rel=0.3), name


def test_counts_of_two_tables_add_up_to_those_of_both() -> None:
    target, chances = sampled(5, 100)
    table = table_of(5, chances, target)
    both = counted(5, table.slice(0, 40)) + counted(5, table.slice(40))
    assert both.tolist() == counted(5, table).tolist()


def test_a_counter_counts_each_row_once_in_each_section() -> None:
    target, chances = sampled(3, 60)
    plan = AnswerPlan(kind="multiclass", classes=names_of(3))
    whole = CountingPlan(columns=(), dependences=(), key="key", time="time", answers=plan)
    table = table_of(3, chances, target)
    found = Counter(whole).count(table).counts["answers"]
    assert found.tolist() == counted(3, table).tolist()


def test_decisions_by_costs_are_counted_as_they_were_answered() -> None:
    target, chances = sampled(3, 2_000)
    answered = np.argsort(chances, axis=1)[:, -2]
    counts = counted(3, table_of(3, chances, target, answered))
    found = MulticlassCounts(names_of(3)).score(counts, 0)
    expected = of_rows(3, target, np.column_stack([chances, answered]))
    for name in ("accuracy", "macro_f1", "top_2_accuracy"):
        assert found[name].value == pytest.approx(expected[name].value)


def test_rows_without_an_outcome_or_of_an_unknown_class_are_told_apart() -> None:
    target, chances = sampled(3, 1_000)
    target = target.copy()
    target[:300], target[300:310] = 3, 4
    counter, counts = MulticlassCounts(names_of(3)), counted(3, table_of(3, chances, target))
    assert (counter.answered(counts), counter.received(counts)) == (1_000, 700)
    assert counter.can_score(counts)
    known = np.bincount(target[target < 3], minlength=3)
    assert counter.telling(counts) == 700 - max(*known, 10)
    words = "10 outcomes are of a class that the model does not know"
    assert counter.note(counts, {}) == f"{words}."
    assert counter.note(counts, {"fog": 9, "hail": 1}) == f"{words}: 'fog' (9), 'hail' (1)."
    known = counted(3, table_of(3, chances, np.zeros(1_000, dtype=int)))
    assert counter.note(known, {}) is None
    expected = of_rows(3, np.where(target == 4, -1, target)[300:], chances[300:])
    found = counter.score(counts, 0)
    for name in ("log_loss", "accuracy", "weighted_f1", "brier", "macro_roc_auc"):
        assert found[name].value == pytest.approx(expected[name].value, rel=0.01)


def test_outcomes_of_one_class_or_of_none_have_no_score() -> None:
    _, chances = sampled(3, 10)
    counter = MulticlassCounts(names_of(3))
    alike = counted(3, table_of(3, chances, np.zeros(10, int)))
    assert (counter.received(alike), counter.can_score(alike)) == (10, False)
    unlabelled = counted(3, table_of(3, chances))
    assert (counter.answered(unlabelled), counter.received(unlabelled)) == (10, 0)
    assert not counter.can_score(unlabelled)
    assert np.isnan([score.value for score in counter.score(unlabelled, 0).values()]).all()


def test_a_row_without_one_of_the_probabilities_counts_nowhere() -> None:
    _, chances = sampled(3, 10)
    chances[4, 1] = np.nan
    table = table_of(3, chances)
    counter = MulticlassCounts(names_of(3))
    assert (counter.places(table)[:, 4] == -1).all()
    assert counter.answered(counted(3, table)) == 9
    name = column_names(names_of(3))[0]
    assert counter.places(table.drop_columns([name])).tolist() == [[-1] * 10]


def test_the_bias_of_counts_is_that_of_rows_and_names_its_class() -> None:
    target, chances = sampled(4, 5_000)
    moved = np.where((target == 1) & (np.arange(len(target)) % 2 == 0), 2, target)
    by_counts = MulticlassCounts(names_of(4)).bias(counted(4, table_of(4, chances, moved)))
    by_rows = Multiclass(names_of(4)).bias(moved, chances)
    assert by_counts.of == by_rows.of
    assert by_counts.of in ("class 01", "class 02")
    assert by_counts[:2] == pytest.approx(by_rows[:2], abs=0.002)
    assert by_counts.error == pytest.approx(by_rows.error, rel=0.02)


def test_the_shares_of_counts_are_those_of_rows_and_unknown_classes_have_none() -> None:
    target, chances = sampled(4, 5_000)
    strange = np.where(np.arange(5_000) < 50, 5, target)
    found = MulticlassCounts(names_of(4)).shares(counted(4, table_of(4, chances, strange)))
    exact = Multiclass(names_of(4)).shares(np.where(strange == 5, -1, strange), chances)
    assert [*found] == [*exact] == [*names_of(4)]
    for name, share in found.items():
        assert share.observed == exact[name].observed
        assert share.expected == pytest.approx(exact[name].expected, rel=0.01)


@pytest.mark.parametrize("classes", [4, 12])
def test_the_estimate_is_close_to_the_scores_where_probabilities_are_calibrated(
    classes: int,
) -> None:
    held, chances = sampled(classes)
    diagnostics = Multiclass(names_of(classes)).diagnose(held, chances, MostProbable())
    target, chances = sampled(classes, sharpness=1.5, seed=1)
    counter = MulticlassCounts(names_of(classes))
    found = counter.estimate(counted(classes, table_of(classes, chances)), diagnostics, 0)
    expected = of_rows(classes, target, chances)
    for name in (
        *("log_loss", "accuracy", "weighted_f1", "macro_roc_auc", "weighted_roc_auc", "brier"),
    ):
        assert found[name].value == pytest.approx(expected[name].value, rel=0.05), name


def test_nothing_is_estimated_of_no_rows_or_of_other_classes() -> None:
    held, chances = sampled(4, 500)
    diagnostics = Multiclass(names_of(4)).diagnose(held, chances, MostProbable())
    counter = MulticlassCounts(names_of(4))
    assert counter.estimate(np.zeros(counter.shape, int), diagnostics, 0) == {}
    other = MulticlassCounts(names_of(3))
    counts = counted(3, table_of(3, sampled(3, 500)[1]))
    assert other.estimate(counts, diagnostics, 0) == {}


def pairs_of(
    target: np.ndarray, own: np.ndarray, theirs: np.ndarray, /, **decided: np.ndarray
) -> challengers.Pairs:
    names = column_names(names_of(own.shape[1]))
    labels = np.array([*names_of(own.shape[1]), None, "never seen"], dtype=object)
    frame = pd.DataFrame(
        {
            "challenger": "a" * 64,
            **{f"own {name}": own[:, at] for at, name in enumerate(names)},
            **{f"theirs {name}": theirs[:, at] for at, name in enumerate(names)},
            **{f"{side} prediction": labels[codes] for side, codes in decided.items()},
            "outcome": labels[target],
        }
    )
    return challengers.count(frame, MulticlassCounts(names_of(own.shape[1])))["a" * 64]


def test_two_bundles_are_compared_on_the_rows_that_have_an_outcome() -> None:
    target, own = sampled(4, 3_000)
    theirs = 0.7 * own + 0.3 / 4
    target = target.copy()
    target[:500], target[500:505] = 4, 5
    pairs = pairs_of(target, own, theirs)
    counter = MulticlassCounts(names_of(4))
    places = PlacePairs(*np.divmod(pairs.cells, challengers.PLACES), pairs.counts)
    received, found = counter.compare(places, 0, 10)
    assert received == 2_500
    assert found
    truth = np.where(target == 5, -1, target)[500:]
    measure = partial(multiclass_metrics.measure, classes=4)
    expected = metrics.difference(measure, truth, theirs[500:], own[500:])
    for name in ("log_loss", "accuracy", "macro_f1"):
        assert found.differences[name].value == pytest.approx(expected[name].value, abs=0.002)
    assert found.differences["log_loss"].error == pytest.approx(expected["log_loss"].error, rel=0.2)


def test_two_bundles_are_compared_by_what_each_has_decided() -> None:
    target, chances = sampled(4, 3_000)
    best, careful = np.argmax(chances, axis=1), np.where(chances[:, 0] > 0.1, 0, 1)
    pairs = pairs_of(target, chances, chances, own=best, theirs=careful)
    places = PlacePairs(*np.divmod(pairs.cells, challengers.PLACES), pairs.counts)
    _, found = MulticlassCounts(names_of(4)).compare(places, 0, 10)
    assert found
    for side, codes in ((found.own, best), (found.theirs, careful)):
        assert side["accuracy"].value == pytest.approx(np.mean(codes == target))
    assert found.differences["log_loss"].value == 0
    assert found.differences["accuracy"].high < 0
    # What a bundle decided for is lost, or a class that is not known here: the most probable one.
    pairs = pairs_of(target, chances, chances, own=best, theirs=np.full(3_000, 5))
    _, found = MulticlassCounts(names_of(4)).compare(
        PlacePairs(*np.divmod(pairs.cells, challengers.PLACES), pairs.counts), 0, 10
    )
    assert found
    assert found.differences["accuracy"].value == 0


def test_too_few_outcomes_or_of_one_class_compare_nothing() -> None:
    target, own = sampled(4, 50)
    counter = MulticlassCounts(names_of(4))
    for outcomes, fewest in ((target, 51), (np.zeros(50, int), 1)):
        pairs = pairs_of(outcomes, own, own)
        places = PlacePairs(*np.divmod(pairs.cells, challengers.PLACES), pairs.counts)
        assert counter.compare(places, 0, fewest) == (50, None)
