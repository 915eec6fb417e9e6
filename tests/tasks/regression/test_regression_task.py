"""Answers that are numbers: the baseline, the rule, and what is answered by it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.schema.contract import Contract
from shared.sections.answers import Interval
from shared.tasks.choice import answer_counts, task_of
from shared.tasks.regression.intervals import Intervals, Reach
from shared.tasks.regression.regression_counts import RegressionCounts
from shared.tasks.regression.regression_task import Point, Regression

ROWS = pd.DataFrame({"region": ["a", "b", "a"]})
RULE = Intervals(coverage=0.9, overall=Reach(below=(-1,), above=(2,)))


class Fixed:
    """A model that predicts what it was made with."""

    def __init__(self, predicted: object) -> None:
        self.predict = lambda rows: np.array(predicted)


def test_a_contract_says_whether_answers_have_intervals() -> None:
    plain = Contract(key="k", time="t", target="y", features=(), columns=(), kind="regression")
    assert task_of(plain) == Regression()
    task = task_of(plain.model_copy(update={"interval": 0.8}))
    assert task == Regression(0.8)
    assert [column.name for column, _ in task.columns] == ["prediction", "low", "high"]
    assert task.judged == ("mae", "rmse", "correlation", "coverage")
    assert task.judged_in_slices == ("mae", "rmse", "coverage")
    empty = pa.table({"prediction": pa.array([], pa.float64())})
    assert isinstance(answer_counts(task.plan_answers(empty, "y")), RegressionCounts)


def test_answers_are_what_the_columns_say() -> None:
    found = Regression(0.9).answers(np.array([1.0, 2.0, np.nan]), RULE, ROWS)
    assert [*found] == ["prediction", "low", "high"]
    np.testing.assert_equal(found["low"], [0, 1, np.nan])
    np.testing.assert_equal(found["high"], [3, 4, np.nan])
    assert [*Regression().answers(np.ones(3), Point(), ROWS)] == ["prediction"]


def test_a_rule_without_intervals_leaves_them_missing_where_they_are_asked_for() -> None:
    found = Regression(0.9).answers(np.ones(3), Point(), ROWS)
    assert np.isnan([found["low"], found["high"]]).all()
    assert Regression(0.9).measured(np.ones(3), Point(), ROWS).shape == (3,)
    assert Regression(0.9).measured(np.ones(3), RULE, ROWS).tolist() == [[1, 0, 3]] * 3


def test_a_prediction_that_is_not_finite_is_missing_and_a_column_of_them_is_flat() -> None:
    found = Regression().scores(Fixed([[1], [np.inf], [np.nan]]), ROWS)
    np.testing.assert_equal(found, [1, np.nan, np.nan])
    assert found.dtype == np.float64
    assert Regression().scores(None, ROWS[:0]).shape == (0,)


def test_a_model_with_two_targets_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="the model gives 6 numbers for 3 rows"):
        Regression().scores(Fixed(np.ones((3, 2))), ROWS)


@pytest.mark.parametrize(
    ("narrow", "value"), [("uint8", 200), ("float16", 60_000.0), ("Int64", 3), ("boolean", True)]
)
def test_targets_are_learnt_in_double_precision(narrow: str, value: object) -> None:
    encoded = Regression().encode(pd.Series([value, value], dtype=narrow))
    assert encoded.dtype == np.float64
    assert np.abs(encoded - 2 * encoded).max() == float(encoded[0])


def test_a_part_needs_rows_finite_values_and_two_that_differ() -> None:
    task = Regression()
    fault = task.split_fault(pd.Series([], dtype="float64", name="late"))
    assert fault == "0 values of 'late'; two are needed"
    assert task.split_fault(pd.Series([1.0, 1.0], name="late")) == (
        "1 value of 'late'; two are needed"
    )
    infinite = pd.Series([1.0, np.inf], name="late")
    assert task.split_fault(infinite) == "infinite values of 'late'"
    assert task.split_fault(pd.Series([1.0, 2.0], name="late")) is None


def test_the_baseline_is_the_groups_median_and_small_or_unseen_groups_get_the_overall(settings):
    train = pd.DataFrame(
        {
            "region": ["a"] * 100 + ["b"] * 100 + ["c"] * 19 + [None] * 30,
            "defaulted": [1.0] * 100 + [5.0] * 100 + [90.0] * 19 + [7.0] * 30,
        }
    )
    rows = pd.DataFrame({"region": ["a", "b", "c", "d", None]})
    assert Regression().baseline(train, rows, settings).tolist() == [1, 5, 5, 5, 7]
    whole = settings.model_copy(update={"baseline": ()})
    assert Regression().baseline(train, rows, whole).tolist() == [5] * 5


def test_the_baseline_is_a_mean_where_squared_errors_choose(settings):
    rows = pd.DataFrame({"region": ["a"] * 60 + ["b"] * 40, "defaulted": [0.0] * 75 + [8.0] * 25})
    by_squares = settings.model_copy(update={"select_by": "rmse"})
    assert Regression().baseline(rows, rows, by_squares).tolist() == [0] * 60 + [5] * 40
    whole = by_squares.model_copy(update={"baseline": ()})
    assert Regression().baseline(rows, rows[:1], whole).tolist() == [2]


def test_the_rule_has_intervals_where_the_settings_ask_for_them(settings):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"defaulted": rng.normal(size=400), "region": ["a", "b"] * 200})
    assert Regression().choose_rule(rows, np.zeros(400), settings) == Point()
    asked = settings.model_copy(update={"interval": Interval(coverage=0.8, by=("region",))})
    rule = Regression(0.8).choose_rule(rows, np.zeros(400), asked)
    assert isinstance(rule, Intervals)
    assert [group.values for group in rule.groups] == [("a",), ("b",)]
    measured = Regression(0.8).measured(np.zeros(400), rule, rows)
    target, weights = rows["defaulted"].to_numpy(), np.ones((1, 400))
    found = Regression(0.8).measure(target, measured, weights, np.ones(400))
    assert found["coverage"] == pytest.approx([0.81], abs=0.01)


def test_a_model_that_has_no_answer_to_a_row_fails_as_a_candidate(settings):
    rows = pd.DataFrame({"defaulted": [1.0, 2.0]})
    with pytest.raises(Refusal, match="predicts no finite number for 1 of 2 rows"):
        Regression().choose_rule(rows, np.array([1.0, np.nan]), settings)


def test_a_bias_is_the_mean_outcome_and_has_the_error_of_a_mean() -> None:
    target, prediction = np.array([1.0, 3.0, 8.0, 0.0]), np.array([0.0, 2.0, 4.0, 2.0])
    bias = Regression().bias(target, prediction)
    assert (bias.observed, bias.predicted, bias.rows) == (3, 2, 4)
    assert bias.error == pytest.approx((target - prediction).std() / 2)


def test_evidently_gets_the_rows_that_have_both_numbers() -> None:
    frame = pd.DataFrame(
        {"outcome": [1, 2, np.inf, None], "prediction": [1.5, None, 1, 1], "low": 0.0}
    )
    assert Regression().report_frame(frame).to_dict("list") == {"outcome": [1], "prediction": [1.5]}


def test_a_target_is_described_in_numbers() -> None:
    target = pd.Series([1.0, 2.0, 3.0, 4.0])
    assert Regression().span_facts(target) == {"Median": "2.5", "90% within": "1.15 to 3.85"}
    assert Regression().target_facts(target)["mean outcome"] == 2.5
    diagnostics = Regression().diagnose(target.to_numpy(), np.ones(4), Point())
    words = Regression().describe(diagnostics, 4)
    assert words == "with outcomes of 2.5 on average (2.5 median)"
