"""Texts of a new table that stand for no value, as `n/a` does: a model takes them for one."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.reading import plain_column
from shared.sections.columns import TEXTS_FOR_NOTHING
from shared.starting.looking.table_look import TableLook


def texts_for_nothing(look: TableLook, features: Sequence[str]) -> list[str]:
    """Return a warning for each feature with texts that are likely to stand for no value."""
    found = {name: _odd_ones(plain_column(look.sample[name])) for name in features}
    return [
        f"{name} is {' or '.join(map(repr, texts))} in {share:.1%} of the rows looked at, each a "
        "value of its own: where it stands for none, empty these cells and begin anew"
        for name, (texts, share) in found.items()
        if texts
    ]


def _odd_ones(values: pa.ChunkedArray) -> tuple[list[str], float]:
    """Return the texts of a column that stand for nothing, and their share of the rows."""
    if not pa.types.is_string(values.type):
        return [], 0.0
    bare = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    odd = pc.is_in(bare, pa.array(sorted(TEXTS_FOR_NOTHING - {"", "none"})))
    texts = sorted(pc.unique(values.filter(odd)).to_pylist())
    return texts, len(values.filter(odd)) / max(1, len(values))
