"""The rows that a bundle brings: counted by what their file declares before they are read."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shared.errors import Refusal

MOST_ROWS = 1_000_000
MOST_DECLARED_BYTES = 2**30


def read_rows(path: Path, needed: Iterable[str]) -> pd.DataFrame:
    """Return a Parquet file's rows, one at least.

    Raises `Refusal` where it cannot be read, declares too much, or lacks a needed column.
    """
    try:
        with pq.ParquetFile(path) as file:
            said = file.metadata
            size = sum(said.row_group(at).total_byte_size for at in range(said.num_row_groups))
            if lacking := sorted({*needed} - {*file.schema_arrow.names}):
                raise Refusal(f"it lacks the columns {lacking}")
            if not 0 < said.num_rows <= MOST_ROWS or size > MOST_DECLARED_BYTES:
                raise Refusal(f"it declares {said.num_rows:,} rows of {size:,} bytes")
            return file.read().to_pandas()
    except Refusal:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, LookupError) as error:
        raise Refusal(f"it cannot be read ({' '.join(str(error).split())[:300]})") from None
