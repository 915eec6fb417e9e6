"""Answers of several classes: codes, decisions, the baseline, and classes that are not there."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression

from shared.settings import Settings
from shared.tasks.multiclass.multiclass_rules import LeastCost, MostProbable
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.task import Task

TASK = Multiclass(("cancelled", "late", "on time"))
ROWS = pd.DataFrame({"distance": [100, 200, 300]})
CHANCES = np.array([[0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [np.nan] * 3])


@pytest.fixture
def given_settings(settings: Settings) -> Settings:
    """Return settings of three classes."""
    return settings.model_copy(update={"kind": "multiclass", "target": "fate"})


def test_it_is_a_task() -> None:
    task: Task = TASK
    assert task.kind == "multiclass"


def test_the_columns_of_an_answer_are_what_is_answered() -> None:
    answered = TASK.answers(CHANCES, MostProbable(), ROWS)
    assert [*answered] == [column.name for column, _ in TASK.columns]
    assert answered["prediction"].tolist() == ["on time", "late", None]
    assert answered["probability"].tolist() == pytest.approx([0.6, 0.5, np.nan], nan_ok=True)
    assert answered["probability_on_time"].tolist()[:2] == [0.6, 0.3]
    assert {*TASK.score_names} | {*TASK.watched_names} | {*TASK.counted_names} == {*answered}


def test_no_rows_have_no_scores_and_no_answers() -> None:
    none = TASK.scores(None, pd.DataFrame())
    assert none.shape == (0, 3)
    answered = TASK.answers(none, LeastCost(costs=((0, 1, 1), (1, 0, 1), (1, 1, 0))), ROWS[:0])
    assert all(len(values) == 0 for values in answered.values())


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["b", "a", "c", "new"], ("a", "b", "c")),
        ([2, 1, 3, 4], ("1", "2", "3")),
        ([2.0, 1.0, 3.0, 4.0], ("1", "2", "3")),
    ],
)
def test_values_become_codes_and_codes_values(
    values: list[object], classes: tuple[str, ...]
) -> None:
    task = Multiclass(classes)
    codes = task.encode(pd.Series(values, index=[5, 6, 7, 8], name="fate"))
    assert codes.tolist() == [1, 0, 2, -1]
    assert codes.dtype == "int64"
    assert codes.index.tolist() == [5, 6, 7, 8]
    assert task.decode(codes).tolist() == [classes[1], classes[0], classes[2], None]


def test_costs_decide_for_the_least_expected_cost(given_settings: Settings) -> None:
    settings = given_settings.model_copy(update={"costs": {"cancelled": {"on time": 50.0}}})
    rule = TASK.choose_rule(ROWS, CHANCES, settings)
    assert rule == LeastCost(costs=((0, 1, 50), (1, 0, 1), (1, 1, 0)))
    answered = TASK.answers(CHANCES, rule, ROWS)
    assert answered["prediction"].tolist() == ["late", "late", None]
    assert answered["probability"].tolist()[:2] == [0.3, 0.5]
    measured = TASK.measured(CHANCES[:2], rule, ROWS)
    assert measured.tolist() == [[0.1, 0.3, 0.6, 1], [0.2, 0.5, 0.3, 1]]
    assert TASK.measured(CHANCES, MostProbable(), ROWS) is CHANCES


def test_a_class_that_training_lacked_has_the_probability_0() -> None:
    model = DummyClassifier(strategy="prior").fit([[0.0]] * 4, np.array([0, 2, 2, 2]))
    assert TASK.scores(model, np.zeros((2, 1))).tolist() == [[0.25, 0, 0.75]] * 2


class Unnormalised:
    """A model whose probabilities do not sum to 1, in another order of classes."""

    classes_ = np.array([2, 0, 1])

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        return np.asfortranarray(np.tile(np.float32([1.0, 0.5, 0.5]), (len(rows), 1)))


def test_scores_sum_to_1_in_the_order_of_the_classes() -> None:
    assert TASK.scores(Unnormalised(), np.zeros((2, 1))).tolist() == [[0.25, 0.25, 0.5]] * 2


def test_importance_is_measured_also_where_rows_lack_a_class() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300)})
    target = np.digitize(rows["a"], [-0.5, 0.5])
    model = LogisticRegression().fit(rows, target)
    few = target < 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = permutation_importance(
            model, rows[few], target[few], scoring=TASK.importance_metric[0], random_state=0
        )
    assert found.importances_mean[0] > 0.1 > found.importances_mean[1]


def test_a_part_needs_two_classes_that_the_contract_lists() -> None:
    fault = TASK.split_fault
    assert fault(pd.Series([0, 2], name="fate")) is None
    assert fault(pd.Series([1, 1], name="fate")) == "1 class of 'fate'; two are needed"
    assert fault(pd.Series([0, 1, -1], name="fate")) == (
        "1 of a class of 'fate' that the contract does not list"
    )


def test_a_class_without_a_row_is_named() -> None:
    assert TASK.span_facts(pd.Series([0, 2, 2, 2])) == {
        "Most frequent": "on time 75.0%",
        "Classes without a row": "late",
    }
    assert TASK.span_facts(pd.Series([0, 1, 2]))["Classes without a row"] == "none"


def test_a_target_can_be_scored_by_two_classes_that_are_known() -> None:
    assert TASK.can_score(np.array([0.0, 1.0, 1.0]))
    assert not TASK.can_score(np.array([1.0, 1.0, -1.0]))


def test_a_target_is_described_by_its_most_frequent_classes() -> None:
    shares = TASK.target_facts(pd.Series(["late", "on time", "on time", "on time"]))
    assert shares == {"share of on time": 0.75, "share of late": 0.25}


def test_the_baseline_decides_by_the_costs(given_settings: Settings) -> None:
    train = pd.DataFrame({"region": ["a"] * 1000, "fate": [0] * 900 + [2] * 100})
    rows = pd.DataFrame({"region": ["a", "a"]})
    costs = {TASK.classes[2]: {TASK.classes[0]: 20.0}}
    careful = given_settings.model_copy(update={"costs": costs})
    shares = TASK.baseline(train, rows, given_settings)
    given = TASK.baseline(train, rows, careful)
    assert given[:, :-1] == pytest.approx(shares)
    assert np.argmax(shares, axis=1).tolist() == [0, 0]
    assert given[:, -1].tolist() == [2, 2]


def test_a_report_has_labels_as_texts() -> None:
    frame = pd.DataFrame({"outcome": ["late"], "prediction": ["on time"], "probability": [0.5]})
    assert TASK.report_frame(frame).to_dict("list") == {
        "outcome": ["late"],
        "prediction": ["on time"],
    }
