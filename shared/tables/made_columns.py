"""A key and a time for rows of files that have none: by one rule, wherever they are read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.column_reading import ARROW_TYPES
from shared.schema.contract import Contract


@dataclass(frozen=True)
class MadeColumns:
    """The columns that are made where a file lacks them: a key, a time, or none.

    A key is the file's name, as its folder holds it, with the row's place in it: `days.csv:17`. A
    row keeps it as long as rows are added only at a file's end. A time is `at`, when it is read.
    """

    key: str | None = None
    time: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __bool__(self) -> bool:
        return bool(self.key or self.time)

    def added(self, rows: pa.Table, file: str, before: int) -> pa.Table:
        """Return rows of a file, of which some came `before`, with what they lack."""
        if self.key and self.key not in rows.column_names:
            places = pa.array(range(before + 1, before + rows.num_rows + 1), pa.int64())
            keys = pc.binary_join_element_wise(f"{file}:", places.cast(pa.string()), "")
            rows = rows.append_column(self.key, keys)
        if self.time and self.time not in rows.column_names:
            moment = pa.scalar(self.at, ARROW_TYPES["time"])
            rows = rows.append_column(self.time, pa.repeat(moment, rows.num_rows))
        return rows


def made_columns(contract: Contract, at: datetime | None = None) -> MadeColumns:
    """Return which columns a contract says are made."""
    key, time = (name if contract[name].made else None for name in (contract.key, contract.time))
    return MadeColumns(key, time, at or datetime.now(UTC))


def name_within(path: str, folder: str) -> str:
    """Return what a file is called in its folder, or by itself where it is no folder."""
    within = PurePosixPath(path)
    return within.name if path == folder else within.relative_to(folder).as_posix()
