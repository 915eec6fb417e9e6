"""What a problem is guessed to be by its table: key, time, features, slices and window."""

from datetime import timedelta

import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.starting.guessing import guess
from tests.starting.looks import FIRST, loans, look


def test_a_table_with_a_key_and_a_time_needs_no_source() -> None:
    found = guess.guess_problem(look("loan applied late", **loans()), "late")
    assert (found.key_name, found.time_name, found.features) == ("loan", "applied", ("age",))
    assert (found.target.kind, found.warnings, found.made) == ("binary", (), {})
    assert found.borders
    assert found.borders.shares == pytest.approx((0.6, 0.2, 0.2))


def test_a_key_and_a_time_that_are_lacking_are_made_with_names_that_are_free() -> None:
    rows = loans(row=[1, 2] * 50, Arrived=[1, 2, 3, 4] * 25)
    found = guess.guess_problem(look("late", **rows), "late")
    assert (found.key, found.time, found.borders) == (None, None, None)
    assert found.made == {"key": "row_", "time": "arrived_"}
    assert (found.key_name, found.time_name) == ("row_", "arrived_")


@pytest.mark.parametrize(("other", "chosen"), [("taken", "taken"), ("closed", "date")])
def test_of_a_day_and_a_time_within_it_the_time_is_taken_unless_it_is_a_later_one(
    other: str, chosen: str
) -> None:
    times = loans()["applied"]
    days = [moment.date() for moment in times]
    rows = loans(date=days, **{other: [moment + timedelta(seconds=1) for moment in times]})
    del rows["applied"]
    found = guess.guess_problem(look(f"date {other} loan late age", **rows), "late")
    assert found.time_name == chosen


def test_of_two_keys_the_one_is_taken_that_is_named_as_one() -> None:
    codes = [f"c{row}" for row in range(100)]
    rows = {"code9": codes} | loans(case_id=codes, label=codes)
    assert guess.guess_problem(look("label loan case_id late", **rows), "late").key == "case_id"


def test_whole_numbers_that_are_not_named_as_a_key_are_one_in_a_row_or_beyond_a_model() -> None:
    far = range(2**63, 2**63 + 100)
    apart = range(10**18, 10**18 + 700, 7)
    places = ((range(7, 107), "place"), (far, "place"), (apart, "place"), (range(0, 200, 2), None))
    for values, key in places:
        rows = loans(place=pa.array(values, pa.uint64()))
        assert guess.guess_problem(look("place applied late", **rows), "late").key == key


def test_texts_of_several_words_are_no_key() -> None:
    rows = loans(note=[f"paid {row} of it" for row in range(100)])
    assert guess.guess_problem(look("note applied late", **rows), "late").key is None


def test_the_first_two_categories_of_few_values_are_slices() -> None:
    rows = loans(
        sort=["a", "b"] * 50,
        town=[f"t{row % 11}" for row in range(100)],
        job=["x", "y", "z", "x"] * 25,
        form=["s", "t", "s", "s", "t"] * 20,
    )
    assert guess.guess_problem(look("loan applied late", **rows), "late").slices == ("sort", "job")


def test_outcomes_that_are_missing_at_the_end_come_with_a_delay() -> None:
    late = [row % 3 == 0 if row < 90 else None for row in range(100)]
    found = guess.guess_problem(look("loan applied late", **loans(late=late)), "late")
    assert found.delay_days == 10
    assert found.borders
    assert found.borders.end == FIRST + timedelta(days=100)


def test_a_window_is_longer_than_moments_are_apart() -> None:
    months = [f"2016-{1 + row // 25:02}" for row in range(100)]
    rows = loans(applied=[1, 2] * 50, month=months)
    found = guess.guess_problem(look("loan month late", **rows), "late")
    assert (found.time_name, found.window_days) == ("month", 91)


def test_a_time_with_two_moments_splits_nothing() -> None:
    rows = loans(applied=[FIRST, FIRST + timedelta(days=1)] * 50)
    found = guess.guess_problem(look("loan applied late", **rows), "late")
    assert found.time is None
    assert found.warnings[0] == "applied has fewer than three moments: it cannot split the rows"


def test_warnings_name_what_is_wrong_with_the_split() -> None:
    rows = loans(late=[row % 3 == 0 and row < 80 for row in range(100)])
    rows["bonus"] = [None] * 70 + [1, 2, 3] * 10
    found = guess.guess_problem(look("loan applied late", **rows), "late")
    assert [warning.split()[0] for warning in found.warnings] == ["holdout", "bonus"]


def test_a_table_with_nothing_to_learn_from_is_refused_with_the_reasons() -> None:
    rows = loans(age=[40] * 100)
    with pytest.raises(Refusal, match="can be a feature: age: it is the same in all rows"):
        guess.guess_problem(look("loan applied late", **rows), "late")
    del rows["age"]
    with pytest.raises(Refusal, match="there is none but the target, the key and the time"):
        guess.guess_problem(look("loan applied late", **rows), "late")
