"""Numbers that are written with a decimal comma, or with thousands apart: texts until read."""

import re
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

# Where a blank stands between thousands, one that breaks no line does, too.
BLANKS = "[ \u00a0\u202f]"


class NumberTexts(pa.ExtensionType):
    """Texts of numbers, with their decimal sign and what stands between their thousands."""

    def __init__(self, decimal: str, thousands: str) -> None:
        self.decimal, self.thousands = decimal, thousands
        # By their name types are told apart.
        super().__init__(pa.string(), f"millrace.number_texts {decimal}{thousands}")

    def __arrow_ext_serialize__(self) -> bytes:
        return (self.decimal + self.thousands).encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, serialized: bytes) -> Self:
        signs = serialized.decode()
        return cls(signs[:1], signs[1:])

    def __hash__(self) -> int:
        # Arrow compares types of its own making, and leaves out what belongs to it.
        return hash(str(self))


def number_texts(texts: pa.ChunkedArray, decimal: str, thousands: str = "") -> pa.ChunkedArray:
    """Return texts as those of numbers that are written so; plain ones stay as they are."""
    if decimal == "." and not thousands:
        return texts
    kind = NumberTexts(decimal, thousands)
    chunks = [pa.ExtensionArray.from_storage(kind, chunk) for chunk in texts.chunks]
    return pa.chunked_array(chunks, kind)


def grouped(decimal: str, thousands: str) -> str:
    """Return the pattern of a number with thousands apart, at least once, wherever they can be."""
    between = BLANKS if thousands == " " else re.escape(thousands)
    return rf"^\s*[-+]?\d{{1,3}}({between}\d{{3}})+({re.escape(decimal)}\d*)?\s*$"


def with_points(texts: pa.ChunkedArray, kind: NumberTexts) -> pa.ChunkedArray:
    """Return texts as numbers are read: 1,5 is 1.5, and what else has a point is no number.

    Where points stand between thousands 1.234 is 1234, and 1.23 is no number.
    """
    if kind.thousands:
        are_grouped = pc.match_substring_regex(texts, grouped(kind.decimal, kind.thousands))
        between = BLANKS if kind.thousands == " " else re.escape(kind.thousands)
        texts = pc.if_else(are_grouped, pc.replace_substring_regex(texts, between, ""), texts)
    if kind.decimal == ".":
        return texts
    swapped = pc.replace_substring(texts, ".", "\0")
    swapped = pc.replace_substring(swapped, ",", ".")
    return pc.replace_substring(swapped, "\0", ",")


def as_written(table: pa.Table) -> pa.Table:
    """Return a table with the texts of its numbers as plain ones, which show what the file has."""
    for at, field in enumerate(table.schema):
        if isinstance(field.type, NumberTexts):
            texts = [chunk.storage for chunk in table[field.name].chunks]
            table = table.set_column(at, field.name, pa.chunked_array(texts, pa.string()))
    return table
