"""A database's answer to a query, in batches."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from shared.errors import Refusal
from shared.schema import arrow
from shared.schema.columns import once_each

ADDRESS_VARIABLE = "MILLRACE_SOURCE"


def query_batches(query: str, since: datetime, rows: int) -> Iterator[pa.Table]:
    """Yield the rows that the database of MILLRACE_SOURCE answers, in tables of at most `rows`.

    `since` is bound to the query's `:since`. Raises `Refusal` where nothing can be read.
    """
    address = os.environ.get(ADDRESS_VARIABLE)
    if not address:
        raise Refusal(f"a query needs the database's address in {ADDRESS_VARIABLE}")
    try:
        engine = sa.create_engine(address)
        with engine.connect().execution_options(stream_results=True) as connection:
            # SQLite's times are texts of what a clock shows for UTC.
            on_sqlite = engine.dialect.name == "sqlite"
            moment = since.astimezone(UTC).replace(tzinfo=None) if on_sqlite else since
            bound = {"since": moment} if ":since" in query else {}
            for frame in pd.read_sql(sa.text(query), connection, params=bound, chunksize=rows):
                once_each([*map(str, frame)], "its answer")
                yield arrow.table(frame)
    except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
        words = re.sub(r"\s+", " ", str(error).splitlines()[0])
        raise Refusal(f"the query cannot be answered: {words}") from None
