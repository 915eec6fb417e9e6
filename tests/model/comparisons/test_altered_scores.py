"""What was done to scores is named where it is what explains them, and else is not guessed."""

import numpy as np
import pytest

from shared.model.comparisons.altered_scores import likely_change

MODEL = np.random.default_rng(0).beta(2, 5, 300)


@pytest.mark.parametrize(
    ("logged", "words"),
    [
        (MODEL.round(3), "they are rounded to 3 decimal places"),
        (MODEL.round(1), "they are rounded to 1 decimal place"),
        (MODEL.round(0), "they are rounded to 0 decimal places"),
        (MODEL.astype("float32").astype("float64"), "they were kept in single precision"),
        (MODEL + 0.25, "0.25 is added to each"),
        (np.clip(MODEL + 0.2, 0, 1), "0.2 is added to each"),
        (MODEL - 0.003, "0.003 is taken from each"),
        (MODEL * 1.1, "each is multiplied by 1.1"),
        (MODEL * 100, "each is multiplied by 100"),
        (1 - MODEL, "each is 1 less the model's"),
        (np.roll(MODEL, 7), "they may be the scores of other rows, in another order"),
        (MODEL**2, "another version of the model may have answered"),
        (np.full(300, 0.5), "another version of the model may have answered"),
        (np.where(np.arange(300) % 4, MODEL.round(2), 0.5), "another version of the model may "),
    ],
)
def test_what_was_done_is_named(logged: np.ndarray, words: str) -> None:
    assert str(likely_change(logged, MODEL)).startswith(words)


def test_a_few_rows_or_none_with_a_number_have_no_cause() -> None:
    assert likely_change(MODEL[:4] + 0.1, MODEL[:4]) is None
    assert likely_change(np.full(300, np.nan), MODEL) is None
    assert likely_change(np.zeros(0), np.zeros(0)) is None


def test_models_that_are_nearly_constant_are_no_other_order() -> None:
    flat = np.full(300, 0.25)
    assert likely_change(MODEL, flat) == "another version of the model may have answered"
