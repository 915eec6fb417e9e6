"""The versioned table of a problem: Delta Lake, a partition a day, each change one commit."""

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.schema import Schema

from shared.errors import Refusal
from shared.tables import storage

DAY = "day"
# What a reader of the files alone reads as it is; deletion vectors, say, it would not see.
READ_FEATURES = {"timestampNtz", "vacuumProtocolCheck", "v2Checkpoint"}
COLUMN_MAPPING = "delta.columnMapping.mode"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CommitConflict(Exception):  # noqa: N818  (it is told to whoever then tries again)
    """Somebody else changed the same days in the meantime: nothing was written."""


def is_delta_table(address: str) -> bool:
    """Tell whether a Delta table is at an address."""
    where = storage.place(address)
    with storage.reaching(address):
        return DeltaTable.is_deltatable(where.address, storage_options=_options(address))


def open_table(address: str, version: int | None = None) -> DeltaTable:
    """Open a table at a version, or at its newest; raises `Refusal` where there is none such."""
    where = storage.place(address)
    try:
        table = DeltaTable(where.address, version=version, storage_options=_options(address))
    except TableNotFoundError:
        raise Refusal(f"there is no table at {address}" + _asked(version)) from None
    except (DeltaError, OSError) as error:
        if version is not None:
            _refuse_unknown_version(address, version)
        words = COLOURS.sub("", str(error)).splitlines()[0]
        raise Refusal(f"{address} cannot be read{_asked(version)}: {words}") from None
    beyond = {*(table.protocol().reader_features or ())} - READ_FEATURES
    # Readers of version 2 know it by this alone.
    if table.metadata().configuration.get(COLUMN_MAPPING, "none") != "none":
        beyond.add("columnMapping")
    if beyond:
        raise Refusal(f"{address} uses {sorted(beyond)} of Delta Lake, which is not read here")
    return table


def _refuse_unknown_version(address: str, version: int) -> None:
    """Raise `Refusal` that says which versions there are, where a table has not the one asked for.

    Commits that were cleaned up can be read no more.
    """
    known = [int(commit["version"]) for commit in open_table(address).history()]
    if known and not min(known) <= version <= max(known):
        has = f"versions {min(known)} to {max(known)}" if len(known) > 1 else f"version {known[0]}"
        raise Refusal(f"{address} has no version {version}: it has {has}")


def create(address: str, schema: pa.Schema) -> None:
    """Make an empty table that is partitioned by its column `day`, unless one is there."""
    where = storage.place(address)
    with storage.reaching(address):
        DeltaTable.create(
            where.address,
            Schema([Field.from_arrow(field) for field in schema]),
            mode="ignore",
            partition_by=[DAY],
            storage_options=_options(address),
        )


def widen(table: DeltaTable, schema: pa.Schema) -> None:
    """Add the columns of a schema that a table does not have; none is dropped or retyped.

    Raises `Refusal` where a column has another type there, or another case.
    """
    refuse_unfit(pa.schema(table.schema().to_arrow()), schema)
    there = {field.name for field in table.schema().fields}
    if added := [Field.from_arrow(field) for field in schema if field.name not in there]:
        table.alter.add_columns(added)


def refuse_unfit(there: pa.Schema, rows: pa.Schema) -> None:
    """Raise a `Refusal` where a column of rows has another type or case than in their table."""
    by_case = {name.casefold(): name for name in there.names}
    for field in rows:
        known = by_case.get(field.name.casefold())
        if known not in (None, field.name):
            raise Refusal(
                f"column {field.name!r} is {known!r} in the table, which differs only in case: "
                "name it alike in the settings and the source"
            )
        if known and there.field(known).type != field.type:
            raise Refusal(
                f"column {known!r} of the table is {there.field(known).type}, "
                f"and would be {field.type}: the column keeps its type for good; say that one in "
                "the settings' [contract], or name another table"
            )


def replace_days(table: DeltaTable, days: Iterable[str], rows: pa.RecordBatchReader) -> None:
    """Put rows in place of all that some days hold, in one commit.

    Raises `CommitConflict` when one of the days was changed since the table was opened.
    """
    listed = ", ".join(f"'{day}'" for day in sorted(days))
    try:
        write_deltalake(table, rows, mode="overwrite", predicate=f"{DAY} IN ({listed})")
    except CommitFailedError as error:
        raise CommitConflict(str(error)) from None


def _options(address: str) -> dict[str, str]:
    if not address.startswith(storage.S3):
        return {}
    # A commit is a file that may not be there yet; so two writers cannot make the same one.
    options = {"aws_conditional_put": "etag"}
    if server := storage.endpoint():
        options |= {"AWS_ENDPOINT_URL": server, "AWS_ALLOW_HTTP": "true"}
    return options


def _asked(version: Any) -> str:
    return "" if version is None else f" at version {version}"
