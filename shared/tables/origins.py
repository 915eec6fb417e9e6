"""Where new rows come from: a function, files, or a database's answer to a query; in batches."""

import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from shared.errors import Refusal
from shared.schema import arrow
from shared.settings import Settings
from shared.tables import sources, storage, table_files
from shared.tables.table_files import Piece

ADDRESS = "MILLRACE_SOURCE"
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def table_of(settings: Settings) -> str:
    """Return the address of the problem's table: the ingest's, else a source that is a folder."""
    if settings.ingest.table:
        return settings.ingest.table
    if storage.is_address(settings.source) and not settings.source.endswith(table_files.ENDINGS):
        return settings.source
    return f".millrace/tables/{settings.name}"


def origin_of(settings: Settings) -> str | None:
    """Return where rows are read; None is a query. Raises `Refusal` if it is the table itself."""
    if settings.ingest.query:
        return None
    origin = settings.ingest.origin or settings.source
    if origin == table_of(settings):
        raise Refusal(
            f"the table {origin} cannot be filled from itself: give [ingest] origin or query "
            "in the settings"
        )
    return origin


def is_files(origin: str | None) -> bool:
    """Tell whether an origin is a file or a folder of them."""
    return origin is not None and (
        origin.endswith(table_files.ENDINGS) or storage.is_address(origin)
    )


def batches(
    settings: Settings, files: Sequence[Piece], since: datetime, rows: int
) -> Iterator[pa.Table]:
    """Yield an origin's rows in tables of at most `rows`; of files, those that are given.

    `since` is what a query may ask for as `:since`. Raises `Refusal` where nothing can be read.
    """
    origin = origin_of(settings)
    if origin is None:
        yield from _of_query(str(settings.ingest.query), since, rows)
    elif is_files(origin):
        yield from table_files.batches(origin, files, rows=rows)
    else:
        for frame in _frames(sources.call(origin), origin):
            for at in range(0, max(1, len(frame)), rows):
                yield arrow.table(frame.iloc[at : at + rows])


def _frames(returned: Any, origin: str) -> Iterator[pd.DataFrame]:
    """Take one frame, or frames one after another, which need not all be in memory."""
    for frame in [returned] if isinstance(returned, pd.DataFrame) else returned:
        if not isinstance(frame, pd.DataFrame):
            raise Refusal(f"source {origin!r} yielded a {type(frame).__name__}, not a DataFrame")
        yield frame


def _of_query(query: str, since: datetime, rows: int) -> Iterator[pa.Table]:
    address = os.environ.get(ADDRESS)
    if not address:
        raise Refusal(f"[ingest] query needs the database's address in {ADDRESS}")
    try:
        engine = sa.create_engine(address)
        with engine.connect().execution_options(stream_results=True) as connection:
            # SQLite's times are texts of what a clock shows for UTC.
            moment = since.replace(tzinfo=None) if engine.dialect.name == "sqlite" else since
            bound = {"since": moment} if ":since" in query else {}
            for frame in pd.read_sql(sa.text(query), connection, params=bound, chunksize=rows):
                yield arrow.table(frame)
    except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
        words = re.sub(r"\s+", " ", str(error).splitlines()[0])
        raise Refusal(f"the query of [ingest] cannot be answered: {words}") from None
