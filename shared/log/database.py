"""The database of a prediction log: an address becomes connections that keep what they commit."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from shared.errors import Refusal

VARIABLE = "MILLRACE_LOG"
BACKENDS = ("sqlite", "postgresql")
# Seconds that SQLite waits for another writer, and PostgreSQL for a server that says nothing. Both
# are well below a request's deadline.
SQLITE_WAITS = 10
POSTGRES_WAITS = 5
# Seconds that a statement may take of one whose callers wait.
STATEMENT_WAITS = 10
# Pages of 4 KiB that SQLite writes ahead of its database before a commit takes them there.
MOST_AHEAD = 16_000
# SQLite's names for a database that would be gone with its connection.
IN_MEMORY = (None, "", ":memory:")
REFUSALS = tuple(
    getattr(library, f"{kind}Error")
    for library in (exc, sqlite3)
    for kind in ("Data", "Integrity", "Programming", "NotSupported")
)
NO_ADDRESS = (
    f"{VARIABLE} is no database's address: give one such as sqlite:////folder/log.db or "
    "postgresql+psycopg://user:password@host/database"
)


class LogUnavailable(Exception):  # noqa: N818  (the log is away, and may come back)
    """The database did not do what was asked of it, and nothing of it was done."""


class RowsRefused(LogUnavailable):
    """The database is there, and does not take what it was given."""


def default_address(problem: str) -> str:
    """Return the log's address: MILLRACE_LOG, else a SQLite file under this folder."""
    return os.environ.get(VARIABLE) or f"sqlite:///{Path.cwd() / '.millrace' / f'{problem}.db'}"


def engine(address: str, lock_seconds: float | None = None) -> sa.Engine:
    """Return the engine of a database that may not be there yet; nothing is connected.

    With `lock_seconds`, nothing waits longer than that for what another writer has locked.
    Raises `Refusal` for an address that names no database, or one that has no driver here.
    """
    url = _url(address)
    on_sqlite = url.get_backend_name() == "sqlite"
    wait = {"timeout": lock_seconds or SQLITE_WAITS} if on_sqlite else _patience(url)
    try:
        made = sa.create_engine(url, connect_args=wait, pool_pre_ping=not on_sqlite)
    except exc.NoSuchModuleError:
        raise Refusal(NO_ADDRESS) from None
    except ModuleNotFoundError as error:
        raise Refusal(
            f"{VARIABLE}: no driver for {url.drivername} is installed ({error}); "
            'for PostgreSQL: pip install "psycopg[binary]"'
        ) from None
    if on_sqlite:
        sa.event.listen(made, "connect", _durable)
    elif lock_seconds:
        sa.event.listen(made, "connect", partial(_impatient, lock_seconds))
    return made


def file(engine: sa.Engine) -> Path | None:
    """Return the file of a SQLite database; None for any other."""
    url = engine.url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown(engine: sa.Engine) -> str:
    """Return the database's address, without its password."""
    url = engine.url.difference_update_query(["password", "sslpassword"])
    return url.render_as_string(hide_password=True)


def _url(address: str) -> sa.URL:
    try:
        url = sa.make_url(address)
    except (exc.ArgumentError, ValueError):
        raise Refusal(NO_ADDRESS) from None
    backend = url.get_backend_name()
    if backend not in BACKENDS:
        known = " or ".join(BACKENDS)
        raise Refusal(f"{VARIABLE}: {backend} is not supported; give a {known} address")
    if backend == "sqlite" and (url.database in IN_MEMORY or "uri" in url.query):
        raise Refusal(f"{VARIABLE} names no file; give one such as sqlite:////folder/log.db")
    return url


def _patience(url: sa.URL) -> dict[str, Any]:
    """Return how long a silent server is waited for, but for what the address itself says."""
    wanted = {"connect_timeout": POSTGRES_WAITS, "tcp_user_timeout": 1000 * POSTGRES_WAITS}
    return {name: value for name, value in wanted.items() if name not in url.query}


@contextmanager
def available(engine: sa.Engine) -> Iterator[None]:
    """Tell in one line what a database did not do."""
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError, sqlite3.Error, OSError) as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines()
        kind = RowsRefused if isinstance(error, REFUSALS) else LogUnavailable
        raise kind(f"{shown(engine)}: {cause[0] if cause else error}") from error


def is_damage(error: LogUnavailable) -> bool:
    """Say whether SQLite found its file damaged: some of it may still be written, and be lost."""
    cause = error.__cause__
    code = getattr(getattr(cause, "orig", cause), "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def needed() -> Iterator[None]:
    """Refuse what cannot go on while the log is away."""
    try:
        yield
    except LogUnavailable as error:
        raise Refusal(f"the prediction log is not available: {error}") from None


def _impatient(lock_seconds: float, connection: Any, _: Any) -> None:
    with connection.cursor() as cursor:
        for name, seconds in (("lock", lock_seconds), ("statement", STATEMENT_WAITS)):
            cursor.execute(f"SET {name}_timeout = {round(1000 * seconds)}")
    connection.commit()


def _durable(connection: sqlite3.Connection, _: Any) -> None:
    # Readers do not wait for the writer, and a commit is on the disk when it returns.
    connection.execute("PRAGMA synchronous = FULL")
    # A commit that finds so much written ahead has to tidy up first.
    connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_AHEAD}")
    # SQLite itself does not wait where two processes that begin a file both write this into it.
    until = time.monotonic() + SQLITE_WAITS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
        time.sleep(0.02)
