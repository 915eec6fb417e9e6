"""Values as tables and callers hold them, by how docs/values.md shows them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.schema.contract import ColumnType, ContractColumn
from shared.schema.reading import read_values

TYPES: tuple[ColumnType, ...] = ("number", "integer", "category", "text", "boolean", "time")
BY_TYPE = {kind: ContractColumn(name="c", type=kind, nullable=True) for kind in TYPES}
TWO_HOURS_EAST = timezone(timedelta(hours=2))

# Texts show in quotes; what no JSON holds is named.
VALUES: dict[str, Any] = {
    "nothing": None,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "false": False,
    "0": 0,
    "1": 1,
    "-1": -1,
    "2": 2,
    "10001": 10_001,
    "3.0": 3.0,
    "-0.0": -0.0,
    "2.5": 2.5,
    "1e300": 1e300,
    "2^53 - 1": 2**53 - 1,
    "2^53": 2**53,
    "2^53 as a float": 2.0**53,
    "2^53 + 1": 2**53 + 1,
    "1234567890123456789": 1_234_567_890_123_456_789,
    "2^63 - 1": 2**63 - 1,
    "-2^63": -(2**63),
    "2^63": 2**63,
    "2^64 - 1": 2**64 - 1,
    "10^22": 10**22,
    "decimal 12.04": Decimal("12.04"),
    "decimal 12.50": Decimal("12.50"),
    "decimal 3": Decimal(3),
    "decimal 3.00": Decimal("3.00"),
    "decimal 12345678901234567890": Decimal("12345678901234567890"),
    '""': "",
    '" "': " ",
    '"1"': "1",
    '"0"': "0",
    '"00123"': "00123",
    '"10001"': "10001",
    '"-7"': "-7",
    '"+5"': "+5",
    '"3.0"': "3.0",
    '"12.5"': "12.5",
    '".5"': ".5",
    '"1e3"': "1e3",
    '"1,5"': "1,5",
    '"1 000"': "1 000",
    '"1_000"': "1_000",
    '" 7"': " 7",
    '"0x10"': "0x10",
    '"1e999"': "1e999",
    '"9007199254740993"': "9007199254740993",
    '"1234567890123456789"': "1234567890123456789",
    '"18446744073709551615"': "18446744073709551615",
    '"NaN"': "NaN",
    '"inf"': "inf",
    '"NA"': "NA",
    '"null"': "null",
    '"true"': "true",
    '"False"': "False",
    '"yes"': "yes",
    '"N"': "N",
    '"on"': "on",
    '"x"': "x",
    '"é"': "é",
    '"2024"': "2024",
    '"20240501"': "20240501",
    '"2024-05-01"': "2024-05-01",
    '"2024-05-01T10:00"': "2024-05-01T10:00",
    '"2024-05-01 10:00:30"': "2024-05-01 10:00:30",
    '"2024-05-01T10:00:30.25Z"': "2024-05-01T10:00:30.25Z",
    '"2024-05-01T10:00:30+02:00"': "2024-05-01T10:00:30+02:00",
    '"2024-05-01T10:00:30.123456789Z"': "2024-05-01T10:00:30.123456789Z",
    '"1969-12-31T23:59:59.999999999"': "1969-12-31T23:59:59.999999999",
    '"2024-05"': "2024-05",
    '"20240501T1000"': "20240501T1000",
    '"2024-W18-3"': "2024-W18-3",
    '"2024-122"': "2024-122",
    '"2024-05-01T10"': "2024-05-01T10",
    '"2024-05-01T10:00:30,5"': "2024-05-01T10:00:30,5",
    '"2024-05-01T24:00"': "2024-05-01T24:00",
    '"2024-02-30"': "2024-02-30",
    '"2024-05-01T25:00"': "2024-05-01T25:00",
    '"01/05/2024"': "01/05/2024",
    '"1 Jan 2024"': "1 Jan 2024",
    '"1899-12-31"': "1899-12-31",
    '"1900-01-01"': "1900-01-01",
    '"2200-12-31T23:59"': "2200-12-31T23:59",
    '"2201-01-01"': "2201-01-01",
    '"9999-12-31"': "9999-12-31",
    "a text of 1,000 characters": "x" * 1_000,
    "a text of 1,001 characters": "x" * 1_001,
    "a text with a null character": "a\0b",
    "a text of 5,000 nines": "9" * 5_000,
    "a text of 5,000 zeros and a 7": "0" * 5_000 + "7",
    "a UUID": UUID("0198c9d2-7a11-7000-8000-0123456789ab"),
    "the date 2024-05-01": date(2024, 5, 1),
    "the time 2024-05-01 10:00": datetime(2024, 5, 1, 10),
    "the time 2024-05-01 10:00 UTC": datetime(2024, 5, 1, 10, tzinfo=UTC),
    "the time 2024-05-01 10:00+02:00": datetime(2024, 5, 1, 10, tzinfo=TWO_HOURS_EAST),
    "the time 0001-01-01": datetime(1, 1, 1),
    "bytes": b"abc",
    "a list": [1],
    "an object": {"a": 1},
}


def outcome(name: str, kind: ColumnType) -> tuple[Any, str | None]:
    """Return what a value becomes in a column of a type, and the words that refuse it."""
    reading = read_values([VALUES[name]], ContractColumn(name="c", type=kind, nullable=True))
    return reading.values[0].as_py(), next(iter(reading.unreadable), None)


def cell(name: str, kind: ColumnType) -> str:
    """Return what docs/values.md shows of a value in a column of a type."""
    value, refused = outcome(name, kind)
    if refused:
        return refused.split(" (")[0]
    if value is None:
        return "missing"
    if isinstance(value, datetime):
        return f"`{value.isoformat().replace('+00:00', 'Z')}`"
    if isinstance(value, str):
        return f"`{value}`" if len(value) < 40 else "as it is"
    return f"`{value}`" if not isinstance(value, bool) else f"`{str(value).lower()}`"


def table() -> str:
    """Return the table of docs/values.md."""
    head = f"| value | {' | '.join(TYPES)} |\n|{'---|' * (len(TYPES) + 1)}\n"
    rows = [f"| {name} | {' | '.join(cell(name, kind) for kind in TYPES)} |" for name in VALUES]
    return head + "\n".join(rows) + "\n"
