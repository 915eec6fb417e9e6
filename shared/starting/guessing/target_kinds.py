"""Which kind of answer a target's values ask for, and which kinds they cannot have."""

from typing import Any

import numpy as np
import pyarrow as pa

from shared.errors import Refusal
from shared.kinds import Kind
from shared.schema.arrow import numbers
from shared.schema.booleans import FALSE_TEXTS, TRUE_TEXTS, plain_truths
from shared.tasks.multiclass.classes import FEWEST, MOST

# Whole numbers of more different values than this are amounts rather than classes.
MOST_CODES = 10
MOST_SHOWN = 5


def likely_kind(values: pa.ChunkedArray, counts: dict[Any, int]) -> Kind:
    """Return the kind that values look like, of which `counts` has how often each is there."""
    if are_two(values, counts):
        return "binary"
    if are_fractions(values) or (is_number(values.type) and len(counts) > MOST_CODES):
        return "regression"
    return "multiclass"


def refuse_kind(kind: Kind, name: str, values: pa.ChunkedArray, counts: dict[Any, int]) -> None:
    """Raise `Refusal` where a target's values are not those of a kind of answer."""
    some = ", ".join(str(value) for value in [*counts][:MOST_SHOWN])
    has = f"the target {name!r} has {len(counts):,} values"
    holds, few = f"the target {name!r} holds", f"such as {some}"
    faults: dict[Kind, dict[str, bool]] = {
        "binary": {
            f"{has}, such as {some}, and true and false are two": not are_two(values, counts)
        },
        "regression": {f"{holds} {values.type}, {few}, and no numbers": not is_number(values.type)},
        "multiclass": {
            f"{has}, and an answer has {FEWEST} to {MOST} classes": (
                not FEWEST <= len(counts) <= MOST
            ),
            f"{holds} fractions, {few}: make them whole numbers or texts, in the table": (
                are_fractions(values)
            ),
        },
    }
    if kind not in faults:
        raise Refusal(
            f"--kind {kind} is not guessed of a table: who was shown what, in which slate and at "
            "which place, has to be said. Begin without it; docs/ranking.md says what to add"
        )
    for fault, is_there in faults[kind].items():
        if is_there:
            raise Refusal(f"--kind {kind} does not fit: {fault}")


def is_number(kind: pa.DataType) -> bool:
    """Tell whether a type of Arrow holds numbers."""
    is_fraction = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(is_fraction or pa.types.is_integer(kind))


def are_two(values: pa.ChunkedArray, counts: dict[Any, int]) -> bool:
    """Tell whether values are two, or several texts of true and false."""
    return len(counts) == 2 or (pa.types.is_string(values.type) and are_truths(values.unique()))


def are_fractions(values: pa.ChunkedArray) -> bool:
    """Tell whether some of the values are numbers that are not whole."""
    if not (pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)):
        return False
    found = numbers(pa.chunked_array([values.combine_chunks()]))[0]
    return bool((found != np.floor(found)).any())


def are_truths(texts: pa.ChunkedArray) -> bool:
    """Tell whether texts are nothing but two sides of true and false, however they are written."""
    written = {*plain_truths(texts).to_pylist()}
    letters = {text for text in written if len(text) == 1 and text.isalpha()}
    # As T, F and N mean three things.
    of_one_pair = letters <= {"t", "f"} or letters <= {"y", "n"}
    sides = ({*TRUE_TEXTS}, {*FALSE_TEXTS})
    return all(written & side for side in sides) and written <= set.union(*sides) and of_one_pair
