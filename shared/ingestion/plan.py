"""What one ingest is to do: the table, what its columns are, and what is to be read by whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from shared.errors import Refusal
from shared.ingestion import staging
from shared.schema import validation
from shared.schema.column_reading import ARROW_TYPES
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.inference import infer_contract
from shared.settings import Settings
from shared.tables import delta, query, sources, storage, table_files
from shared.tables.stretches import equal_stretches
from shared.tables.table_files import TableFile, TableFiles

ROWS, REJECTED = "rows", "rejected"
# What the table of rejected rows has beside their columns, all as texts.
ROW, REASON = "row", "reason"


@dataclass(frozen=True)
class ReadPart:
    """What one task reads: some of the origin's files, or all of what has none."""

    number: int
    files: tuple[TableFile, ...] = ()


@dataclass(frozen=True)
class IngestPlan:
    """An ingest: from where, into which table, by which contract, over which staging folder.

    `version` is the table's when the ingest begins, and `since` what a query may ask for;
    `abandoned` are earlier runs that failed, and whose staged rows are cleared.
    """

    origin: str
    table: str
    rejected: str
    staging: str
    contract: Contract
    version: int
    since: datetime
    parts: tuple[ReadPart, ...]
    abandoned: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns of the contract, in its order."""
        return [column.name for column in self.contract.columns]

    @property
    def rejected_schema(self) -> pa.Schema:
        """The columns of the table of rejected rows."""
        return pa.schema([(n, pa.string()) for n in (ROW, REASON, *self.names, delta.DAY)])


def plan_ingest(settings: Settings, run: str) -> IngestPlan:
    """Look at the origin's first rows and at the table, which is made when there is none.

    Raises `Refusal` when the origin cannot be read, lacks columns, or does not fit the table.
    """
    address, origin = sources.table_address(settings), sources.ingest_origin(settings)
    there = table_files.list_files(address) if _is_made(address) else None
    since, parts = _since(there, settings), _read_parts(origin, settings)
    first = next(
        sources.source_batches(settings, parts[0].files, since, settings.ingest.batch_rows), None
    )
    known = pa.schema(delta.open_table(address).schema().to_arrow()) if there else None
    contract = _contract(first, known, settings)
    schema = table_schema(contract)
    delta.create(address, schema)
    delta.widen(delta.open_table(address), schema)
    return IngestPlan(
        origin=origin or f"a query of {query.ADDRESS_VARIABLE}",
        table=address,
        rejected=f"{address.rstrip('/')}.rejected",
        staging=staging.staging_address(address, run),
        contract=contract,
        version=delta.open_table(address).version(),
        since=since,
        parts=tuple(parts),
        abandoned=staging.clear_abandoned(address, settings),
    )


def table_schema(contract: Contract) -> pa.Schema:
    """Return the columns of the table, whose rows lie by day."""
    names = [column.name for column in contract.columns]
    return validation.arrow_schema(contract, names).append(pa.field(delta.DAY, pa.string()))


def _is_made(address: str) -> bool:
    if delta.is_delta_table(address):
        return True
    where = storage.place(address)
    with storage.reaching(address):
        found = where.files.get_file_info(where.path)
    if found.is_file:
        raise Refusal(f"the table {address} would be a folder, and is a file: name another one")
    return False


def _since(there: TableFiles | None, settings: Settings) -> datetime:
    days = [dict(file.partition).get(delta.DAY, "") for file in there.files] if there else []
    if not days:
        return sources.BEGINNING
    newest = datetime.combine(date.fromisoformat(max(days)), time(), UTC)
    return newest - timedelta(days=settings.ingest.overlap_days)


def _read_parts(origin: str | None, settings: Settings) -> list[ReadPart]:
    if origin is None or not sources.is_files(origin):
        return [ReadPart(0)]
    files = table_files.list_files(origin).files
    if not files:
        raise Refusal(f"{origin} holds no rows")
    cut = equal_stretches([file.bytes for file in files], settings.ingest.tasks)
    return [ReadPart(n, files[at.start : at.stop]) for n, at in enumerate(cut)]


def _contract(first: pa.Table | None, known: pa.Schema | None, settings: Settings) -> Contract:
    """Return what a row of the table has to be: only what the settings say is enforced."""
    if first is None or (known is None and not first.num_rows):
        raise Refusal("the origin holds no row, so that nobody knows what its columns are")
    if delta.DAY in (settings.key, settings.time, settings.target, *settings.features):
        raise Refusal(f"a column cannot be named {delta.DAY!r} in a table by day: rename it")
    inferred = infer_contract(first, settings, _known_types(known))
    columns = tuple(_column(column, known, settings) for column in inferred.columns)
    return inferred.model_copy(update={"columns": columns})


def _known_types(known: pa.Schema | None) -> dict[str, ColumnType]:
    """Return the types that the table's columns have already."""
    kinds = {made: kind for kind, made in ARROW_TYPES.items() if kind != "text"}
    return {} if known is None else {f.name: kinds[f.type] for f in known if f.type in kinds}


def _column(column: ContractColumn, known: pa.Schema | None, settings: Settings) -> ContractColumn:
    given = settings.contract.get(column.name)
    nullable = column.name not in (settings.key, settings.time) and not (
        given and given.nullable is False
    )
    changed: dict[str, object] = {"nullable": nullable}
    # The first numbers of a file of texts may be whole by chance.
    is_new = known is None or column.name not in known.names
    loose = ".csv" in str(sources.ingest_origin(settings)) and column.name != settings.key
    if column.type == "integer" and is_new and loose and not (given and given.type):
        changed["type"] = "number"
    if column.outside == "accept":
        changed |= {"minimum": None, "maximum": None, "categories": None}
    return column.model_copy(update=changed)
