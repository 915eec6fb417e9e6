"""The rows that a query answers, as files to be looked at like those of a table."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.starting.guessing.guess import Guess
from shared.tables.query import query_batches
from shared.tables.sources import BEGINNING

BATCH_ROWS = 100_000


@contextmanager
def answered(query: str) -> Iterator[str]:
    """Ask the database of MILLRACE_SOURCE; yield the folder that holds the rows within the block.

    Raises `Refusal` where it cannot be asked, or answers no rows.
    """
    with tempfile.TemporaryDirectory(prefix="millrace-query-") as folder:
        parts = 0
        for batch in query_batches(query, BEGINNING, BATCH_ROWS):
            if batch.num_rows:
                pq.write_table(batch, Path(folder, f"{parts:06}.parquet"))
                parts += 1
        if not parts:
            raise Refusal("the query has no rows: nothing can be guessed of them")
        yield folder


def refuse_without_key_or_time(found: Guess) -> None:
    """Raise `Refusal` where rows could not be told apart, or have no day to be brought in by."""
    lacking = [role for role, has in (("key", found.key), ("time", found.time)) if not has]
    if lacking:
        raise Refusal(
            f"the query has no {' and no '.join(lacking)}: select a column in which no value comes "
            "twice, and one that says when each row was"
        )
