"""The contract of an ingest's rows: by the settings, the table, and the origin's first values."""

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from shared.errors import Refusal
from shared.ingestion.target_texts import false_text
from shared.schema import doubts
from shared.schema.booleans import are_other_codes
from shared.schema.cells import Cells, cells_of_settings
from shared.schema.column_reading import ARROW_TYPES
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.inference import infer_contract
from shared.schema.reading import plain_column, read_column
from shared.settings import Settings
from shared.settings_text import settings_key
from shared.tables import delta, file_rows, sources
from shared.tables.table_files import TableFile, TableFiles


@dataclass(frozen=True)
class Origin:
    """Where an ingest's rows come from: some files, or what a query or function gives."""

    settings: Settings
    files: tuple[TableFile, ...]
    since: datetime

    @property
    def is_untyped(self) -> bool:
        """Whether its values are texts, which nothing but their looks gives a type."""
        return any(not file.path.endswith(".parquet") for file in self.files)

    def batches(self, cells: Cells, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
        """Yield its rows, or some columns of them, as often as it is asked."""
        partitions = {name for file in self.files for name, _ in file.partition}
        rows = self.settings.ingest.batch_rows
        for table in sources.source_batches(
            self.settings, self.files, self.since, rows, columns, cells
        ):
            yield cells.typed(table, but=partitions) if self.is_untyped else table


@dataclass(frozen=True)
class Known:
    """What is known before the origin is looked at: the table, and the champion's contract."""

    schema: pa.Schema | None = None
    table: TableFiles | None = None
    champion: Contract | None = None

    def types(self, settings: Settings) -> dict[str, ColumnType]:
        """Return the types that columns have already: in the table, or else for the champion."""
        kinds = {made: kind for kind, made in ARROW_TYPES.items()}
        columns = self.champion.columns if self.champion else ()
        types = {c.name: c.type for c in columns if c.name != settings.target}
        if settings.positive:
            # Which two texts a target has, the rows of all times say.
            types[settings.target] = "text"
        return types | {f.name: kinds[f.type] for f in self.schema or () if f.type in kinds}

    def truths(self, batches: Iterable[pa.Table], settings: Settings) -> tuple[str, str] | None:
        """Return the target's texts for false and for true, where they are two of its own.

        The champion knows them, or else the table, or else an origin's `batches`.
        """
        name, true = settings.target, settings.positive
        if true is None:
            return None
        if self.champion and name in [column.name for column in self.champion.columns]:
            said = self.champion[name].truths
            if said and said[1] == true:
                return said
        false = None
        if self.table and self.schema and name in self.schema.names:
            there = file_rows.read_batches(self.table.address, self.table.files, columns=[name])
            false = false_text(there, settings)
        false = false or false_text(batches, settings)
        return (false, true) if false else None


def contract_of_rows(origin: Origin, known: Known) -> Contract:
    """Return what a row of the table has to be: only what the settings say is enforced.

    A feature that has no type, since no row of the origin has a value of it yet, is left out.
    Raises `Refusal` where the origin holds no row, or lacks a column.
    """
    settings = origin.settings
    if delta.DAY in (settings.key, settings.time, settings.target, *settings.features):
        raise Refusal(
            f"a column cannot be named {delta.DAY!r} in a table partitioned by day: rename it"
        )
    types = known.types(settings)
    cells = cells_of_settings(settings)
    cells = replace(cells, types={**types, **cells.types})
    first = _first_rows(origin, cells, is_new=known.schema is None)
    said = {name for name, column in settings.contract.items() if column.type}
    first = _with_later_values(first, origin, cells, {*types, *said})
    if origin.is_untyped:
        first = _with_later_texts(first, origin, cells, {*types, *said})
    elif origin.files:
        first = _with_later_types(first, origin, {*types, *said})
    is_new = settings.target not in types and known.champion is None
    first = _without_odd_labels(first, settings, is_new=is_new)
    features = tuple(
        name
        for name in settings.features
        if name in {*types, *said} or name not in first.column_names or _has_value(first[name])
    )
    inferred = infer_contract(first, settings.model_copy(update={"features": features}), types)
    _print_doubts(_doubts(first, inferred, {*types, *said}, origin))
    columns = [_column(c, known, origin, is_new=c.name not in types) for c in inferred.columns]
    targets = itertools.chain([first], origin.batches(cells, [settings.target]))
    if truths := known.truths(targets, settings):
        at = [column.name for column in columns].index(settings.target)
        columns[at] = columns[at].model_copy(update={"truths": truths})
    return inferred.model_copy(update={"columns": tuple(columns)})


def _doubts(
    first: pa.Table, contract: Contract, typed: Collection[str], origin: Origin
) -> Iterator[str]:
    for column in (each for each in contract.columns if each.name in first.column_names):
        is_new = column.name in contract.features and column.name not in typed
        if column.type == "time":
            yield doubts.finer_than_kept(column.name, first[column.name])
        elif is_new and column.type in ("category", "text"):
            values, cells = first[column.name], origin.is_untyped
            yield doubts.mostly_numbers(column.name, values, origin.settings, of_cells=cells)


def _print_doubts(found: Iterable[str]) -> None:
    for doubt in filter(None, found):
        print(f"doubt: {doubt}")


def _first_rows(origin: Origin, cells: Cells, *, is_new: bool) -> pa.Table:
    """Return the first batch that has a row; without one, and with a table, one that has none."""
    first = None
    for first in origin.batches(cells):
        if first.num_rows:
            return first
    if first is None or is_new:
        raise Refusal("the origin has no rows, so its columns are unknown")
    return first


def _with_later_values(
    first: pa.Table, origin: Origin, cells: Cells, typed: Collection[str]
) -> pa.Table:
    """Return the first rows with the features that are there, or have a type, only later."""
    settings, there = origin.settings, first.column_names
    waiting = [
        n
        for n in settings.features
        if n not in there or (n not in typed and not _has_value(first[n]))
    ]
    for name, values in _first_values(origin, cells, waiting, first.num_rows):
        if name in there:
            first = first.set_column(there.index(name), name, values)
        else:
            first = with_columns(first, [name], settings).drop_columns(name)
            first = first.append_column(name, values)
    return first


def _with_later_texts(
    first: pa.Table, origin: Origin, cells: Cells, typed: Collection[str]
) -> pa.Table:
    """Return the first rows with columns as texts whose later cells are no such numbers as theirs.

    Else an `A12` among codes would be rejected, and 00123 become 123. Before there is a table, all
    cells decide; what it is made of is then known.
    """
    there = first.column_names
    features = [n for n in origin.settings.features if n in there and n not in typed]
    waiting = {n: kind for n in features if (kind := _cell_kind(first[n].type)) is not str}
    for table in origin.batches(cells, [*waiting]) if waiting else ():
        for name in [name for name in waiting if name in table.column_names]:
            if _cell_kind(table[name].type) not in (waiting[name], None):
                texts = first[name].cast(pa.string())
                later = table[name].cast(pa.string())
                both = pa.chunked_array([*texts.chunks, *later.chunks])
                _print_doubts([doubts.mostly_numbers(name, both, origin.settings)])
                first = first.set_column(there.index(name), name, texts)
                del waiting[name]
    return first


def _with_later_types(first: pa.Table, origin: Origin, typed: Collection[str]) -> pa.Table:
    """Return the first rows with columns of the types that hold the values of all files.

    Else numbers of a later file would be rejected, because those of the first happen to be whole.
    """
    names = {n for n in origin.settings.features if n in first.column_names and n not in typed}
    address = str(sources.ingest_origin(origin.settings))
    found = file_rows.common_types(address, origin.files, names)
    for at, field in enumerate(first.schema):
        if found.get(field.name, field.type) not in (field.type, pa.null()):
            column = plain_column(first[at]).cast(found[field.name])
            first = first.set_column(at, field.name, column)
    return first


def _cell_kind(kind: pa.DataType) -> type | None:
    """Return what cells hold; None where they hold nothing."""
    if pa.types.is_null(kind):
        return None
    if pa.types.is_boolean(kind):
        return bool
    return float if pa.types.is_integer(kind) or pa.types.is_floating(kind) else str


def with_columns(table: pa.Table, names: Iterable[str], settings: Settings) -> pa.Table:
    """Return rows with all of these columns: those that they lack have no value.

    Raises `Refusal` where the settings do not say that a column may be missing: a feed that has
    lost one would not be noticed.
    """
    for name in (name for name in names if name not in table.column_names):
        said = settings.contract.get(name)
        if not (said and said.nullable):
            raise Refusal(
                f"some of the origin's rows have no column {name!r}: mend what feeds it, or say "
                f"that they may come without: [contract] {settings_key(name)} = "
                "{ nullable = true }"
            )
        table = table.append_column(name, pa.nulls(table.num_rows))
    return table


def _first_values(
    origin: Origin, cells: Cells, lacking: Collection[str], rows: int
) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Yield the columns that have a value only later, each as it is where it has its first.

    They are as long as the first rows.
    """
    waiting = [*lacking]
    for table in origin.batches(cells, waiting) if waiting else ():
        there = {*table.column_names}
        for name in [name for name in waiting if name in there and _has_value(table[name])]:
            values = plain_column(table[name]).drop_null().slice(0, rows)
            gap = pa.nulls(rows - len(values), values.type)
            yield name, pa.chunked_array([*values.chunks, gap])
            waiting.remove(name)
        if not waiting:
            return


def _without_odd_labels(first: pa.Table, settings: Settings, *, is_new: bool) -> pa.Table:
    """Leave out labels that are neither true nor false where others are: their rows are rejected.

    Where none is, nobody knows yet which of them is true, which is for the settings to say; nor
    where one known word alone is beside them, and a target `is_new`, or they are other numbers: of
    1 and 2 the 1 is false, or it is true.
    """
    name = settings.target
    if settings.positive or name not in first.column_names:
        return first
    came = plain_column(first[name])
    read = read_column(came, ContractColumn(name=name, type="boolean"))
    labels = read.values
    if len(labels.drop_null().unique()) < (2 if is_new else 1) or are_other_codes(came, read):
        return first
    return first.set_column(first.column_names.index(name), name, labels)


def _has_value(values: pa.ChunkedArray) -> bool:
    return not plain_column(values).is_null(nan_is_null=True).to_numpy().all()


def _column(
    column: ContractColumn, known: Known, origin: Origin, *, is_new: bool
) -> ContractColumn:
    settings = origin.settings
    given = settings.contract.get(column.name)
    nullable = column.name not in (settings.key, settings.time) and not (
        given and given.nullable is False
    )
    changed: dict[str, object] = {"nullable": nullable}
    # The first numbers of a file of texts may be whole by chance.
    is_new = is_new and not (known.schema and column.name in known.schema.names)
    loose = origin.is_untyped and column.name != settings.key
    if column.type == "integer" and is_new and loose and not (given and given.type):
        changed["type"] = "number"
    if column.outside == "accept":
        changed |= {"minimum": None, "maximum": None, "categories": None}
    return column.model_copy(update=changed)
