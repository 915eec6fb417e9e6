"""What one ingest is to do: the table, what its columns are, and what is to be read by whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from shared.errors import Refusal
from shared.ingestion import staging
from shared.ingestion.origin_contract import Known, Origin, contract_of_rows
from shared.lineage import bundles
from shared.schema import validation
from shared.schema.columns import own_name
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tables import delta, query, sources, storage, table_files
from shared.tables.stretches import equal_stretches
from shared.tables.table_files import TableFile, TableFiles

ROWS, REJECTED = "rows", "rejected"


@dataclass(frozen=True)
class ReadPart:
    """What one task reads: some of the origin's files, or all of what has none."""

    number: int
    files: tuple[TableFile, ...] = ()


@dataclass(frozen=True)
class IngestPlan:
    """An ingest: from where, into which table, by which contract, over which staging folder.

    `version` is the table's when the ingest begins, and `since` what a query may ask for;
    `abandoned` are earlier runs that failed, and whose staged rows are cleared; features
    `without_values` have no type yet, and are no columns of the table.
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
    without_values: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns of the contract, in its order."""
        return [column.name for column in self.contract.columns]

    @property
    def row_name(self) -> str:
        """The column of the table of rejected rows that names a row by what is in it."""
        return own_name("row", self.names)

    @property
    def reason_name(self) -> str:
        """The column of the table of rejected rows that says why."""
        return own_name("reason", self.names)

    @property
    def rejected_schema(self) -> pa.Schema:
        """The columns of the table of rejected rows, all texts."""
        names = (self.row_name, self.reason_name, *self.names, delta.DAY)
        return pa.schema([(name, pa.string()) for name in names])


def champion_contract(settings: Settings) -> Contract | None:
    """Return the contract of the problem's champion, by whose types a new column is read.

    None where there is no champion, or none that can be opened, which is said.
    """
    try:
        found = bundles.champion(settings)
    except Refusal as refusal:
        print(f"new columns are read without the champion's types: {refusal}")
        return None
    return found.contract if found else None


def plan_ingest(settings: Settings, run: str, champion: Contract | None = None) -> IngestPlan:
    """Look at the origin's first values and at the table, which is made when there is none.

    What neither the table nor the settings type is of the `champion`'s type, if it knows it. Raises
    `Refusal` when the origin cannot be read, lacks columns, or does not fit the table.
    """
    address, origin = sources.table_address(settings), sources.ingest_origin(settings)
    there = table_files.list_files(address) if _is_made(address) else None
    since, parts = _since(there, settings), _read_parts(origin, settings)
    schema = pa.schema(delta.open_table(address).schema().to_arrow()) if there else None
    files = tuple(file for part in parts for file in part.files)
    known = Known(schema, there, champion)
    contract = contract_of_rows(Origin(settings, files, since), known)
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
        without_values=tuple(n for n in settings.features if n not in contract.features),
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
        raise Refusal(f"the table {address} has to be a folder, but is a file: name another one")
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
