"""A column of times is read however it is written, and rows are split where days begin."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from shared.starting.looking import moments
from shared.starting.looking.moments import DAY

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2024-03-31T12:00:00Z", None),
        ("2024-03-31 14:00:00+02:00", None),
        ("31.03.2024 12:00", "%d.%m.%Y %H:%M"),
        ("31.03.24 12:00:00", "%d.%m.%y %H:%M:%S"),
        ("03/31/2024 12:00 PM", "%m/%d/%Y %I:%M %p"),
        ("2024/03/31 12:00", "%Y/%m/%d %H:%M"),
        ("31-Mar-2024 12:00", "%d-%b-%Y %H:%M"),
        ("31 March 2024 12:00:00", "%d %B %Y %H:%M:%S"),
        ("Mar 31, 2024 12:00 PM", "%b %d, %Y %I:%M %p"),
    ],
)
def test_a_text_of_a_time_is_read_by_its_form(text: str, form: str | None) -> None:
    found = moments.read_times("asked", pa.chunked_array([[text, text]]))
    assert found
    assert (found.format, found.also) == (form, None)
    assert found.seconds.tolist() == [NOON.timestamp()] * 2


@pytest.mark.parametrize(
    ("text", "form"),
    [("2024-03", "%Y-%m"), ("03/2024", "%m/%Y"), ("Mar-2024", "%b-%Y"), ("March 2024", "%B %Y")],
)
def test_a_month_is_its_first_day(text: str, form: str) -> None:
    found = moments.read_times("asked", pa.chunked_array([[text, text]]))
    assert found
    assert (found.format, found.is_month) == (form, True)
    assert found.seconds.tolist() == [datetime(2024, 3, 1, tzinfo=UTC).timestamp()] * 2


def test_a_month_of_one_name_in_both_forms_is_no_doubt() -> None:
    found = moments.read_times("asked", pa.chunked_array([["May 7, 2024", "May 8, 2024"]]))
    assert found
    assert (found.format, found.also) == ("%b %d, %Y", None)


@pytest.mark.parametrize("text", ["Model 2024", "may 12", "3-2", "12/24", "1999-2004", "2024-13"])
def test_what_only_looks_like_a_month_is_no_time(text: str) -> None:
    assert moments.read_times("asked", pa.chunked_array([[text, text]])) is None


def test_of_two_forms_that_read_all_the_one_in_order_is_taken_and_the_other_named() -> None:
    found = moments.read_times(
        "asked", pa.chunked_array([["01/02/2024", "01/03/2024", "02/01/2024"]])
    )
    assert found
    assert (found.format, found.also) == ("%m/%d/%Y", "%d/%m/%Y")


def test_whole_numbers_are_times_where_name_and_size_say_so() -> None:
    seconds = pa.chunked_array([[int(NOON.timestamp())]])
    millis = pa.chunked_array([[int(1_000 * NOON.timestamp())]])
    for values, unit in ((seconds, "seconds"), (millis, "milliseconds")):
        found = moments.read_times("created_at", values)
        assert found
        assert (found.format, found.seconds.tolist()) == (unit, [NOON.timestamp()])
    assert moments.read_times("amount", seconds) is None
    assert moments.read_times("created_at", pa.chunked_array([[7]])) is None


def test_a_time_that_cannot_be_read_is_missing_and_a_column_of_texts_is_none() -> None:
    found = moments.read_times("asked", pa.chunked_array([[NOON.isoformat()] * 19 + ["soon"]]))
    assert found
    assert found.missing == pytest.approx(0.05)
    assert not moments.may_be_time(pa.chunked_array([["soon", "later"]]), "asked")
    assert not moments.may_be_time(pa.chunked_array([pa.array([None], pa.string())]), "asked")


def test_days_are_split_at_sixty_and_eighty_percent_of_the_rows() -> None:
    seconds = NOON.timestamp() + DAY * np.arange(10.0)
    found = moments.split_borders(seconds, seconds[-1] + 3 * DAY)
    assert found
    days = [each.toordinal() - NOON.toordinal() for each in (found.validation, found.holdout)]
    assert days == [6, 8]
    assert found.start == NOON.replace(hour=0)
    assert (found.end - found.start).days == 13
    assert found.shares == pytest.approx((0.6, 0.2, 0.2))


def test_a_shorter_holdout_leaves_more_to_validation() -> None:
    seconds = NOON.timestamp() + DAY * np.arange(100.0)
    found = moments.split_borders(seconds, seconds[-1], 0.05)
    assert found
    assert found.shares == pytest.approx((0.6, 0.35, 0.05))


def test_fewer_days_than_ten_are_split_within_a_day_and_two_moments_not_at_all() -> None:
    minutes = NOON.timestamp() + 60 * np.arange(5.0)
    found = moments.split_borders(minutes, minutes[-1])
    assert found
    assert (found.validation.minute, found.holdout.minute, found.end.minute) == (3, 4, 5)
    assert moments.split_borders(minutes[:3], minutes[2])
    assert moments.split_borders(minutes[:2], minutes[1]) is None
