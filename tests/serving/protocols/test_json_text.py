"""JSON read piece by piece: the same values as `json.loads`, and as many as are asked for."""

import json
from typing import Any

import pytest

from shared.serving.protocols.json_text import (
    MOST_MEMBERS,
    VALUE_BYTES,
    JsonText,
    ValueTooLarge,
    has_more,
)
from shared.serving.request_rows.validation_errors import InvalidRows

ROWS = [
    {"name": f'\u00e4\U0001f600 {at} \\ "', "numbers": [at, -1.5e3, None, True], "ends": at}
    for at in range(9_000)
]


def elements(content: bytes) -> list[Any]:
    text = JsonText(content)
    assert text.peek() == "["
    found = [text.value() for _ in text.items()]
    text.end()
    return found


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_list_of_many_windows_is_read_whole(indent: int | None, escaped: bool) -> None:
    content = json.dumps(ROWS, indent=indent, ensure_ascii=escaped).encode()
    assert len(content) > 2 * VALUE_BYTES
    assert elements(content) == ROWS


@pytest.mark.parametrize("cut", range(1, 40))
def test_no_window_ends_what_goes_on_behind_it(cut: int) -> None:
    ends = ["\U0001f600\\u00e4", -12345.75e-3, True, None, "", [], {"a": 1}, 7]
    body = json.dumps(ends).encode()
    space = b" " * (VALUE_BYTES - cut)
    assert elements(space + body) == ends


def test_the_members_of_an_object_are_read_one_by_one() -> None:
    content = json.dumps({"a": 1, "b": [2, {"c": 3}], "d": {}}, indent=2).encode()
    text = JsonText(content)
    text.peek()
    found = {}
    for name in text.members():
        if name == "b":
            assert text.peek() == "["
            found[name] = [text.value() for _ in text.items()]
        else:
            found[name] = text.value()
    text.end()
    assert found == json.loads(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1, 2", "Expecting ',' delimiter: line 1 column 6 (char 5)"),
        (b"[1,]", "Expecting value: line 1 column 4 (char 3)"),
        (b"[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
        (b"[1] 2", "Extra data: line 1 column 5 (char 4)"),
        (b"[\n" + b" " * 300_000 + b"\nnul]", "Expecting value: line 3 column 1 (char 300003)"),
        (b'[{"a" 1}]' + b" " * 300_000, "Expecting ':' delimiter: line 1 column 7 (char 6)"),
    ],
)
def test_what_is_no_json_is_refused_by_its_place(content: bytes, words: str) -> None:
    with pytest.raises(json.JSONDecodeError) as refused:
        elements(content)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    "value",
    [b'"' + b"x" * 300_000 + b'"', b"[" + b"1," * 200_000 + b"1]", b"9" * 4_000 + b" " * 300_000],
)
def test_a_value_fits_into_a_window(value: bytes) -> None:
    content = b"[1, " + value + b", 2]"
    if b" " in value:
        assert elements(content)[0] == 1
        return
    with pytest.raises(ValueTooLarge):
        elements(content)


def test_other_bodies_are_refused() -> None:
    with pytest.raises(InvalidRows):
        elements(b'["' + b"x" * 10 + b'\xff"]')
    many = JsonText(json.dumps(dict.fromkeys(range(MOST_MEMBERS + 1))).encode())
    with pytest.raises(json.JSONDecodeError, match="More than 1,000 names in an object"):
        [many.value() for _ in many.members()]
    with pytest.raises(RecursionError):
        elements(b"[" * 100_000)


@pytest.mark.parametrize("size", [0, 10, VALUE_BYTES, VALUE_BYTES + 1, 3 * VALUE_BYTES + 7])
def test_characters_are_counted_over_all_pieces(size: int) -> None:
    content = b"{" * size + b"[" * size
    assert not has_more(content, b"{", size)
    assert not has_more(content, b"[", size)
    assert size == 0 or has_more(content, b"{", size - 1)
    assert size == 0 or has_more(content, b"[", size - 1)
