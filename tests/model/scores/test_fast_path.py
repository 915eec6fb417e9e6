"""The short way to a model's trees: what values become, and what is asked where it fails."""

import pickle
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from shared.model.bundle import Bundle
from shared.model.scores.fast_path import Input, model_rows, with_fallback
from shared.model.scores.model_scores import model_scores
from shared.schema import columns
from shared.schema.columns import Columns

ASKED: Columns = {
    "age": [30, None],
    "applied": [None, datetime(1970, 1, 1, 0, 1, tzinfo=UTC)],
    "region": ["west", "south"],
}


def test_values_become_numbers_in_the_order_of_inputs() -> None:
    codes = Input("region", {"south": 1.0, None: 2.0}, unknown=7.0)
    found = model_rows(ASKED, (codes, Input("applied", is_time=True), Input("age")))
    assert np.array_equal(found, [[7, np.nan, 30], [1, 60, np.nan]], equal_nan=True)


def test_another_process_that_is_handed_it_answers_alike(bundle: Bundle) -> None:
    fast = model_scores(bundle).fast
    asked = columns.of_rows(bundle.golden().to_dict("records"), bundle.contract.features)
    received = pickle.loads(pickle.dumps(fast))
    assert np.array_equal(received.scores(bundle.task, asked), fast.scores(bundle.task, asked))


def test_a_shortcut_that_fails_leaves_the_answer_to_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(asked: Columns) -> Any:
        raise IndexError("out of luck")

    answered = with_fallback(failing, lambda asked: np.array(asked["age"][:1]))(ASKED)
    assert answered.tolist() == [30]
    assert "rows are answered by the whole pipeline: IndexError: out of luck" in caplog.text
