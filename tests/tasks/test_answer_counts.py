"""Counts of each kind of answer: whole numbers that add up, with what is asked of all of them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.kinds import Kind
from shared.schema import arrow
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.choice import answer_counts
from shared.tasks.multiclass.classes import column_names
from shared.tasks.regression.prediction_bins import plan_answers

CLASSES = ("dry", "rain", "snow")
ROWS = 900
KINDS: tuple[Kind, ...] = ("binary", "multiclass", "regression")


def answered(kind: Kind) -> tuple[AnswerCounts, pa.Table]:
    """Return what counts a kind's answers, and rows of which every fifth has no outcome."""
    rng = np.random.default_rng(0)
    if kind == "regression":
        frame = pd.DataFrame({"prediction": rng.gamma(2, 10, ROWS)})
        frame["outcome"] = frame["prediction"] + rng.normal(0, 3, ROWS)
        plan = plan_answers(arrow.table(frame), "outcome", None)
    elif kind == "multiclass":
        chances = rng.dirichlet([1] * 3, ROWS)
        frame = pd.DataFrame(chances, columns=list(column_names(CLASSES)))
        frame["prediction"] = np.array(CLASSES)[chances.argmax(axis=1)]
        frame["outcome"] = [str(rng.choice(CLASSES, p=p)) for p in chances]
        plan = AnswerPlan(kind=kind, classes=CLASSES)
    else:
        frame = pd.DataFrame({"probability": rng.random(ROWS)})
        frame["outcome"] = (rng.random(ROWS) < frame["probability"]).astype("float64")
        plan = AnswerPlan()
    frame.loc[::5, "outcome"] = None
    return answer_counts(plan), arrow.table(frame)


def counted(counter: AnswerCounts, table: pa.Table) -> np.ndarray:
    places = counter.places(table)
    return np.bincount(places[places >= 0], minlength=np.prod(counter.shape)).reshape(counter.shape)


@pytest.mark.parametrize("kind", KINDS)
def test_counts_of_parts_add_up_to_the_counts_of_all(kind: Kind) -> None:
    counter, table = answered(kind)
    whole = counted(counter, table)
    parts = sum(counted(counter, table.slice(at, 200)) for at in range(0, ROWS, 200))
    np.testing.assert_array_equal(parts, whole)
    assert counter.answered(whole) == ROWS
    assert counter.received(whole) == ROWS * 4 // 5


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_scored_once_outcomes_differ(kind: Kind) -> None:
    counter, table = answered(kind)
    whole, none = counted(counter, table), counted(counter, table.drop(["outcome"]))
    assert counter.can_score(whole)
    assert 0 < counter.telling(whole) <= counter.received(whole)
    assert all(np.isfinite(score.value) for score in counter.score(whole, seed=0).values())
    assert counter.bias(whole).rows == counter.received(whole)
    assert not counter.can_score(none)
    assert counter.answered(none) == ROWS
    assert counter.received(none) == counter.telling(none) == 0
