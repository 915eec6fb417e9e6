"""The texts of a target that is true or false by two of its own: which one is false."""

from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from shared.errors import Refusal
from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column
from shared.settings import Settings
from shared.words import names_with_counts

# Of the texts that are not the true one, the false one is more than so many.
MOST_STRAY = 0.5


def false_text(batches: Iterable[pa.Table], settings: Settings) -> str | None:
    """Return the target's text beside the true one, by the first batch that has one; None if none.

    Fewer others are mistakes, whose rows are rejected. Raises `Refusal` that shows the texts where
    none of them is the most of them.
    """
    name = settings.target
    for table in (table for table in batches if name in table.column_names):
        read = read_column(table[name], ContractColumn(name=name, type="text")).values
        counts = Counter(read.cast(pa.string()).drop_null().to_pylist())
        counts.pop(settings.positive, None)
        for text, rows in counts.most_common(1):
            if rows > MOST_STRAY * counts.total():
                return str(text)
            raise Refusal(
                f"the target {name!r} holds {names_with_counts(counts)} beside "
                f"{settings.positive!r}, which is true, and nothing says which of them is false: "
                'mend or empty the others, or say kind = "multiclass"'
            )
    return None
