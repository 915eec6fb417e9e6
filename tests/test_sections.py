"""Sections of the settings: each is whole in itself, and says what contradicts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from shared.sections import Candidate, Column, Ingest, Monitor, Section, Split

NO_DATES = ("mixed", "ISO8601", "%Q", "%s", "%G-W%V", "%H:%M", "%Y %Y-%m-%d", "%x", "%d/%m/%Y %")
FIRST, SECOND = datetime(2024, 1, 1), datetime(2024, 2, 1)


@pytest.mark.parametrize(
    ("section", "values", "words"),
    [
        (Split, {"validation": SECOND}, "both 'validation' and 'holdout'"),
        (Split, {"validation": SECOND, "holdout": FIRST}, "the dates must rise"),
        (Split, {"start": FIRST, "end": FIRST}, "the dates must rise"),
        (Split, {"validation_share": 0.6, "holdout_share": 0.5}, "leave rows to train on"),
        (Ingest, {"origin": "a.csv", "query": "SELECT 1"}, "not both"),
        (Monitor, {"schedule": "daily"}, "pattern"),
        (Candidate, {"name": "Log", "estimator": "a.B"}, "pattern"),
        (Column, {"format": "%d/%m/%Y", "type": "category"}, "and type is 'category'"),
        *((Column, {"format": text}, "is none of a date") for text in NO_DATES),
    ],
)
def test_a_contradiction_is_refused(
    section: type[Section], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        section(**values)


@pytest.mark.parametrize("text", ["%d/%m/%Y %H:%M", "%Y-%j", "%b %d, %y %I %p", "%Y%m%d%%"])
def test_a_format_makes_a_column_a_time(text: str) -> None:
    assert Column(format=text).type == "time"
    assert Column.model_validate_json(Column(format=text).model_dump_json()).format == text


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert Split(start=FIRST).start == datetime(2024, 1, 1, tzinfo=UTC)


def test_no_schedule_is_a_schedule() -> None:
    assert Monitor(schedule="").schedule == ""
