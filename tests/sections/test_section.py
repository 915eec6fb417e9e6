"""Each section of the settings is closed and frozen, and reads shares, times and schedules."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from shared.sections.section import Moment, Number, Section, Share


class Example(Section):
    share: Share = 0.5
    since: Moment = datetime(2024, 1, 1, tzinfo=UTC)
    number: Number = 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"shares": 0.5}, "Extra inputs are not permitted"),
        ({"share": 1.01}, "less than or equal to 1"),
        ({"share": -0.01}, "greater than or equal to 0"),
        ({"share": float("nan")}, "less than or equal to 1"),
        ({"number": float("inf")}, "finite number"),
    ],
)
def test_what_a_section_cannot_hold_is_refused(values: dict[str, float], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Example(**values)


def test_a_section_stays_as_it_was_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Example().share = 0.1


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert Example(since="2024-03-01T10:00").since == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert Example(since="2024-03-01T10:00+02:00").since == datetime(2024, 3, 1, 8, tzinfo=UTC)


def test_whole_numbers_keep_all_their_digits() -> None:
    assert Example(number=2**60 + 1).number == 2**60 + 1
