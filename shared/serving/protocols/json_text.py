"""JSON read piece by piece: of a large body, no more is looked at or kept than is asked for."""

import codecs
import json
import re
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any

from shared.schema.texts import LONGEST_TEXT
from shared.serving.request_rows.validation_errors import body_error

# A value has to fit into as many bytes, which are read without letting others have their turn.
VALUE_BYTES = 256 * 1024
MOST_MEMBERS = 1_000
# What is cut off at the end of a window may be a word as long as `-Infinity`, or an escape.
LONGEST_CUT = 16
SPACE = re.compile(r"[ \t\n\r]*")


def whole_number(digits: str) -> int | str:
    """Return a number of JSON, or its digits as a text: no column takes more than a text may have.

    Python itself refuses to read more than 4,300 of them.
    """
    return int(digits) if len(digits) <= LONGEST_TEXT else digits


SCAN = json.JSONDecoder(parse_int=whole_number).scan_once  # type: ignore[attr-defined]


def has_more(content: bytes, mark: bytes, most: int) -> bool:
    """Return whether a character stands more than so many times in a body.

    It is counted piece by piece: nobody else has a turn in between in one call.
    """
    found = 0
    for at in range(0, len(content), VALUE_BYTES):
        found += content.count(mark, at, at + VALUE_BYTES)
        if found > most:
            return True
    return False


class ValueTooLarge(Exception):  # noqa: N818  (the caller's doing, not an error here)
    """The value at the cursor has more bytes than are read at once."""


class JsonText:
    """A cursor in a body of JSON, over a window of it; takes what `json.loads` takes.

    Raises `JSONDecodeError` where the body is no JSON, `ValueTooLarge` for a value that does not
    fit into the window, and `InvalidRows` where it is not in UTF-8.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._start = self._at = 0
        self._text, self._is_last = "", False
        self._move()

    def peek(self) -> str:
        """Return the next character that is no space; nothing at the end."""
        while True:
            self._at = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or self._is_last:
                return self._text[self._at : self._at + 1]
            self._move()

    def value(self) -> Any:
        """Return the value at the cursor, and go behind it."""
        self.peek()
        while True:
            words, at = "", 0
            try:
                value, end = SCAN(self._text, self._at)
                # What ends where the window does may go on behind it, as 1.5 in 1.5e3.
                if end < len(self._text) - LONGEST_CUT or self._is_last:
                    self._at = end
                    return value
            except StopIteration as stop:
                words, at = "Expecting value", stop.value
            except JSONDecodeError as error:
                words, at = error.msg, error.pos
            if self._is_last or (words and not self._may_be_cut(words, at)):
                raise self._error(words, at)
            if not self._at:
                raise ValueTooLarge
            self._move()

    def items(self) -> Iterator[None]:
        """Stand before each element of the list at the cursor, for the caller to read it."""
        for _ in self._parts("]"):
            yield

    def members(self) -> Iterator[str]:
        """Stand before each value of the object at the cursor, for the caller to read it."""
        for count, _ in enumerate(self._parts("}")):
            if self.peek() != '"':
                raise self._error("Expecting property name enclosed in double quotes", self._at)
            name = self.value()
            if self.peek() != ":":
                raise self._error("Expecting ':' delimiter", self._at)
            if count >= MOST_MEMBERS:
                raise self._error(f"More than {MOST_MEMBERS:,} names in an object", self._at)
            self._at += 1
            yield name

    def end(self) -> None:
        """Refuse what comes behind the value."""
        if self.peek():
            raise self._error("Extra data", self._at)

    def _parts(self, closing: str) -> Iterator[None]:
        self._at += 1
        follows = self.peek()
        while follows != closing:
            yield
            follows = self.peek()
            if not follows or follows not in f",{closing}":
                raise self._error("Expecting ',' delimiter", self._at)
            if follows == ",":
                self._at += 1
        self._at += 1

    def _may_be_cut(self, words: str, at: int) -> bool:
        return at >= len(self._text) - LONGEST_CUT or words.startswith("Unterminated string")

    def _move(self) -> None:
        """Begin the window at the cursor."""
        self._start += len(self._text[: self._at].encode())
        part = self._content[self._start : self._start + VALUE_BYTES]
        self._is_last = self._start + len(part) == len(self._content)
        try:
            self._text, _ = codecs.utf_8_decode(part, "strict", self._is_last)
        except UnicodeDecodeError:
            raise body_error("the body is not JSON in UTF-8") from None
        self._at = 0

    def _error(self, words: str, at: int) -> JSONDecodeError:
        before = self._content[: self._start].decode()
        return JSONDecodeError(words, before + self._text, len(before) + at)
