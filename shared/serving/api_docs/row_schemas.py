"""The JSON schemas of rows, made from a contract: what is taken in each column."""

import math
from collections.abc import Sequence
from typing import Any

from shared.schema.contract import ContractColumn, listed
from shared.schema.texts import LONGEST_TEXT
from shared.schema.times import END_MOMENT, FIRST_MOMENT, YEARS
from shared.sections.columns import SINCE_1970

EXAMPLES = 5
Schema = dict[str, Any]
# Digits that a float, and 64 bits, hold for sure.
NUMBER = r"^[+-]?0*([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})([eE][+-]?[0-9]{1,2})?$"
INTEGER = r"^[+-]?0*([0-9]{1,18}|[0-8][0-9]{18})(\.0*)?$"
TRUTH = r"^([Tt]([Rr][Uu][Ee])?|[Yy]([Ee][Ss])?|[Ff]([Aa][Ll][Ss][Ee])?|[Nn][Oo]?|[01](\.0+)?)$"
TEXT = {"type": "string", "maxLength": LONGEST_TEXT, "pattern": r"^[^\x00]*$"}
DAY = (
    r"((19|20|21)[0-9]{2}|2200)-"
    r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|((19|2[01])(0[48]|[2468][048]|[13579][26])|2000)-02-29"
)
CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
ZONE = r"(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
TIME = rf"^({DAY})({CLOCK}({ZONE})?)?$"


def body_schema(row: Schema, most: int) -> Schema:
    """Return the schema of a body: one row, or a list of 1 to `most`."""
    many = {"type": "array", "items": row, "minItems": 1, "maxItems": most}
    return {"anyOf": [row, many]}


def row_schema(columns: Sequence[ContractColumn]) -> Schema:
    """Return the schema of a row: what is nullable may be null or left out, nothing else is there.

    It says what the reading takes, but for what no schema tells: that a whole number of a float
    column is below 2^53, and that texts of digits keep to a range.
    """
    return {
        "type": "object",
        "properties": {column.name: column_schema(column) for column in columns},
        "required": [column.name for column in columns if not column.nullable],
        "additionalProperties": False,
    }


def column_schema(column: ContractColumn) -> Schema:
    """Return the schema of one column's values, with its description."""
    taken = _TAKEN[column.type](column)
    if column.nullable:
        taken.append({"type": "null"})
    held = taken[0] if len(taken) == 1 else {"anyOf": taken}
    return held | {"title": column.name, "description": _described(column)}


def _numbers(column: ContractColumn) -> list[Schema]:
    limits = _limits(column)
    return [{"type": "number"} | limits, *_digits(NUMBER, limits)]


def _integers(column: ContractColumn) -> list[Schema]:
    limits = {"minimum": -(2**63), "maximum": 2**63 - 1} | {
        word: (math.ceil if word == "minimum" else math.floor)(limit)
        for word, limit in _limits(column).items()
    }
    return [{"type": "integer"} | limits, *_digits(INTEGER, _limits(column))]


def _digits(pattern: str, limits: Schema) -> list[Schema]:
    if not limits:
        return [{"type": "string", "pattern": pattern}]
    if limits == {"minimum": 0}:
        return [{"type": "string", "pattern": pattern.replace("[+-]?", r"\+?", 1)}]
    return []


def _booleans(column: ContractColumn) -> list[Schema]:
    if column.truths:
        return [{"type": "boolean"}, {"enum": _labels(column.truths)}]
    return [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": TRUTH}]


def _times(column: ContractColumn) -> list[Schema]:
    iso = {"type": "string", "pattern": TIME, "examples": ["2013-05-01T17:15:00Z", "2013-05-01"]}
    if column.format in SINCE_1970:
        micros = [int(moment.timestamp() * 1e6) for moment in (FIRST_MOMENT, END_MOMENT)]
        first, end = (each // SINCE_1970[column.format] for each in micros)
        return [{"type": "number", "minimum": first, "exclusiveMaximum": end}, iso]
    return [iso]


def _texts(column: ContractColumn) -> list[Schema]:
    if column.outside == "refuse" and column.categories:
        return [{"enum": _labels(column.categories)}]
    examples = list(column.categories or ())[:EXAMPLES]
    return [TEXT | ({"examples": examples} if examples else {}), {"type": "integer"}]


_TAKEN = {
    "number": _numbers,
    "integer": _integers,
    "boolean": _booleans,
    "time": _times,
    "category": _texts,
    "text": _texts,
}


def _labels(texts: Sequence[str]) -> list[str | int]:
    """Return texts, and the whole numbers that are read as one of them."""
    digits = [text for text in texts if text.isascii() and text.removeprefix("-").isdigit()]
    return [*texts, *(int(text) for text in digits if str(int(text)) == text)]


def _limits(column: ContractColumn) -> Schema:
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    if column.outside == "accept":
        return {}
    return {word: limit for word, limit in limits.items() if limit is not None}


def _described(column: ContractColumn) -> str:
    if column.format in SINCE_1970:
        return f"time in {column.format} since 1970, or in ISO 8601"
    if column.format:
        return f"time as {column.format} writes it, or ISO 8601"
    if column.type == "time":
        return f"time in ISO 8601, from {YEARS.start} to {YEARS.stop - 1}; UTC where it has no zone"
    if column.categories:
        known = listed(column.categories[:EXAMPLES])
        return f"{column.type}: {known}{', …' if len(column.categories) > EXAMPLES else ''}"
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("from", column.minimum), ("to", column.maximum))
        if limit is not None
    ]
    met = " in training" if limits and column.outside == "accept" else ""
    digits = ", or its digits as a text" if column.type in ("number", "integer") else ""
    return " ".join([column.type, *limits]) + met + digits
