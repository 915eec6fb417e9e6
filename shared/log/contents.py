"""What is in a prediction log, read without a contract: its tables as the database has them."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from shared import problem_commands
from shared.errors import Refusal
from shared.log import database
from shared.log.database import available, needed
from shared.utc import as_utc

PREDICTIONS, OUTCOMES, MINUTES = NAMES = ("predictions", "outcomes", "service_minutes")
# By which moment a table's rows belong to a day.
MOMENTS = {PREDICTIONS: "time", OUTCOMES: "logged_at", MINUTES: "minute"}


@dataclass(frozen=True)
class Contents:
    """A table: how many rows, and the first and the last moment (UTC) of them; None without any."""

    rows: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class Summary:
    """A log: its address without a password, its tables, and its predictions by who made them.

    `with_outcome` counts the champion's and the canary's predictions whose key has one; `bytes` is
    what SQLite takes on disk, None for another database.
    """

    address: str
    tables: dict[str, Contents]
    answers: tuple[dict[str, Any], ...]
    with_outcome: int
    bytes: int | None


@contextmanager
def opened(problem: str) -> Iterator[tuple[sa.Connection, dict[str, sa.Table]]]:
    """Connect to a problem's log, with its tables as they are there.

    Raises `Refusal` when there is none, or when the database does not answer.
    """
    engine = database.engine(database.default_address(problem))
    file = database.file(engine)
    if file and not file.is_file():
        raise Refusal(
            f"no prediction log at {database.shown(engine)}: {_how(problem)}{_others(file)}"
        )
    try:
        with needed(), available(engine), engine.connect() as connection:
            yield connection, _tables(connection, problem)
    finally:
        engine.dispose()


def _how(problem: str) -> str:
    init = problem_commands.millrace_command("log init", problem=problem)
    return f"serve first, run `{init}`, or let {database.VARIABLE} name where it is"


def _others(file: Path) -> str:
    """Name the logs beside the one that is not there: another problem may be meant."""
    beside = sorted(other.stem for other in file.parent.glob(f"*{file.suffix}"))
    words = f"; --problem names another one, and here are those of {', '.join(beside)}"
    return words if beside else ""


def with_log(problems: Iterable[str]) -> dict[str, bool]:
    """Return whether each problem has a log; none that is a file of its own is opened for that.

    A database that all share is asked once, and where it does not answer none has.
    """
    names = list(problems)
    if not os.environ.get(database.VARIABLE):
        return {name: _own_file(name).is_file() for name in names}
    try:
        held = _held() if names else []
    except Refusal:
        held = []
    return {name: f"{name}_{PREDICTIONS}" in held for name in names}


def _own_file(problem: str) -> Path:
    return Path(database.file(database.engine(database.default_address(problem))) or "")


def _held() -> list[str]:
    """Return the tables of the database that all problems share."""
    engine = database.engine(database.default_address(""))
    file = database.file(engine)
    if file and not file.is_file():
        return []
    try:
        with needed(), available(engine), engine.connect() as connection:
            return sa.inspect(connection).get_table_names()
    finally:
        engine.dispose()


def summary(problem: str) -> Summary:
    """Return what is in a problem's log."""
    with opened(problem) as (connection, tables):
        file = database.file(connection.engine)
        parts = file.parent.glob(f"{file.name}*") if file else ()
        return Summary(
            address=database.shown(connection.engine),
            tables={name: _contents(connection, name, tables[name]) for name in NAMES},
            answers=_answers(connection, tables[PREDICTIONS]),
            with_outcome=_with_outcome(connection, tables),
            bytes=sum(part.stat().st_size for part in parts) if file else None,
        )


def _tables(connection: sa.Connection, problem: str) -> dict[str, sa.Table]:
    held, metadata = sa.inspect(connection).get_table_names(), sa.MetaData()
    lacking = [name for name in NAMES if f"{problem}_{name}" not in held]
    if lacking:
        there = sorted(name.removesuffix(f"_{PREDICTIONS}") for name in held if PREDICTIONS in name)
        known = f" (it has {', '.join(there)})" if there else ""
        raise Refusal(
            f"{database.shown(connection.engine)} has no log of the problem {problem}{known}: "
            f"{_how(problem)}"
        )
    names = {name: f"{problem}_{name}" for name in NAMES}
    return {n: sa.Table(full, metadata, autoload_with=connection) for n, full in names.items()}


def _contents(connection: sa.Connection, name: str, table: sa.Table) -> Contents:
    moment = table.c[MOMENTS[name]]
    query = sa.select(sa.func.count(), sa.func.min(moment), sa.func.max(moment))
    rows, first, last = connection.execute(query.select_from(table)).one()
    return Contents(rows, first and as_utc(first), last and as_utc(last))


def _answers(connection: sa.Connection, table: sa.Table) -> tuple[dict[str, Any], ...]:
    columns = (table.c.bundle, table.c.role)
    query = (
        sa.select(
            *columns,
            sa.func.count().label("rows"),
            sa.func.min(table.c.logged_at).label("first"),
            sa.func.max(table.c.logged_at).label("last"),
        )
        .group_by(*columns)
        .order_by(sa.text("first"))
    )
    rows = connection.execute(query).mappings()
    return tuple({**r, "first": as_utc(r["first"]), "last": as_utc(r["last"])} for r in rows)


def _with_outcome(connection: sa.Connection, tables: dict[str, sa.Table]) -> int:
    predictions, outcomes = tables[PREDICTIONS], tables[OUTCOMES]
    known = sa.exists().where(outcomes.c.key == predictions.c.key)
    query = sa.select(sa.func.count()).select_from(predictions)
    counted = query.where(predictions.c.role != "challenger", known)
    return connection.scalar(counted) or 0
