import ast

import numpy as np
from sklearn.linear_model import LogisticRegression

from shared.model.answer import predictions, true_probabilities
from tests.test_house import SOURCES

ASKING = {"predict", "predict_proba", "predict_log_proba", "decision_function"}


def test_a_model_s_answers_are_probabilities_of_true() -> None:
    inputs = np.array([[-1.0], [0.0], [1.0]])
    model = LogisticRegression().fit(inputs, [0, 1, 1])
    found = true_probabilities(model, inputs)
    assert np.array_equal(found, model.predict_proba(inputs)[:, 1])
    assert (found.dtype, found.shape) == (np.dtype("float64"), (3,))
    assert found[0] < found[1] < found[2]


def test_no_rows_are_not_asked_of_a_model() -> None:
    assert true_probabilities(None, np.empty((0, 2))).shape == (0,)


def test_a_prediction_is_true_from_the_threshold_on() -> None:
    assert predictions(np.array([0.4, 0.5, 0.6, np.nan]), 0.5).tolist() == [
        False,
        True,
        True,
        False,
    ]


def test_nothing_but_this_module_asks_a_model() -> None:
    asking = {
        (path, ast.unparse(node.value))
        for path, text in SOURCES.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in ASKING
    }
    # A server, which is asked over HTTP, is no model.
    assert {path for path, asked in asking if asked != "server"} == {"shared/model/answer.py"}
