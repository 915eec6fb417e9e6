"""Tables by hand, as `millrace new` looks at them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from shared.sections.columns import Csv
from shared.starting.looking.table_look import TableLook

FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def look(whole: str, address: str = "/data/rows.csv", **columns: Any) -> TableLook:
    """Return the look at a table of these columns, of which those named are there whole."""
    table = pa.table(columns)
    held = {name: table[name] for name in whole.split()}
    return TableLook(address, Csv(), table.num_rows, table, held)


def loans(**columns: Any) -> dict[str, Any]:
    """Return the columns of a hundred loans, one a day."""
    return {
        "loan": [f"L{row}" for row in range(100)],
        "applied": [FIRST + timedelta(days=row) for row in range(100)],
        "age": [20 + row * 7 % 50 for row in range(100)],
        "late": [row % 3 == 0 for row in range(100)],
    } | columns
