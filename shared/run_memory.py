"""What finished runs keep, remembered in a file: it never changes, and a datastore is far away.

The file is only a cache: whoever throws it away loses time and nothing else. Nobody waits for it.
"""

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pydantic_core

FILE = Path(".millrace") / "runs.cache"
# Whoever finds the file taken for longer does without.
LOCK_SECONDS = 0.2
_LAYOUT = "CREATE TABLE IF NOT EXISTS remembered (key TEXT PRIMARY KEY, kept TEXT) WITHOUT ROWID"
_of_thread = threading.local()


def recall(key: str) -> dict[str, Any] | None:
    """Return what was remembered under a key; None for nothing, or where it cannot be read."""
    with suppress(sqlite3.Error):
        connection = _connection(FILE.absolute())
        found = connection.execute("SELECT kept FROM remembered WHERE key = ?", [key]).fetchone()
        return _plain(found[0]) if found else None
    return None


def remember(key: str, kept: dict[str, Any]) -> None:
    """Remember plain values under a key; what JSON does not give back as it was is left out."""
    remember_all({key: kept})


def remember_all(kept: Mapping[str, dict[str, Any]]) -> None:
    """Remember plain values by their keys, all at once."""
    texts = [(key, text) for key, held in kept.items() if (text := _exact_json(held)) is not None]
    if not texts:
        return
    try:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        _write(texts)
    except sqlite3.OperationalError:
        pass
    except sqlite3.DatabaseError:
        # No database, or a damaged one: it is made anew.
        with suppress(OSError, sqlite3.Error):
            FILE.unlink(missing_ok=True)
            _write(texts)
    except OSError:
        pass


def _write(texts: Sequence[tuple[str, str]]) -> None:
    connection = _connection(FILE.absolute(), create=True)
    with connection:
        connection.executemany("INSERT OR REPLACE INTO remembered VALUES (?, ?)", texts)


def _connection(file: Path, create: bool = False) -> sqlite3.Connection:
    """Return this thread's connection to the file of the working folder, as it is there now."""
    held: dict[Path, tuple[int, sqlite3.Connection]] = _of_thread.__dict__.setdefault("held", {})
    number, connection = held.get(file, (None, None))
    if not (create or file.is_file()):
        raise sqlite3.OperationalError("nothing was remembered here")
    if connection is None or not file.exists() or file.stat().st_ino != number:
        connection = sqlite3.connect(file, timeout=LOCK_SECONDS)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        # In KiB: each thread has a connection, and the system caches the file.
        connection.execute("PRAGMA cache_size=-256")
        connection.execute(_LAYOUT)
        held[file] = file.stat().st_ino, connection
    return connection


def _exact_json(values: dict[str, Any]) -> str | None:
    with suppress(TypeError, ValueError, RecursionError):
        text = json.dumps(values)
        return text if _plain(text) == values else None
    return None


def _plain(text: str) -> dict[str, Any]:
    """Return the values of a text, which share the words that they and others have in common."""
    return dict(pydantic_core.from_json(text, cache_strings="all"))
