"""The prediction log's tables: their columns, typed from the contract, and how they grow."""

from typing import Any

import sqlalchemy as sa

from shared.errors import Refusal
from shared.log.moments import Utc
from shared.log_columns import AFTER_ANSWER, BEFORE_ANSWER, ERROR_KINDS, PREDICTION, PROBABILITY
from shared.schema.column_reading import FIRST_UNSURE_FLOAT
from shared.schema.contract import Contract, ContractColumn
from shared.tasks.choice import task_of
from shared.words import number_of

TYPES: dict[str, Any] = {
    "number": sa.Double,
    "integer": sa.BigInteger,
    "boolean": sa.Boolean,
    "category": sa.Text,
    "text": sa.Text,
    "time": Utc,
}
# PostgreSQL's own lock, by a number that nobody else is likely to use.
ALONE = 7_405_927_731
# As many keys as fit in one statement of any database.
KEYS_AT_ONCE = 500
WHOLE, FLOAT = sa.Integer, sa.Float
# What a column is called until its values are in another.
RETYPED = "millrace_retyped"
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Tables:
    """A problem's three tables; `metadata` holds them all."""

    def __init__(self, problem: str, contract: Contract) -> None:
        self.metadata = sa.MetaData()
        key = sa.BigInteger if contract[contract.key].type == "integer" else sa.Text
        answers = [column for column, _ in task_of(contract).columns]
        features = (sa.Column(name, TYPES[contract[name].type]) for name in contract.features)
        self.predictions = sa.Table(
            f"{problem}_predictions", self.metadata, *_prediction_columns(key, answers), *features
        )
        self.outcomes = sa.Table(
            f"{problem}_outcomes",
            self.metadata,
            sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
            sa.Column("key", key, nullable=False),
            sa.Column("logged_at", Utc, nullable=False),
            sa.Column("value", TYPES[contract[contract.target].type], nullable=False),
            sa.Index(f"{problem}_outcomes_latest", "key", "id"),
        )
        self.minutes = sa.Table(f"{problem}_service_minutes", self.metadata, *_minute_columns())


def _prediction_columns(key: Any, answers: list[ContractColumn]) -> list[sa.Column[Any]]:
    types = {"key": key, "time": Utc, "logged_at": Utc, "latency_ms": sa.Double}
    types |= {answer.name: TYPES[answer.type] for answer in answers}
    # Another bundle of the problem may lack the rest of them: it has other classes, or no interval.
    always = (PREDICTION, PROBABILITY)
    nullable = {a.name for a in answers if a.nullable or a.name not in always}
    return [
        sa.Column(
            name,
            types.get(name, sa.Text),
            primary_key=name in ("prediction_id", "role"),
            nullable=name in nullable,
            index=name == "time",
        )
        for name in (*BEFORE_ANSWER, *(answer.name for answer in answers), *AFTER_ANSWER)
    ]


def _minute_columns() -> list[sa.Column[Any]]:
    counts = ("requests", "rows", "rejected", "errors")
    # Empty in minutes from before they were counted.
    added = (*ERROR_KINDS, "queue_rows", "spool_rows")
    refused = [
        sa.Column(name, kind)
        for what, of in (("rows", "row"), ("outcomes", "outcome"))
        for name, kind in ((f"refused_{what}", SERIAL), (f"{of}_faults", sa.Text))
    ]
    return [
        sa.Column("minute", Utc, primary_key=True),
        sa.Column("server", sa.Text, primary_key=True),
        *(sa.Column(name, SERIAL, nullable=False) for name in counts),
        *(sa.Column(name, sa.Double) for name in ("p50_ms", "p99_ms")),
        *(sa.Column(name, SERIAL) for name in added),
        *(sa.Column(name, sa.Double) for name in ("p90_ms", "p999_ms", "max_ms")),
        *refused,
    ]


def alone(connection: sa.Connection) -> None:
    """Let a transaction that has just begun be the only one to do what needs to be alone."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ALONE)))


def create_tables(connection: sa.Connection, tables: Tables) -> None:
    """Make the tables that are not there, and the columns that a table there lacks.

    Raises `Refusal` where a column there holds another type, or the database cannot have the name.
    """
    names = [column.name for column in tables.predictions.columns]
    _check_names(connection.dialect, names)
    tables.metadata.create_all(connection)
    held = _held(connection, tables.predictions)
    _check_names(connection.dialect, [*held, *names])
    _check_types(connection.dialect, held, tables.predictions)
    for column in tables.predictions.columns:
        families = _families(connection.dialect, held, column)
        if families == (WHOLE, FLOAT) or (
            families == (FLOAT, WHOLE) and not _has_fractions(connection, column)
        ):
            _refuse_lost_digits(connection, column, held[column.name])
            _retype(connection, column)
    for table in (tables.predictions, tables.outcomes, tables.minutes):
        _grow(connection, table)


def _held(connection: sa.Connection, table: sa.Table) -> dict[str, Any]:
    return {c["name"]: c["type"] for c in sa.inspect(connection).get_columns(table.name)}


def _grow(connection: sa.Connection, table: sa.Table) -> None:
    compiler = connection.dialect.type_compiler_instance
    quoted = connection.dialect.identifier_preparer
    held = _held(connection, table)
    for column in table.columns:
        if column.name not in held:
            name, kind = quoted.quote(column.name), compiler.process(column.type)
            grown = quoted.format_table(table)
            # As it stands: `text` would take a percent sign or a colon in the name for its own.
            connection.exec_driver_sql(f"ALTER TABLE {grown} ADD COLUMN {name} {kind}")


def _has_fractions(connection: sa.Connection, column: sa.Column[Any]) -> bool:
    """Tell whether a column of floats has some that are no whole numbers: it stays as it is."""
    inside = column.between(-FIRST_UNSURE_FLOAT, FIRST_UNSURE_FLOAT)
    is_broken = sa.and_(inside, column != sa.cast(column, sa.BigInteger))
    return bool(connection.scalar(sa.select(sa.exists().where(is_broken))))


def _refuse_lost_digits(connection: sa.Connection, column: sa.Column[Any], there: Any) -> None:
    """Raise `Refusal` where floats tell numbers of a column no longer from their neighbours."""
    unsure = sa.or_(column >= FIRST_UNSURE_FLOAT, column <= -FIRST_UNSURE_FLOAT)
    if rows := connection.scalar(sa.select(sa.func.count()).where(unsure)):
        wanted = connection.dialect.type_compiler_instance.process(column.type)
        raise Refusal(
            f"the prediction log's column {column.name} of {column.table.name} holds {there}, "
            f"where the bundle's contract has {wanted}, and {number_of(rows, 'row')} of it "
            f"{'has' if rows == 1 else 'have'} a whole number from 2^53 on, of which one of them "
            "keeps no digits: give the feature another name, or MILLRACE_LOG another database"
        )


def _retype(connection: sa.Connection, column: sa.Column[Any]) -> None:
    """Let a column take fractions, or all digits, as the bundle that is next to answer has."""
    quoted = connection.dialect.identifier_preparer
    table, name = quoted.format_table(column.table), quoted.quote(column.name)
    kind = connection.dialect.type_compiler_instance.process(column.type)
    if connection.dialect.name == "postgresql":
        steps = [f"ALTER COLUMN {name} TYPE {kind}"]
    else:
        steps = [f"RENAME COLUMN {name} TO {RETYPED}", f"ADD COLUMN {name} {kind}"]
    for step in steps:
        connection.exec_driver_sql(f"ALTER TABLE {table} {step}")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"UPDATE {table} SET {name} = {RETYPED}")
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {RETYPED}")


def _check_types(dialect: sa.Dialect, held: dict[str, Any], table: sa.Table) -> None:
    for column in table.columns:
        there, wanted = _families(dialect, held, column)
        # Whole numbers may come where fractions are, and fractions where whole numbers were.
        if there is not wanted and {there, wanted} != {WHOLE, FLOAT}:
            raise Refusal(
                f"the prediction log's column {column.name} of {table.name} holds "
                f"{held[column.name]}, where the bundle's contract has "
                f"{dialect.type_compiler_instance.process(column.type)}: "
                "give the feature another name, or MILLRACE_LOG another database"
            )


def _check_names(dialect: sa.Dialect, names: list[str]) -> None:
    longest = dialect.max_identifier_length
    alike: dict[bytes, str] = {}
    for name in names:
        # PostgreSQL cuts a longer name; SQLite takes a to z and A to Z for the same.
        if len(name.encode()) > longest:
            raise Refusal(f"the feature {name!r} is longer than a column's name: {longest} bytes")
        same = name.encode().lower() if dialect.name == "sqlite" else name.encode()
        if (other := alike.setdefault(same, name)) != name:
            raise Refusal(
                f"the prediction log's columns {other!r} and {name!r} would be the same to SQLite: "
                "give the feature another name, or MILLRACE_LOG a PostgreSQL database"
            )


def _families(dialect: sa.Dialect, held: dict[str, Any], column: sa.Column[Any]) -> tuple[Any, Any]:
    """Return what a column there, and the same as it is wanted, are at heart.

    Databases report their own spelling of a type. One that is not there is what is wanted.
    """
    wanted = column.type.dialect_impl(dialect)
    kinds = (held.get(column.name, wanted), wanted)
    there, asked = (getattr(kind, "impl_instance", kind)._type_affinity for kind in kinds)
    return there, asked
