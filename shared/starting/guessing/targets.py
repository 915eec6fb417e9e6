"""A table's target: which columns it may be, and which kind of answer it asks for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.kinds import Kind
from shared.schema.column_reading import ColumnReading
from shared.schema.contract import ContractColumn
from shared.schema.doubts import are_amounts
from shared.schema.numbers import fit_floats
from shared.schema.reading import plain_column, read_column, read_values
from shared.starting.guessing.target_kinds import (
    MOST_CODES,
    are_fractions,
    are_truths,
    is_number,
    likely_kind,
    refuse_kind,
)
from shared.starting.looking.column_names import words
from shared.tasks.multiclass.classes import FEWEST, MOST
from shared.words import nearest_names, number_of

TARGET_WORDS = frozenset(
    (
        *("target", "label", "class", "outcome", "y", "churn", "churned", "default", "defaulted"),
        *("survived", "fraud", "diagnosis", "species", "response", "late", "price", "quality"),
    )
)
MOST_NAMED = 5


@dataclass(frozen=True)
class Target:
    """The target: its kind of answer and why, and of two texts of its own the one that is true.

    `classes` is how many there are; 0 where the kind has none. `mostly_same` tells that most rows
    have the same number, as claims are mostly 0: by absolute errors no model beats saying so.
    """

    name: str
    kind: Kind
    why: str
    positive: str | None = None
    classes: int = 0
    mostly_same: bool = False


def likely_targets(first: pa.Table) -> list[str]:
    """Return the columns that a table's target may be, the likeliest first."""
    named = [name for name in first.column_names if words(name) & TARGET_WORDS]
    two = [n for n in first.column_names if len(plain_column(first[n]).drop_null().unique()) == 2]
    return list(dict.fromkeys([*named, *two, first.column_names[-1]]))[:MOST_NAMED]


def refuse_no_target(name: str, first: pa.Table) -> None:
    """Raise `Refusal` where a table has no such column."""
    if name not in first.column_names:
        known = first.column_names
        # An export may begin with its title, and have its header below that.
        title = " alone: names have to stand in a file's first line" if len(known) == 1 else ""
        raise Refusal(
            f"the table has no column {name!r} to be the target: it has "
            f"{', '.join(known)}{nearest_names([name], known)}{title}"
        )


def fits_columns(kind: pa.DataType) -> bool:
    """Tell whether a column of a contract can be what a type of Arrow holds."""
    held = kind.value_type if pa.types.is_dictionary(kind) else kind
    known = (
        *(pa.types.is_string, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating),
        *(pa.types.is_decimal, pa.types.is_timestamp, pa.types.is_date, pa.types.is_null),
    )
    return any(is_of(held) for is_of in known)


def way_out(kind: pa.DataType) -> str:
    """Return what to do with a type that no column can be; nothing where nobody knows."""
    if pa.types.is_duration(kind) or pa.types.is_time(kind):
        return ": make it a number, such as its seconds, in the table or in source.py"
    return ""


def guess_target(name: str, typed: pa.ChunkedArray, kind: Kind | None = None) -> Target:
    """Guess the kind of answer by all of the target's values, unless the `kind` is said.

    Raises `Refusal` where it has fewer than two values, more classes than an answer can have, holds
    what no column can be, or values that no answer of this kind can have.
    """
    values = _known_values(name, typed)
    counts = {row["values"]: row["counts"] for row in pc.value_counts(values).to_pylist()}
    if len(counts) < 2:
        raise Refusal(
            f"the target {name!r} has {number_of(len(counts), 'value')}: nothing to learn"
        )
    guessed = likely_kind(values, counts)
    if kind:
        refuse_kind(kind, name, values, counts)
    made: dict[Kind, Callable[[], Target]] = {
        "binary": lambda: _binary(name, values),
        "regression": lambda: _regression(name, values, counts),
        "multiclass": lambda: _multiclass(name, values, counts),
    }
    found = made[kind or guessed]()
    is_said = kind not in (None, guessed)
    return replace(found, why=f"as --kind says; {found.why}") if is_said else found


def _known_values(name: str, typed: pa.ChunkedArray) -> pa.ChunkedArray:
    values = plain_column(typed).drop_null()
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not fits_columns(values.type):
        words = f"the target {name!r} holds {typed.type}, which no target can be"
        raise Refusal(words + way_out(values.type))
    return values


def _regression(name: str, values: pa.ChunkedArray, counts: dict[Any, int]) -> Target:
    words = "numbers"
    if pa.types.is_integer(values.type):
        words = "whole numbers"
        if not fit_floats(pa.chunked_array([values.combine_chunks()])):
            raise Refusal(
                f"the target {name!r} has {len(counts):,} whole numbers from 2^53 on, whose digits "
                "no model keeps: name another target, or make smaller numbers of them in the table"
            )
    why = f"{words}, {len(counts):,} different ones"
    if len(counts) in range(MOST_CODES + 1, MOST + 1) and not are_fractions(values):
        why += "; where they are classes, begin anew with --kind multiclass"
    mostly_same = max(counts.values()) > len(values) / 2
    return Target(name, "regression", why, mostly_same=mostly_same)


def _multiclass(name: str, values: pa.ChunkedArray, counts: dict[Any, int]) -> Target:
    if len(counts) > MOST:
        _refuse_many(name, values, len(counts))
    rarest = min(counts, key=lambda value: counts[value])
    # As it is read: of decimals 1.00 is the class 1.
    read = read_values([rarest], ContractColumn(name=name, type="category")).values[0]
    shown = read.as_py() or rarest
    why = f"{len(counts)} classes, the rarest {shown} ({number_of(counts[rarest], 'row')})"
    if is_number(values.type) and len(counts) <= MOST_CODES:
        why += "; where they are amounts, begin anew with --kind regression"
    return Target(name, "multiclass", why, classes=len(counts))


def _refuse_many(name: str, values: pa.ChunkedArray, distinct: int) -> NoReturn:
    has = f"the target {name!r} has {distinct:,} different texts, such as {str(values[0])!r}"
    if pa.types.is_string(values.type) and are_amounts(values):
        raise Refusal(
            f"{has}, which are numbers written for people: make them numbers, in the table or by a "
            "source function"
        )
    raise Refusal(
        f"{has}, and an answer has {FEWEST} to {MOST} classes: put the rare ones together, or name "
        "a column of numbers"
    )


def _binary(name: str, values: pa.ChunkedArray) -> Target:
    read = read_column(values, ContractColumn(name=name, type="text"))
    if pa.types.is_boolean(values.type):
        read = ColumnReading(values.cast(pa.string()))
    if read.unreadable:
        two = " and ".join(sorted(str(value) for value in values.unique().to_pylist()))
        raise Refusal(
            f"the target {name!r} has two values, {two}, which are {values.type}: make them true "
            "and false, whole numbers or texts, in the table"
        )
    texts = read.values.cast(pa.string())
    counts = {row["values"]: row["counts"] for row in pc.value_counts(texts).to_pylist()}
    if are_truths(texts.unique()):
        return Target(name, "binary", f"two values, {' and '.join(sorted(counts))}")
    rare = min(counts, key=lambda text: counts[text])
    share = counts[rare] / len(texts)
    why = f"two values; {rare} is called true, as the rarer one ({share:.0%})"
    return Target(name, "binary", why, positive=rare)
