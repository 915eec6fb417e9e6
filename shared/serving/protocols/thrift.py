"""Thrift's compact protocol, as much of it as Parquet's footers and headers of pages have.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from typing import TypeAlias

TRUE, FALSE, BYTE, I64, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 6, 7, 8, 9, 10, 12
MOST_DEPTH = 16
Value: TypeAlias = "int | bytes | list[Value] | Fields"
Fields: TypeAlias = dict[int, Value]


def read_struct(body: bytes, at: int, depth: int = 0) -> tuple[Fields, int]:
    """Return the values of a struct by the numbers of their fields, and where it ends.

    Raises `ValueError` or `IndexError` where there is none. Floats are left out.
    """
    if depth > MOST_DEPTH:
        raise ValueError("structs are nested too deep")
    fields: Fields = {}
    number = 0
    while kind := body[at]:
        at += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, at = _zigzag(body, at)
        kind &= 15
        if kind in (TRUE, FALSE):
            fields[number] = int(kind == TRUE)
        else:
            fields[number], at = _value(body, at, kind, depth)
    return fields, at + 1


def whole(fields: Fields, number: int) -> int:
    """Return a field that is a whole number; 0 where it is not there."""
    value = fields.get(number, 0)
    return value if isinstance(value, int) else 0


def struct(fields: Fields, number: int) -> Fields:
    """Return a field that is a struct; an empty one where it is not there."""
    value = fields.get(number)
    return value if isinstance(value, dict) else {}


def structs(fields: Fields, number: int) -> list[Fields]:
    """Return a field that is a list of structs."""
    value = fields.get(number)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _value(body: bytes, at: int, kind: int, depth: int) -> tuple[Value, int]:
    if BYTE < kind <= I64:
        return _zigzag(body, at)
    if kind in (TRUE, FALSE, BYTE):
        return body[at], at + 1
    if kind == DOUBLE:
        return 0, at + 8
    if kind == BINARY:
        size, at = _varint(body, at)
        return body[at : at + size], at + size
    if kind in (LIST, SET):
        return _list(body, at, depth)
    if kind == STRUCT:
        return read_struct(body, at, depth + 1)
    raise ValueError("a value of a kind that is not there in Parquet")


def _list(body: bytes, at: int, depth: int) -> tuple[Value, int]:
    size, kind = body[at] >> 4, body[at] & 15
    at += 1
    if size == 15:
        size, at = _varint(body, at)
    # Each value has a byte at least.
    if size > len(body) - at or depth > MOST_DEPTH:
        raise ValueError("a list is longer than what is left")
    values: list[Value] = []
    for _ in range(size):
        value, at = _value(body, at, kind, depth + 1)
        values.append(value)
    return values, at


def _zigzag(body: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(body, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("a whole number has no end")
