"""Staged rows merged into the table by key, so that the same rows again change nothing."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.tables import delta, file_rows, table_files
from shared.tables.table_files import TableFiles

TRIES = 30


@dataclass(frozen=True)
class Merged:
    """What became of staged rows; `repeated` ones had their key again later in the origin."""

    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    repeated: int = 0
    days_written: int = 0

    @property
    def total(self) -> int:
        """All rows that were staged."""
        return self.new + self.corrected + self.unchanged + self.repeated

    def __add__(self, other: "Merged") -> "Merged":
        return Merged(*map(sum, zip(vars(self).values(), vars(other).values(), strict=True)))


def merge(address: str, staging: str, days: Sequence[str], key: str, moved_days: int = 0) -> Merged:
    """Merge the staged rows of some days into a table, in one commit, or none if nothing is new.

    Begins anew where somebody else has changed one of the days in the meantime. What is in memory
    is the days' staged rows; those in the table are read and written in batches.
    """
    staged, repeated = _staged(staging, days, key)
    for trial in range(TRIES):
        try:
            merged = _Merge(address, staged, key, moved_days).commit()
            return merged + Merged(repeated=repeated)
        except delta.CommitConflict:
            time.sleep(random.uniform(0, 0.1 * (trial + 1)))
    raise Refusal(f"{address}: {TRIES} times in a row somebody else changed the same days first")


def _staged(staging: str, days: Sequence[str], key: str) -> tuple[pa.Table, int]:
    """Return the last row of each key, and how many came before those."""
    files = _of_days(table_files.list_files(staging), days)
    # Of one day, batches 2 to 9 of a part come before its batch 10.
    files.sort(key=lambda file: (file.folder, len(file.path), file.path))
    rows = pa.concat_tables(file_rows.read_batches(staging, files)).combine_chunks()
    last = ~pd.Series(rows[key].to_numpy()).duplicated(keep="last").to_numpy()
    return rows.filter(pa.array(last)).combine_chunks(), int((~last).sum())


def _of_days(table: TableFiles, days: Sequence[str]) -> list[table_files.TableFile]:
    wanted = set(days)
    return [file for file in table.files if dict(file.partition)[delta.DAY] in wanted]


class _Merge:
    """One try: the staged rows beside the table as it is now."""

    def __init__(self, address: str, staged: pa.Table, key: str, moved_days: int) -> None:
        self._address, self._key, self._moved_days = address, key, moved_days
        self._table = delta.open_table(address)
        self._schema = pa.schema(self._table.schema().to_arrow())
        delta.refuse_unfit(self._schema, staged.schema)
        self._there = table_files.list_files(address, self._table.version())
        self._staged = _as(staged, self._schema)
        self._names = staged.column_names
        self._keys = self._staged[key].combine_chunks()
        self._days = set(self._staged[delta.DAY].to_pylist())

    def commit(self) -> Merged:
        found, same = self._compared()
        moved = self._moved(~found)
        written = self._staged.filter(pa.array(~same))
        counts = Merged(
            new=int((~found).sum()) - len(moved),
            corrected=int((found & ~same).sum()) + len(moved),
            unchanged=int(same.sum()),
            days_written=0,
        )
        if not written.num_rows:
            return counts
        # A day without a new or corrected row is left as it is, and so is its file.
        left = {self._from[at] for at in np.flatnonzero(found & ~same).tolist()}
        days = {*written[delta.DAY].to_pylist(), *moved, *left}
        rows = pa.RecordBatchReader.from_batches(self._schema, self._rows(written, days))
        delta.replace_days(self._table, days, rows)
        return counts + Merged(days_written=len(days))

    def _compared(self) -> tuple[np.ndarray, np.ndarray]:
        """Return whether each staged row's key is in the table, and with the same values."""
        found = np.zeros(len(self._keys), dtype=bool)
        same = found.copy()
        self._from: dict[int, str] = {}
        for day, rows in self._in_table(self._days):
            places = pc.index_in(rows[self._key], value_set=self._keys)
            at = np.flatnonzero(places.is_valid().to_numpy())
            staged = places.drop_null().to_numpy()
            found[staged] = True
            same[staged] = _equal(rows.take(at), self._staged.take(staged), self._names)
            self._from.update(dict.fromkeys(staged.tolist(), day))
        return found, same

    def _moved(self, unknown: np.ndarray) -> list[str]:
        """Return the day of each row that the table has in another day, near the staged ones."""
        if not (self._moved_days and unknown.any()):
            return []
        keys = self._keys.filter(pa.array(unknown))
        first, last = (date.fromisoformat(end(self._days)) for end in (min, max))
        reach = timedelta(days=self._moved_days)
        near = {
            day
            for day in {dict(file.partition)[delta.DAY] for file in self._there.files}
            if str(first - reach) <= day <= str(last + reach) and day not in self._days
        }
        return [
            day
            for day, rows in self._in_table(near, [self._key, delta.DAY])
            for _ in range(pc.sum(pc.is_in(rows[self._key], value_set=keys)).as_py() or 0)
        ]

    def _rows(self, written: pa.Table, days: set[str]) -> Iterator[pa.RecordBatch]:
        keys = written[self._key].combine_chunks()
        for _, rows in self._in_table(days):
            kept = pc.invert(pc.is_in(rows[self._key], value_set=keys))
            yield from rows.filter(kept).to_batches()
        yield from written.to_batches(file_rows.ROWS_PER_BATCH)

    def _in_table(
        self, days: set[str], columns: list[str] | None = None
    ) -> Iterator[tuple[str, pa.Table]]:
        for file in _of_days(self._there, list(days)):
            for rows in file_rows.read_batches(self._address, [file], columns=columns):
                whole = rows if columns else _as(rows, self._schema)
                yield dict(file.partition)[delta.DAY], whole


def _as(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with a table's columns; those that they do not have are missing."""
    there = set(rows.column_names)
    columns = [
        rows[f.name].cast(f.type) if f.name in there else pa.nulls(rows.num_rows, f.type)
        for f in schema
    ]
    return pa.table(columns, schema=schema)


def _equal(one: pa.Table, other: pa.Table, names: Sequence[str]) -> np.ndarray:
    same = np.ones(one.num_rows, dtype=bool)
    for name in names:
        equal = pc.fill_null(pc.equal(one[name], other[name]), False)
        neither = pc.and_(one[name].is_null(), other[name].is_null())
        same &= pc.or_(equal, neither).to_numpy()
    return same
