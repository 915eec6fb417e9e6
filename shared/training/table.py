"""The source table of a training run: read, checked against the contract, and described."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.problem_commands import make_command
from shared.schema import violations
from shared.schema.cells import Cells, cells_of_settings
from shared.schema.contract import Contract, ContractColumn
from shared.schema.inference import infer_contract, infer_target, refuse_absent
from shared.schema.reading import column_of, read_column, typed_frame
from shared.schema.violations import NOT_UNIQUE, Violation
from shared.settings import Settings
from shared.tables import file_rows, sources, table_files
from shared.tables.even_sample import EvenSample, Rows, SampledBy, even_sample
from shared.tables.items import read_items
from shared.tasks.choice import refuse_target
from shared.tasks.task import Task
from shared.words import nearest_name, number_of

LATEST = "latest"
ROWS_OF_A_CLASS = 20
IGNORED = "ignored in the settings, but no column of the source"


@dataclass(frozen=True)
class Pinned:
    """What a run reads: an address, and the version that it was at when the run began.

    The version is a Delta table's; None of a source that has none.
    """

    address: str
    version: int | None


def pin(settings: Settings, data: str | None) -> Pinned:
    """Fix what is to be read: a version of the problem's table, `latest`, or else its source.

    Raises `Refusal` where there is no such version.
    """
    if not data:
        return Pinned(settings.source, sources.pin_version(settings.source))
    if data != LATEST and not data.isdecimal():
        raise Refusal(f"--data {data!r} is neither a version of the table nor {LATEST!r}")
    address = sources.table_address(settings)
    return Pinned(address, sources.pin_version(address, None if data == LATEST else int(data)))


def unread_words(settings: Settings, pinned: Pinned) -> str:
    """Return in words that the table that IngestFlow has filled is not what is read.

    Nothing where it is, or where no such table is there.
    """
    address = sources.table_address(settings)
    if address == pinned.address:
        return ""
    try:
        version = sources.pin_version(address)
    except Refusal:
        return ""
    if version is None:
        return ""
    newest = make_command("train", "ARGS='--data latest'")
    return (
        f"this run reads {pinned.address}, and not version {version} of {address}, which "
        f"IngestFlow has filled: {newest} reads that"
    )


def sample(settings: Settings, pinned: Pinned) -> EvenSample | None:
    """Return which rows of what is pinned are read, by the settings' [train] rows; None are all.

    The key, or the slate, and the time of all rows are read for it, in batches. Raises `Refusal`
    where one of the columns is not there, or rows cannot be told apart.
    """
    most = settings.train.rows
    if most is None:
        return None
    said = settings.contract.get(settings.time)
    time = {"name": settings.time, "type": "time", "format": said.format if said else None}
    key = settings.ranking.slate if settings.ranking else settings.key
    by = SampledBy(
        key, None if settings.ranking else ContractColumn.model_validate(time), settings.seed
    )
    cells = cells_of_settings(settings)
    if sources.is_files(pinned.address):
        listed = table_files.list_files(pinned.address, pinned.version)
        if listed.files:
            schema = file_rows.table_schema(listed.address, listed.files, cells)
            refuse_absent(schema.names, settings)

        def parts() -> Iterator[Rows]:
            return source_parts(pinned, by.columns, cells)
    else:
        (whole,) = source_parts(pinned, by.columns, cells)
        refuse_absent([*map(str, whole)], settings)

        def parts() -> Iterator[Rows]:
            return iter([whole])

    found = even_sample(parts, most, by)
    # Rows with a key in common are taken together or not at all.
    if not found.is_whole and found.rows < most / 2:
        raise Refusal(
            f"[train] rows = {most} takes rows by {key!r}, of which single values stand in so many "
            f"rows that only {found.rows:,} are taken: raise it, or choose a key that each row has "
            "for itself"
        )
    return found


def source_parts(pinned: Pinned, columns: Collection[str], cells: Cells) -> Iterator[Rows]:
    """Yield the rows of a source: of files some columns in batches, else a frame with all."""
    if not sources.is_files(pinned.address):
        yield sources.read_table(pinned.address)
        return
    listed = table_files.list_files(pinned.address, pinned.version)
    yield from file_rows.read_batches(listed.address, listed.files, columns=columns, cells=cells)


def load(
    settings: Settings,
    pinned: Pinned | None = None,
    sampled: EvenSample | None = None,
    *,
    served: bool = False,
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    """Read the problem's columns from its source, with the contract and every violation of it.

    The source is read as it is now, unless it is `pinned`; where [train] has `rows`, these are
    `sampled`, and the contract is theirs, and checked on them. With `served`, rows of the
    prediction log that have an outcome are added, as large a share of them. Values are of the
    contract's types, and missing where they could not be read.
    """
    pinned = pinned or pin(settings, None)
    sampled = sampled or sample(settings, pinned)
    with telling_of(sampled):
        return _load(settings, pinned, sampled, served)


@contextmanager
def telling_of(sampled: EvenSample | None) -> Iterator[None]:
    """Say in a refusal that comes from this block that the rows are a sample, if they are."""
    try:
        yield
    except Refusal as refusal:
        if sampled is None or sampled.is_whole:
            raise
        raise Refusal(f"{refusal} ([train] rows: {sampled.words})") from None


def read_source(
    settings: Settings, pinned: Pinned, sampled: EvenSample | None
) -> pa.Table | pd.DataFrame:
    """Read the columns that the settings name, of the rows that are taken.

    Raises `Refusal` where there is no row: what it holds, nothing tells.
    """
    taken = sampled.taken if sampled and not sampled.is_whole else None
    # Whatever else a table has would be held in memory for nothing.
    named = (settings.key, settings.time, *settings.features, settings.target, *settings.others)
    cells = cells_of_settings(settings)
    source = sources.read_table(pinned.address, pinned.version, named, cells, taken)
    if not len(source):
        raise Refusal(f"the source {pinned.address} has no rows: nothing tells what it holds")
    return source


def _load(
    settings: Settings, pinned: Pinned, sampled: EvenSample | None, served: bool
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    source = read_source(settings, pinned, sampled)
    # What Arrow keeps for later would come on top of what pandas takes.
    pa.default_memory_pool().release_unused()
    contract = infer_contract(source, settings)
    refuse_target(column_of(source, contract.target), contract, settings)
    # What a bundle needs of them is said before a model is fitted.
    read_items(settings, contract)
    found = violations.check(source, contract) + _unknown_ignored(source, settings, pinned)
    if isinstance(source, pa.Table):
        source = dict(zip(source.column_names, source.columns, strict=True))
    table = typed_frame(source, contract)
    if served:
        from shared.training import served_rows

        contract = served_rows.served_contract(contract, settings)
        rows = served_rows.labelled_rows(table, contract, settings)
        # Of the table's rows that were not taken, none comes back from the log.
        rows = rows[sampled.taken(rows)] if sampled and not sampled.is_whole else rows
        found += [
            replace(each, column=f"{each.column} of the rows served")
            for each in violations.check(rows, contract)
        ]
        table = pd.concat([table, typed_frame(rows, contract)], ignore_index=True)
        types = {column.name: column.type for column in contract.columns}
        contract = infer_contract(table, settings, types, contract[contract.target].truths)
    return _in_time(table, contract), contract, found


def _in_time(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return rows in the order of time: so those of a part stand together."""
    moments = table[contract.time]
    if moments.is_monotonic_increasing:
        return table
    order = np.argsort(moments.to_numpy("datetime64[ns]"), kind="stable")
    columns = [*map(str, table)]
    # Out of the frame one by one, so that no two are in memory twice.
    taken = {name: table.pop(name).take(order).reset_index(drop=True) for name in columns}
    return pd.DataFrame(taken, copy=False)


def load_ends(
    settings: Settings,
    rows: int,
    pinned: Pinned | None = None,
    sampled: EvenSample | None = None,
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    """Read as many of the first rows and of the last that `load` reads, as it does.

    Between them are a few rows of each class of the target that these lack: without one, what can
    be trained would seem as if it could not.
    """
    pinned = pinned or pin(settings, None)
    sampled = sampled or sample(settings, pinned)
    with telling_of(sampled):
        return ends(read_source(settings, pinned, sampled), rows, settings, pinned)


def ends(
    source: pa.Table | pd.DataFrame, rows: int, settings: Settings, pinned: Pinned
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    """Return what `load_ends` does, of a source that was read."""
    target = infer_target(source, settings)
    places = _places_of_ends(column_of(source, target.name), target, rows)
    if isinstance(source, pd.DataFrame):
        source = source.iloc[places]
    else:
        source = source.take(pa.array(places))
    contract = infer_contract(source, settings, truths=target.truths)
    read_items(settings, contract)
    refuse_target(column_of(source, contract.target), contract, settings)
    found = violations.check(source, contract) + _unknown_ignored(source, settings, pinned)
    return typed_frame(source, contract), contract, found


def outcomes(
    source: pa.Table | pd.DataFrame, settings: Settings, contract: Contract
) -> tuple[pd.DataFrame, Contract]:
    """Return key, time and target of all rows of a source, and the contract of these columns."""
    columns = (contract[contract.key], contract[contract.time], infer_target(source, settings))
    of_outcomes = contract.model_copy(update={"columns": columns})
    return typed_frame(source, of_outcomes), of_outcomes


def _places_of_ends(values: pa.ChunkedArray, target: ContractColumn, rows: int) -> np.ndarray:
    """Return the places of so many first and last rows, and of some of each class they lack."""
    places = np.arange(len(values))
    ends = np.r_[places[:rows], places[-rows:]]
    if len(places) <= 2 * rows or not target.has_classes:
        return np.unique(ends)
    classes = read_column(values, target).values.to_pandas()
    lacking = classes[classes.notna() & ~classes.isin(classes.iloc[ends].unique())]
    return np.union1d(ends, lacking.groupby(lacking, observed=True).head(ROWS_OF_A_CLASS).index)


def _unknown_ignored(
    source: pa.Table | pd.DataFrame, settings: Settings, pinned: Pinned
) -> list[Violation]:
    """Return that columns are ignored which the settings' source does not have.

    What IngestFlow has filled has the contract's columns alone.
    """
    if not settings.ignored or pinned.address != settings.source:
        return []
    there = (
        {*map(str, source)} if isinstance(source, pd.DataFrame) else _column_names(pinned, settings)
    )
    return [
        Violation(name, f"{IGNORED}{nearest_name(name, there)}", 0, 0.0, enforced=False)
        for name in settings.ignored
        if name not in there
    ]


def _column_names(pinned: Pinned, settings: Settings) -> set[str]:
    files = table_files.list_files(pinned.address, pinned.version).files
    return file_rows.column_names(pinned.address, files, cells_of_settings(settings))


def refuse_broken(violations: list[Violation]) -> None:
    """Raise a `Refusal` that lists every enforced violation, if there is one."""
    broken = [each for each in violations if each.enforced]
    if not broken:
        return
    mend = "Fix the source, or the [contract] in the settings"
    if all(each.problem == NOT_UNIQUE for each in broken):
        mend = "Drop rows from the source, or choose a key that each row has for itself"
    raise Refusal(
        f"the source breaks its contract in {number_of(len(broken), 'way')}: "
        f"{'; '.join(map(str, broken))}. {mend}"
    )


def sample_words(sampled: EvenSample | None) -> str:
    """Return in words that not all rows of the source are taken; nothing where they are."""
    if sampled is None or sampled.is_whole:
        return ""
    return f"[train] rows: {sampled.words} are read"


def facts(
    table: pd.DataFrame,
    task: Task,
    settings: Settings,
    pinned: Pinned,
    sampled: EvenSample | None = None,
) -> dict[str, Any]:
    """Describe a table: rows, span, outcomes, fingerprint, missing shares, rows per day.

    Where not all rows of the source were taken, also of how many it is a sample.
    """
    moments = pd.to_datetime(table[settings.time], utc=True, errors="coerce")
    days = moments.dt.floor("D").value_counts().sort_index()
    known = table[settings.target].notna()
    return {
        "source": pinned.address,
        "version": pinned.version,
        "rows": len(table),
        **(_sample_facts(sampled) if sampled and not sampled.is_whole else {}),
        "columns": len(table.columns),
        "from": str(moments.min()),
        "to": str(moments.max()),
        "rows without outcome": int((~known).sum()),
        **task.target_facts(table.loc[known, settings.target]),
        "fingerprint": sources.fingerprint(table),
        "missing": table.isna().mean().to_dict(),
        "per_day": {str(day)[:10]: int(count) for day, count in days.items()},
    }


def _sample_facts(sampled: EvenSample) -> dict[str, Any]:
    return {"sample": sampled.words, "share sampled": sampled.share}
