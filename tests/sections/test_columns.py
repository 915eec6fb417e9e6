"""A format is one of a date, and makes its column a time."""

import pytest
from pydantic import ValidationError

from shared.sections.columns import Column

FORMATS = ("%d/%m/%Y %H:%M", "%Y-%j", "%b-%Y", "%b %d, %y %I %p", "%Y%m%d%%", "seconds")
NO_DATES = ("mixed", "ISO8601", "%Q", "%s", "%G-W%V", "%H:%M", "%Y %Y-%m-%d", "%x", "%d/%m/%Y %")


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_format_of_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is none of a date"):
        Column(format=text)


def test_a_format_contradicts_every_type_but_a_time() -> None:
    with pytest.raises(ValidationError, match="and type is 'category'"):
        Column(format="%d/%m/%Y", type="category")


@pytest.mark.parametrize("text", FORMATS)
def test_a_format_makes_a_column_a_time(text: str) -> None:
    assert Column(format=text).type == "time"
    assert Column.model_validate_json(Column(format=text).model_dump_json()).format == text
