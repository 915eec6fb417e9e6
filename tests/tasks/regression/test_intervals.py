"""Intervals: they hold what they are to on rows of their own kind, however rows come."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from shared.errors import Refusal
from shared.sections.answers import Interval
from shared.tasks.binary.binary_task import Threshold
from shared.tasks.choice import AnyRule
from shared.tasks.multiclass.multiclass_rules import MostProbable
from shared.tasks.regression.intervals import GroupReach, Intervals, Reach, conformal, groups
from shared.tasks.regression.regression_task import Point

ERRORS = {
    "normal": lambda rng, size: rng.normal(size=size),
    "skewed": lambda rng, size: rng.exponential(size=size) ** 2,
    "discrete": lambda rng, size: rng.integers(-3, 4, size).astype(float),
}
GROUPED = Intervals(
    coverage=0.9,
    overall=Reach(edges=(50.0,), below=(-1, -20), above=(1, 30)),
    by=("dest", "size"),
    groups=(
        GroupReach(values=("JFK", "2.0"), below=(-5,), above=(7,), rows=60),
        GroupReach(values=(None, "3.0"), below=(-2,), above=(2,), rows=60),
    ),
)


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("rows", [19, 40, 500])
def test_coverage_is_what_was_asked_whatever_the_errors_and_the_rows(kind: str, rows: int) -> None:
    rng, held = np.random.default_rng(0), []
    for _ in range(400):
        known, new = ERRORS[kind](rng, rows), ERRORS[kind](rng, 200)
        rule = conformal(rng.normal(size=rows), known, {}, Interval(coverage=0.9))
        prediction = rng.normal(size=200)
        low, high = rule.ends(prediction, {})
        outcome = prediction + new
        held.append(np.mean((low <= outcome + 1e-9) & (outcome <= high + 1e-9)))
    assert np.mean(held) >= 0.9 - 0.01
    if kind != "discrete":
        assert np.mean(held) <= 0.9 + 2 / (min(rows, 200) + 1) + 0.01


def test_nineteen_rows_give_their_ends_at_nine_in_ten_and_eighteen_none() -> None:
    residuals = np.arange(19.0)
    rule = conformal(residuals, residuals, {}, Interval(coverage=0.9))
    assert rule.overall == Reach(below=(0,), above=(18,))
    with pytest.raises(Refusal, match=r"^18 validation rows are too few for intervals with a cov"):
        conformal(residuals[1:], residuals[1:], {}, Interval(coverage=0.9))


def test_a_group_has_its_own_interval_and_one_with_few_rows_that_of_all() -> None:
    rng = np.random.default_rng(0)
    dest = np.repeat(["near", "far", "rare"], [500, 500, 20])
    residuals = rng.normal(size=1020) * np.repeat([1, 10, 1], [500, 500, 20])
    rule = conformal(np.zeros(1020), residuals, {"dest": dest}, Interval(by=("dest",)))
    assert {group.values: group.rows for group in rule.groups} == {("near",): 500, ("far",): 500}
    rows = {"dest": ["near", "far", "rare", "new", None]}
    low, high = rule.ends(np.zeros(5), rows)
    width = high - low
    assert width[0] == pytest.approx(3.3, abs=0.5)
    assert width[1] == pytest.approx(33, abs=5)
    overall = rule.overall.ends(np.zeros(3))
    assert width[2:].tolist() == (overall[1] - overall[0]).tolist()


def test_intervals_are_as_wide_as_errors_were_of_such_predictions() -> None:
    rng = np.random.default_rng(0)
    prediction = rng.uniform(0, 10, 4_000)
    residual = prediction * rng.normal(size=4_000)
    rule = conformal(prediction, residual, {}, Interval(coverage=0.9))
    assert len(rule.overall.edges) == 9
    new = rng.uniform(0, 10, 20_000)
    outcome, (low, high) = new + new * rng.normal(size=20_000), rule.ends(new, {})
    inside = (low <= outcome) & (outcome <= high)
    for start in range(10):
        part = (new >= start) & (new < start + 1)
        assert inside[part].mean() == pytest.approx(0.9, abs=0.05)
    few = conformal(prediction[:399], residual[:399], {}, Interval(coverage=0.9))
    assert few.overall.edges == ()


def test_predictions_that_are_one_number_have_one_interval() -> None:
    residual = np.random.default_rng(0).normal(size=4_000)
    rule = conformal(np.full(4_000, 7.0), residual, {}, Interval(coverage=0.9))
    low, high = rule.ends(np.array([6.0, 7.0, 8.0]), {})
    assert (high - low).tolist() == pytest.approx([(high - low)[0]] * 3)


def test_a_row_of_no_known_group_has_the_interval_of_its_prediction() -> None:
    low, high = GROUPED.ends(np.array([10.0, 50.0]), {"dest": ["LAX", "LAX"], "size": [9, 9]})
    assert (low.tolist(), high.tolist()) == ([9, 30], [11, 80])


@pytest.mark.parametrize(
    "rows",
    [
        {"dest": ["JFK", None, "JFK"], "size": [2, 3, 3]},
        pd.DataFrame({"dest": ["JFK", np.nan, "JFK"], "size": [2, 3, 3]}),
        pd.DataFrame({"dest": pd.Categorical(["JFK", None, "JFK"]), "size": [2.0, 3, 3]}),
        pa.table({"dest": ["JFK", None, "JFK"], "size": [2, 3, 3]}),
        pa.table({"dest": pa.array(["JFK", None, "JFK"]).dictionary_encode(), "size": [2.0, 3, 3]}),
    ],
)
def test_the_group_of_a_row_is_the_same_however_rows_come(rows) -> None:
    low, high = GROUPED.ends(np.array([10.0, 10.0, np.nan]), rows)
    np.testing.assert_equal(low, [5, 8, np.nan])
    np.testing.assert_equal(high, [17, 12, np.nan])


def test_values_alike_are_one_text() -> None:
    written = [*groups({"a": [True, 1, 1.0, -0.0, 0, False, np.nan, None, "x"]}, ["a"])]
    assert [value for (value,) in written] == [*["1.0"] * 3, *["0.0"] * 3, None, None, "x"]


def test_rules_are_told_apart_by_what_is_written_of_them() -> None:
    adapter = TypeAdapter[AnyRule](AnyRule)
    for rule in (GROUPED, Point(), Threshold(threshold=0.4), MostProbable()):
        assert adapter.validate_json(rule.model_dump_json()) == rule
