"""A row that differs is written so that it can be seen how."""

import pytest

from shared.model.comparisons.agreement import DifferentAnswer


@pytest.mark.parametrize(
    ("logged", "model", "written"),
    [
        (0.25, 0.75, ("0.25", "0.75")),
        (0.25, 0.25000003, ("0.25", "0.25000003")),
        (1234567.0, 1234568.0, ("1234567", "1234568")),
        (None, 0.5, ("nothing", "0.5")),
        (True, False, ("True", "False")),
        ("late", "paid", ("late", "paid")),
    ],
)
def test_values_have_the_digits_that_tell_them_apart(logged, model, written) -> None:
    one = DifferentAnswer(key="L1", time=None, column="p", logged=logged, model=model)
    assert one.written == written


def test_a_row_is_said_by_its_key_where_it_has_one() -> None:
    one = DifferentAnswer(key="L1", time=None, column="probability", logged=0.5, model=0.25)
    assert one.words == "L1 has probability 0.5, and the model gives 0.25"
    assert one.model_copy(update={"key": None}).words.startswith("one has probability 0.5")
