"""The spool: answered rows that wait on this machine's disk while the log is away.

A SQLite file of batches, oldest first. What is in it outlives the process, and the next server that
has the folder takes it on.
"""

import fcntl
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa
from pydantic_core import from_json, to_json

from shared.errors import Refusal
from shared.log import database
from shared.log.database import LogUnavailable, available
from shared.schema.contract import Contract
from shared.words import number_of

Row = dict[str, Any]
TABLES = sa.MetaData()
CONTRACTS = sa.Table("contracts", TABLES, sa.Column("content", sa.Text, primary_key=True))


def _batches(name: str) -> sa.Table:
    return sa.Table(
        name,
        TABLES,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contract", sa.Integer, nullable=False),
        sa.Column("spooled_at", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        # Of all rows since the spool was empty, this batch's included.
        sa.Column("running", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


BATCHES, REFUSED = _batches("batches"), _batches("refused")


@dataclass(frozen=True)
class Batch:
    """Rows that wait one after another, and the contract that they were answered by."""

    first: int
    last: int
    contract: Contract
    rows: Sequence[Row]


@dataclass(frozen=True)
class Depth:
    """How many rows wait, and since when the oldest of them does (UTC; None for none)."""

    rows: int
    since: datetime | None


class Spool:
    """A problem's spool in a folder, of `most` rows. Made when it is first written."""

    def __init__(self, folder: Path, problem: str, most: int) -> None:
        self.most = most
        self._file = folder / f"{problem}.db"
        self._engine = database.engine(f"sqlite:///{self._file.absolute()}")

    def put(self, rows: Sequence[Row], contract: Contract) -> None:
        """Add rows, which are durable when this returns.

        Raises `LogUnavailable` when there is no room, or when the disk does not take them.
        """
        with self._writing() as connection:
            depth = _depth(connection)
            if depth.rows + len(rows) > self.most:
                waiting = number_of(depth.rows, "row waits", "rows wait")
                raise LogUnavailable(f"the spool is full: {waiting} for the log")
            running = connection.scalar(sa.select(sa.func.max(BATCHES.c.running))) or 0
            batch = {
                "contract": _number(connection, contract.model_dump_json()),
                "spooled_at": datetime.now(UTC).isoformat(),
                "rows": len(rows),
                "running": running + len(rows),
                "content": to_json(rows),
            }
            connection.execute(sa.insert(BATCHES), batch)

    def depth(self) -> Depth:
        """Return how much waits."""
        if not self._file.is_file():
            return Depth(0, None)
        with available(self._engine), self._engine.connect() as connection:
            return _depth(connection)

    def oldest(self, most: int = 1) -> Batch | None:
        """Return what has waited the longest, of at most `most` answers; None for nothing."""
        if not self._file.is_file():
            return None
        query = sa.select(BATCHES.c.id, BATCHES.c.contract, BATCHES.c.content)
        with available(self._engine), self._engine.connect() as connection:
            found = connection.execute(query.order_by(BATCHES.c.id).limit(most)).all()
            if not found:
                return None
            alike = list(itertools.takewhile(lambda b: b.contract == found[0].contract, found))
            wanted = sa.select(CONTRACTS.c.content).where(sa.text("rowid = :number"))
            written = connection.scalar(wanted, {"number": found[0].contract})
        contract = Contract.model_validate_json(str(written))
        rows = [row for batch in alike for row in from_json(batch.content)]
        return Batch(alike[0].id, alike[-1].id, contract, _timed(rows, contract))

    def set_aside(self, batch: Batch) -> None:
        """Keep a batch that the database will not take, where it holds up no other."""
        with self._writing() as connection:
            these = BATCHES.c.id.between(batch.first, batch.last)
            found = connection.execute(sa.select(BATCHES).where(these)).mappings().all()
            connection.execute(sa.insert(REFUSED), [dict(row) | {"id": None} for row in found])
            connection.execute(sa.delete(BATCHES).where(these))

    def drop(self, batch: Batch) -> None:
        """Let go of a batch, which is in the log now."""
        with self._writing() as connection:
            these = BATCHES.c.id.between(batch.first, batch.last)
            connection.execute(sa.delete(BATCHES).where(these))

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with available(self._engine):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.begin() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                TABLES.create_all(connection)
                yield connection


@contextmanager
def held(folder: Path, problem: str) -> Iterator[None]:
    """Hold a problem's spool for this process; raises `Refusal` when it cannot be had."""
    with _lock(folder, problem) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(
                f"{folder} has the spool of a server of {problem} that is running: stop that one, "
                "or give this one a folder of its own with --spool"
            ) from None
        yield


def _lock(folder: Path, problem: str) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / f"{problem}.lock").open("w")
    except OSError as error:
        raise Refusal(
            f"{folder} cannot be the spool ({error.strerror}): name another folder with --spool, "
            "or do without one by --spool-rows 0"
        ) from None


def _depth(connection: sa.Connection) -> Depth:
    ends = []
    for order in (BATCHES.c.id, BATCHES.c.id.desc()):
        query = sa.select(BATCHES.c.rows, BATCHES.c.running, BATCHES.c.spooled_at)
        ends.append(connection.execute(query.order_by(order).limit(1)).first())
    first, last = ends
    if first is None or last is None:
        return Depth(0, None)
    since = datetime.fromisoformat(first.spooled_at)
    return Depth(last.running - first.running + first.rows, since)


def _number(connection: sa.Connection, content: str) -> int:
    rowid = sa.select(sa.text("rowid")).select_from(CONTRACTS).where(CONTRACTS.c.content == content)
    if (found := connection.scalar(rowid)) is None:
        connection.execute(sa.insert(CONTRACTS), {"content": content})
        found = connection.scalar(rowid)
    return int(found or 0)


def _timed(rows: list[Row], contract: Contract) -> list[Row]:
    """Give back their moments to rows that were JSON."""
    features = [name for name in contract.features if contract[name].type == "time"]
    for row in rows:
        for name in ("time", "logged_at", *features):
            if row.get(name) is not None:
                row[name] = datetime.fromisoformat(row[name])
    return rows
