"""The classes of a multiclass target: which targets have them, and their columns in an answer."""

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from shared.errors import Refusal
from shared.log_columns import PROBABILITY
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import Contract, listed
from shared.schema.reading import read_column
from shared.schema.violations import examples_of
from shared.settings import Settings
from shared.words import number_of

FEWEST, MOST = 3, 50
# PostgreSQL's names have 63 bytes at most; a mark tells those apart that would be alike.
LONGEST, MARK = 63, 6
Costs = Mapping[str, Mapping[str, float]]
"""What it costs to answer a class where another is true: true class, answered class, cost."""


def column_names(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the column of each class's probability: `probability_` and the class.

    What is no letter, digit or underscore in a class becomes an underscore, and names end after 56
    bytes. Those that would then be alike, or differ only in case, all end in an underscore and six
    digits of their class's sha256, so that no name depends on what other classes come first.
    """
    written = (re.sub(r"\W", "_", text) for text in classes)
    names = [_cut(f"{PROBABILITY}_{text}") for text in written]
    alike = Counter(name.casefold() for name in names)
    return tuple(
        f"{name}_{_mark(text)}" if alike[name.casefold()] > 1 else name
        for name, text in zip(names, classes, strict=True)
    )


def _cut(name: str) -> str:
    return name.encode()[: LONGEST - MARK - 1].decode(errors="ignore")


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:MARK]


def refuse_target(values: pa.ChunkedArray, contract: Contract, settings: Settings) -> None:
    """Raise `Refusal` where a target, as it came, has no 3 to 50 classes to answer.

    The settings' costs must be of these classes, and no feature may have the name of a class's
    column.
    """
    target = contract[contract.target]
    if pa.types.is_floating(values.type) and read_column(values, target).unreadable:
        raise Refusal(
            f"the target {target.name!r} holds numbers with a fraction, which are no classes: "
            'use kind = "regression", or make whole numbers or texts of them in the source'
        )
    if (wrong := read_column(values, target).unreadable.get(NOT_OF_TYPE["category"])) is not None:
        raise Refusal(
            f"the target {target.name!r} holds {', '.join(examples_of(values, wrong))}, where "
            "classes are texts or whole numbers: make such of them in the source"
        )
    classes = target.categories or ()
    if len(classes) < FEWEST:
        known = f" ({listed(classes)})" if classes else ""
        raise Refusal(
            f"the target {target.name!r} has {number_of(len(classes), 'class', 'classes')}{known}: "
            f'kind = "multiclass" is for {FEWEST} to {MOST}; use kind = "binary" for two'
        )
    if len(classes) > MOST:
        raise Refusal(
            f"the target {target.name!r} has {len(classes):,} classes, and kind = "
            f'"multiclass" is for {FEWEST} to {MOST}: put the rare ones together in the source'
        )
    refuse_costs(settings.costs, classes)
    if taken := sorted({*column_names(classes)} & {*contract.features}):
        raise Refusal(f"the answers have columns of their own named {taken}: rename the features")


def refuse_costs(costs: Costs, classes: Sequence[str]) -> None:
    """Raise `Refusal` where costs name a class that the target does not have."""
    named = [*costs, *(answer for answers in costs.values() for answer in answers)]
    for name in dict.fromkeys(named):
        if name not in classes:
            close = difflib.get_close_matches(name, classes, n=1, cutoff=0.5)
            known = f"did you mean {close[0]!r}?" if close else f"known are {listed(classes)}"
            raise Refusal(f"costs name {name!r}, which is no class of the target; {known}")
