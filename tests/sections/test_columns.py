"""A format is one of a date, and makes its column a time."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.sections.columns import Column, Csv

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


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"type": "number", "categories": ["1"]}, 'categories are of type = "category"'),
        ({"type": "category", "minimum": 1}, "of a number or an integer, and this is 'category'"),
        ({"type": "time", "maximum": 1}, "of a number or an integer, and this is 'time'"),
        ({"categories": []}, "at least 1 item"),
        ({"minimum": float("nan")}, "finite number"),
        ({"minimum": "0"}, "give a number, without quotes"),
    ],
)
def test_what_no_column_of_a_type_has_is_refused(said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Column.model_validate(said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"type": "number"}, "type = 'number' is none of text, integer: leave it out"),
        ({"nullable": True}, "nullable = true, and no row is one without it: leave it out"),
        ({"maximum": 5}, "minimum and maximum are of a number or an integer, and this is 'text'"),
        ({"type": "integer"}, ""),
    ],
)
def test_what_no_key_has_is_found(said: dict[str, Any], words: str) -> None:
    assert Column.model_validate(said).fault_as(("text", "integer"), is_needed=True) == words


@pytest.mark.parametrize("delimiter", ["€", "", ";;", '"', "\n"])
def test_what_stands_between_cells_is_a_character_of_ascii(delimiter: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        Csv(delimiter=delimiter)
    assert Csv(delimiter="\t").delimiter == "\t"


@pytest.mark.parametrize("encoding", ["base64", "rot13", "utf8x", ""])
def test_what_is_no_encoding_of_texts_is_refused(encoding: str) -> None:
    with pytest.raises(ValidationError, match=f"no encoding of texts is called '{encoding}' here"):
        Csv(encoding=encoding)
