"""What one ingest is to do: the table, what its columns are, and what is to be read by whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from shared.errors import Refusal
from shared.ingestion import staging
from shared.schema import validation
from shared.schema.contract import Contract, ContractColumn
from shared.settings import Settings
from shared.tables import delta, origins, storage, table_files
from shared.tables.table_files import Piece, Pieces

ROWS, REJECTED = "rows", "rejected"
# What the table of rejected rows has beside their columns, all as texts.
ROW, REASON = "row", "reason"


@dataclass(frozen=True)
class Draw:
    """What one task reads: some of the origin's files, or all of what has none."""

    number: int
    files: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Plan:
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
    draws: tuple[Draw, ...]
    abandoned: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns of the contract, in its order."""
        return [column.name for column in self.contract.columns]


def plan(settings: Settings, run: str) -> Plan:
    """Look at the origin's first rows and at the table, which is made when there is none.

    Raises `Refusal` when the origin cannot be read, lacks columns, or does not fit the table.
    """
    address, origin = origins.table_of(settings), origins.origin_of(settings)
    there = table_files.listed(address) if _is_made(address) else None
    since, draws = _since(there, settings), _draws(origin, settings)
    first = next(origins.batches(settings, draws[0].files, since, settings.ingest.batch_rows), None)
    known = pa.schema(delta.opened(address).schema().to_arrow()) if there else None
    contract = _contract(first, known, settings)
    names = [column.name for column in contract.columns]
    schema = validation.schema(contract, names).append(pa.field(delta.DAY, pa.string()))
    delta.create(address, schema)
    delta.widen(delta.opened(address), schema)
    return Plan(
        origin=origin or f"a query of {origins.ADDRESS}",
        table=address,
        rejected=f"{address.rstrip('/')}.rejected",
        staging=staging.of(address, run),
        contract=contract,
        version=delta.opened(address).version(),
        since=since,
        draws=tuple(draws),
        abandoned=staging.clear_abandoned(address, settings),
    )


def rejected_schema(plan: Plan) -> pa.Schema:
    """Return the columns of the table of rejected rows."""
    return pa.schema([(n, pa.string()) for n in (ROW, REASON, *plan.names, delta.DAY)])


def _is_made(address: str) -> bool:
    if delta.is_lake(address):
        return True
    where = storage.place(address)
    with storage.told(address):
        found = where.files.get_file_info(where.path)
    if found.is_file:
        raise Refusal(f"the table {address} would be a folder, and is a file: name another one")
    return False


def _since(there: Pieces | None, settings: Settings) -> datetime:
    days = [dict(piece.partition).get(delta.DAY, "") for piece in there.files] if there else []
    if not days:
        return origins.FIRST
    newest = datetime.combine(date.fromisoformat(max(days)), time(), UTC)
    return newest - timedelta(days=settings.ingest.overlap_days)


def _draws(origin: str | None, settings: Settings) -> list[Draw]:
    if origin is None or not origins.is_files(origin):
        return [Draw(0)]
    found = table_files.listed(origin).files
    if not found:
        raise Refusal(f"{origin} holds no rows")
    return [
        Draw(n, files) for n, files in enumerate(table_files.groups(found, settings.ingest.tasks))
    ]


def _contract(first: pa.Table | None, known: pa.Schema | None, settings: Settings) -> Contract:
    """Return what a row of the table has to be: only what the settings say is enforced."""
    if first is None or (known is None and not first.num_rows):
        raise Refusal("the origin holds no row, so that nobody knows what its columns are")
    if delta.DAY in (settings.key, settings.time, settings.target, *settings.features):
        raise Refusal(f"a column cannot be named {delta.DAY!r} in a table by day: rename it")
    inferred = Contract.infer(first.to_pandas(), settings)
    columns = tuple(_column(column, known, settings) for column in inferred.columns)
    return inferred.model_copy(update={"columns": columns})


def _column(column: ContractColumn, known: pa.Schema | None, settings: Settings) -> ContractColumn:
    given = settings.contract.get(column.name)
    said = given.nullable if given else None
    nullable = column.name not in (settings.key, settings.time) and said is not False
    changed: dict[str, object] = {"nullable": nullable}
    if not (given and given.type):
        changed["type"] = _kind(column, known, settings)
    if column.outside == "accept":
        changed |= {"minimum": None, "maximum": None, "categories": None}
    return column.model_copy(update=changed)


def _kind(column: ContractColumn, known: pa.Schema | None, settings: Settings) -> str:
    if known is not None and column.name in known.names:
        held = known.field(column.name).type
        if held == validation.TYPES[column.type]:
            return column.type
        return next(kind for kind, made in validation.TYPES.items() if made == held)
    origin = str(origins.origin_of(settings))
    # The first numbers of a file of texts may be whole by chance.
    loose = ".csv" in origin and column.type == "integer" and column.name != settings.key
    return "number" if loose else column.type
