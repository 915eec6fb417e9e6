"""Slates: rows that were shown together, each at a place, as impressions are of recommendations."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.numbers import is_whole
from shared.schema.reading import plain_column
from shared.starting.guessing.targets import Target
from shared.starting.looking.column_names import words
from shared.starting.looking.table_look import FIRST_ROWS, TableLook

# Of groups that came whole, so many number their rows from 1 (or 0) on.
NEARLY_ALL = 0.95
FEWEST_GROUPS = 20
MOST_PLACES = 100
# Months of a customer are numbered as well: a name has to say that it is a click, or a place.
CLICKS = frozenset(("click", "clicks", "clicked", "tapped", "opened"))
PLACES = frozenset(("place", "position", "pos", "rank", "slot", "spot"))


def slate_words(look: TableLook, target: Target) -> list[str]:
    """Say that a table looks like slates, where rows of an id have places from the first on.

    The first rows are looked at, of which none is left out between two others.
    """
    first = look.sample.slice(0, FIRST_ROWS)
    if len(plain_column(first[target.name]).drop_null().unique()) != 2:
        return []
    names = [name for name in first.column_names if name != target.name]
    is_click = bool(words(target.name) & CLICKS)
    named = [name for name in names if is_click or words(name) & PLACES]
    places = [name for name in named if _may_be_places(plain_column(first[name]))]
    for place in places:
        for group in names:
            if group != place and _numbers_rows_of(first, group, place):
                return [
                    f"rows of one {group} have places by {place}, as slates have: "
                    'kind = "ranking" learns what is clicked where, and docs/ranking.md says how; '
                    f"as {target.kind}, {place} is known only once a slate was shown"
                ]
    return []


def _may_be_places(values: pa.ChunkedArray) -> bool:
    if not is_whole(values.type) or values.null_count:
        return False
    ends = pc.min_max(values).as_py()
    return ends["min"] in (0, 1) and 2 <= ends["max"] <= MOST_PLACES


def _numbers_rows_of(rows: pa.Table, group: str, place: str) -> bool:
    """Tell whether each value of a column has the places 1 to k, each once."""
    if pa.types.is_nested(rows[group].type) or pa.types.is_floating(rows[group].type):
        return False
    plain = pa.table({"group": plain_column(rows[group]), "place": plain_column(rows[place])})
    of = plain.group_by("group").aggregate(
        [("place", "count"), ("place", "count_distinct"), ("place", "min"), ("place", "max")]
    )
    # The last may go on in the next rows.
    of = of.slice(0, max(of.num_rows - 1, 0))
    if of.num_rows < FEWEST_GROUPS:
        return False
    count, different, low, high = (
        of[f"place_{each}"].to_numpy() for each in ("count", "count_distinct", "min", "max")
    )
    numbered = (different == count) & (high - low + 1 == count) & (low == low.min())
    return bool(numbered.mean() >= NEARLY_ALL and np.median(count) >= 2)
