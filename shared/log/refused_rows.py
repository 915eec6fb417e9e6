"""Rows that a server refused: how many, and what was wrong with which column, as a log keeps it.

There are no more faults than a contract's columns have rules, whatever callers make up: of that
one short example of each fault is kept.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LONGEST_EXAMPLE = 60
# Of a minute's faults so many are kept, the most frequent.
MOST_KEPT = 100
# A column, empty for none, and which of its rules was broken.
Place = tuple[str, str]
BODY: Place = ("", "not readable as rows")
UNKNOWN: Place = ("", "not a name of a row")


@dataclass(frozen=True)
class RowFault:
    """How many rows have a fault, and what one of them had there; None where nothing was."""

    rows: int
    example: str | None = None


@dataclass
class RefusedRows:
    """How many rows were refused, and what was wrong with them; one may have several faults.

    The rows of a request are refused together, be only one of them wrong; of many, faults are
    counted until it is clear.
    """

    rows: int = 0
    faults: dict[Place, RowFault] = field(default_factory=dict)

    def add(self, rows: int, faults: Mapping[Place, RowFault]) -> None:
        """Add further rows; of each fault the first example stays."""
        self.rows += rows
        for place, fault in faults.items():
            known = self.faults.get(place)
            example = known.example if known else _shortened(fault.example)
            self.faults[place] = RowFault((known.rows if known else 0) + fault.rows, example)

    def text(self) -> str | None:
        """Return the most frequent faults as a log keeps them; None without any."""
        kept = sorted(self.faults.items(), key=lambda one: -one[1].rows)[:MOST_KEPT]
        listed = [[*place, fault.rows, fault.example] for place, fault in kept]
        return json.dumps(listed) if listed else None


def _shortened(example: str | None) -> str | None:
    if example is None:
        return None
    shown = "".join(each if each.isprintable() else "?" for each in example[:LONGEST_EXAMPLE])
    return f"{shown}…" if len(example) > LONGEST_EXAMPLE else shown


def refused_rows(rows: int, faults: Mapping[Place, RowFault]) -> RefusedRows:
    """Return so many rows, refused for these faults."""
    found = RefusedRows()
    found.add(rows, faults)
    return found


def faults_of(text: str) -> dict[Place, RowFault]:
    """Return the faults that a log kept as a text."""
    return {(column, rule): RowFault(rows, seen) for column, rule, rows, seen in json.loads(text)}


def frequent_faults(texts: Iterable[str]) -> tuple[tuple[Place, RowFault], ...]:
    """Return the faults of texts that a log kept, added up, the most frequent first."""
    found = RefusedRows()
    for text in texts:
        found.add(0, faults_of(text))
    return tuple(sorted(found.faults.items(), key=lambda one: -one[1].rows))
