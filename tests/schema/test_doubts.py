"""What is told of a table's values, and refused for nothing."""

import pyarrow as pa
import pytest

from shared.schema.doubts import finer_than_kept, mostly_numbers


def test_the_text_that_makes_texts_of_numbers_is_told(settings) -> None:
    read = pa.chunked_array([["1", "2.5", "none", "1", None]])
    assert mostly_numbers("score", read, settings) == (
        "score is no number, as 'none' is none, but 75% of its values are: [contract] score = "
        '{ type = "number" } says that it is one, [csv] missing which texts stand for no value, '
        'and { type = "category" } that these are codes'
    )
    # What is no CSV file has its gaps itself.
    assert mostly_numbers("score", read, settings, of_cells=False) == (
        "score is no number, as 'none' is none, but 75% of its values are: [contract] score = "
        '{ type = "number" } says that it is one, what is none is to be missing in the source, '
        'and { type = "category" } that these are codes'
    )


@pytest.mark.parametrize("form", ["{:,.2f}", "{}%", "€{}", " {} ", "{} €", "{} kg", "EUR {:,}"])
def test_a_column_of_numbers_that_are_written_for_people_is_told(settings, form: str) -> None:
    texts = [form.format(1_000 + at / 4) for at in range(60)]
    told = mostly_numbers("amount", pa.chunked_array([texts]), settings)
    assert told == (
        f"amount is no number, as {texts[0]!r} is written for people: say how they are written, "
        "[csv] decimal or thousands, or make numbers of them in the source; [contract] amount = "
        '{ type = "category" } says that these are codes'
    )
    assert mostly_numbers("amount", pa.chunked_array([texts]), settings, of_cells=False) == (
        f"amount is no number, as {texts[0]!r} is written for people: make numbers of them in the "
        'source; [contract] amount = { type = "category" } says that these are codes'
    )
    # Few are sizes, or groups.
    assert mostly_numbers("amount", pa.chunked_array([texts[:50]]), settings) == ""


def test_nothing_is_told_of_codes_of_texts_and_of_numbers_alone(settings) -> None:
    for texts in (["01", "2", "x"], ["a", "b", "1"], ["1", "2"], [None]):
        assert not mostly_numbers("score", pa.chunked_array([texts], pa.string()), settings)


def test_times_are_told_whose_digits_are_cut() -> None:
    texts = pa.chunked_array([["2024-05-01", "2024-05-01T10:00:30.1234560Z", None]])
    assert finer_than_kept("at", texts) == ""
    finer = pa.chunked_array([*texts.chunks, ["2024-05-01T10:00:30.123456001Z"]])
    told = "at: digits of a second beyond six, which are cut, in 1 row (25.0%), such as"
    assert finer_than_kept("at", finer) == f"{told} '2024-05-01T10:00:30.123456001Z'"
    assert finer_than_kept("at", pa.chunked_array([[1_000, 999]], pa.timestamp("ns"))).startswith(
        "at: digits of a second beyond six, which are cut, in 1 row (50.0%), such as 1970-01-01"
    )
