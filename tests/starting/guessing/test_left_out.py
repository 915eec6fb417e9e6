"""Columns that can be no features are left out, each with its reason."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from shared.starting.guessing import left_out
from shared.starting.guessing.targets import Target
from tests.starting.looks import loans, look

TARGET = Target("late", "binary", "")


def reasons(*taken: str, **columns: Any) -> dict[str, str]:
    found = look("loan applied late", **loans(**columns))
    return left_out.reasons_left_out(found, TARGET, {"loan", "applied", "late", *taken})


def test_a_number_and_a_category_are_left_in() -> None:
    assert reasons(region=["north", "south"] * 50) == {}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["DE"] * 100, "it is the same in all rows looked at"),
        (pa.nulls(100, pa.string()), "it has no value in the rows looked at"),
        ([f"text {row}" for row in range(100)], "an id: no value comes twice"),
        ([[row] for row in range(100)], "it holds list<item: int64>, which no feature can be"),
        (
            [timedelta(seconds=row) for row in range(100)],
            "it holds duration[us], which no feature can be: make it a number, such as its "
            "seconds, in the table or in source.py",
        ),
        *(
            ([f"{first}{last}" for last in lasts] * 25, left_out.FURTHER_TIME)
            for first, lasts in (
                ("2024-", ("01", "02", "11", "12")),
                ("20240", "1234"),
                ("2024-Q", "1234"),
                ("2024-W1", "0123"),
            )
        ),
        ([b"x", b"y"] * 50, "it holds binary, which no feature can be"),
    ],
)
def test_values_of_which_nothing_is_learnt_are_left_out(values: Any, reason: str) -> None:
    assert reasons(other=values) == {"other": reason}


def test_what_is_filled_at_times_and_else_the_same_is_left_in() -> None:
    assert reasons(guarantee=["house", None, None, "house"] * 25) == {}


@pytest.mark.parametrize("form", ["{:,.2f}", "$ {:.2f}", "{:.1f}%", "{:.0f} €"])
def test_numbers_that_are_written_for_people_are_named_as_such(form: str) -> None:
    paid = [form.format(1_000 + 7 * row) for row in range(100)]
    assert reasons(paid=paid) == {
        "paid": f"numbers that are written for people, such as {paid[0]!r}: make them numbers in "
        "the table or in source.py"
    }


def test_codes_of_digits_are_no_numbers_that_are_written_for_people() -> None:
    assert reasons(area=[f"{row % 60:03}" for row in range(100)]) == {}


def test_many_whole_numbers_are_an_id_only_where_their_name_says_so() -> None:
    many = [row % 60 for row in range(100)]
    nearly_all = [7, *(row * 7 % 100 for row in range(1, 100))]
    assert reasons(
        amount=many, customer_id=many, guid=[row % 40 for row in range(100)], room_no=many,
        order_no=nearly_all, paid=nearly_all,
    ) == {
        "customer_id": "an id (60 different values), which would be learnt by heart",
        "order_no": "an id (99 different values), which would be learnt by heart",
    }  # fmt: skip


def test_whole_numbers_that_only_rise_number_the_rows_whatever_their_name() -> None:
    rising, once = [3 * row for row in range(100)], [3 * (row * 7 % 100) for row in range(100)]
    found = look("loan applied late rownames paid", **loans(rownames=rising, paid=once))
    made = left_out.reasons_left_out(found, TARGET, {"loan", "applied", "late"})
    assert made == {"rownames": left_out.ROW_NUMBERS}


def test_many_whole_numbers_that_no_model_tells_apart_are_an_id() -> None:
    rows = range(2_000)
    found = look(
        "loan late",
        loan=[f"L{row}" for row in rows],
        late=[row % 3 == 0 for row in rows],
        paid=[row * 7 % 1_999 for row in rows],
        bought=[2**60 + row * 7 % 1_999 for row in rows],
    )
    assert left_out.reasons_left_out(found, TARGET, {"loan", "late"}) == {
        "bought": "an id (1,999 different values): a model computes with fewer digits"
    }


def test_another_time_is_left_out_and_a_day_of_birth_by_a_reason_of_its_own() -> None:
    times = loans()["applied"]
    found = look("loan applied late closed born", **loans(closed=times, born=times))
    made = left_out.reasons_left_out(found, TARGET, {"loan", "applied", "late"})
    assert made["closed"].startswith("a further time: ")
    assert made["born"].startswith("a day of birth: ")


def test_names_that_differ_only_in_case_and_names_of_the_log_are_left_out() -> None:
    some = [1, 2, 3, 4] * 25
    assert reasons(Age=some, probability=some) == {
        "Age": "its name differs only in case from age: rename it",
        "probability": "the prediction log has a column of its own of this name: rename it",
    }


def test_what_is_known_only_with_the_outcome_is_left_out() -> None:
    late = [row % 3 == 0 if row < 60 else None for row in range(100)]
    paid = [row * 7 % 5 if row < 60 else None for row in range(100)]
    assert reasons(late=late, paid=paid) == {"paid": "it is filled only where the outcome is known"}
    assert "fine" in reasons(fine=[0.5 if row % 3 == 0 else 0.25 for row in range(100)])
