"""Each section of the settings is closed and frozen, and reads shares, times and schedules."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from shared.sections.section import Moment, Number, Section, Seed, Share


class Example(Section):
    share: Share = 0.5
    since: Moment = datetime(2024, 1, 1, tzinfo=UTC)
    number: Number = 0
    most: int | None = None
    seed: Seed = 0
    costs: dict[str, dict[str, float]] = {}
    value: int | str = 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shares": 0.5}, "Extra inputs are not permitted"),
        ({"share": 1.01}, "less than or equal to 1"),
        ({"share": -0.01}, "greater than or equal to 0"),
        ({"share": float("nan")}, "finite number"),
        ({"number": float("inf")}, "finite number"),
        ({"share": "0.5"}, "give a number, without quotes"),
        ({"share": True}, "give a number, without quotes"),
        ({"number": "7"}, "give a number, without quotes"),
        ({"most": "7"}, "give a number, without quotes"),
        ({"costs": {"a": {"b": "7"}}}, "give a number, without quotes"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"seed": 2**32}, "less than or equal to 4294967295"),
    ],
)
def test_what_a_section_cannot_hold_is_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Example(**values)


def test_a_text_is_one_where_a_number_may_stand_as_well() -> None:
    assert Example(value="7").value == "7"


def test_a_section_stays_as_it_was_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Example().share = 0.1


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert Example(since="2024-03-01T10:00").since == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert Example(since="2024-03-01T10:00+02:00").since == datetime(2024, 3, 1, 8, tzinfo=UTC)


def test_whole_numbers_keep_all_their_digits() -> None:
    assert Example(number=2**60 + 1).number == 2**60 + 1
