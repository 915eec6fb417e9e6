"""The service minutes of a log: how each server did, minute by minute."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from shared.log.log_database import LogDatabase


class Minutes:
    """A log's service minutes."""

    def __init__(self, database: LogDatabase) -> None:
        self._database = database
        self._table = database.tables.minutes

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add service minutes: minute, server, requests, rows, rejected, errors, p50_ms, p99_ms.

        And, where they were counted, `ERROR_KINDS`, queue_rows, spool_rows, p90_ms, p999_ms,
        max_ms, refused_rows, row_faults (as `RefusedRows.text`), refused_outcomes, outcome_faults.
        One that is there already, as of a minute that was not over, is replaced.
        """
        if rows:
            keys = self._table.primary_key.columns
            here = [{f"its_{key.name}": row[key.name] for key in keys} for row in rows]
            is_here = [key == sa.bindparam(f"its_{key.name}") for key in keys]
            with self._database.writing() as connection:
                connection.execute(sa.delete(self._table).where(*is_here), here)
                connection.execute(sa.insert(self._table), list(rows))

    def between(self, start: datetime, until: datetime) -> pd.DataFrame:
        """Return the service minutes that touch [start, until], a row per minute and server.

        NaN is what was not counted, as in minutes from before it was, or had no request.
        """
        table, found = self._table, list[Any]()
        began = start.replace(second=0, microsecond=0)
        if selected := self._database.columns_of(table):
            query = (
                sa.select(*selected)
                .where(table.c.minute >= began, table.c.minute <= until)
                .order_by(table.c.minute, table.c.server)
            )
            with self._database.reading() as connection:
                found.extend(connection.execute(query))
        frame = pd.DataFrame.from_records(found, columns=table.columns.keys())
        measured = [c.name for c in table.columns if c.nullable and not isinstance(c.type, sa.Text)]
        return frame.astype({"minute": "datetime64[ns, UTC]"} | dict.fromkeys(measured, "float64"))
