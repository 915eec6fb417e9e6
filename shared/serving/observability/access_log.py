"""The access log: one line for each request on stderr, as text or JSON; never a body or a key.

A thread writes the lines, many at once, so that no answer waits for whoever reads them.
"""

import collections
import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic_core import to_json
from starlette.types import Scope

LogFormat = Literal["off", "text", "json"]
FLUSH_SECONDS = 0.5
# Lines that wait for a reader that is too slow; what comes then is left out, and counted.
MAX_WAITING_LINES = 100_000
# So much goes into a pipe in one piece, also where several processes write into it.
PIECE_BYTES = 4_096
MAX_PATH_BYTES = 1_000
FIELDS = (
    *("time", "request_id", "method", "path", "status", "milliseconds", "client"),
    *("rows", "prediction_id", "api_key_name", "trace_id"),
)
Line = tuple[Any, ...]


class AccessLog:
    """Writes requests to a file descriptor, at the latest half a second after they were answered.

    `rows` is how many were answered, `prediction_id` the first one's.
    """

    def __init__(
        self, form: LogFormat, descriptor: int | None = None, most: int = MAX_WAITING_LINES
    ) -> None:
        self._write_line = _as_json if form == "json" else _as_text
        self._descriptor = sys.stderr.fileno() if descriptor is None else descriptor
        self._waiting: collections.deque[Line] = collections.deque()
        self._most = most
        self._left_out = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="access log")
        self._thread.start()

    def add(self, scope: Scope, status: int, milliseconds: float) -> None:
        """Add a request that was answered; what is not known of it is left empty."""
        if len(self._waiting) >= self._most:
            self._left_out += 1
            return
        known, client = scope["state"].get, scope.get("client")
        line = (
            *(time.time(), known("request_id"), scope["method"], scope.get("raw_path"), status),
            *(milliseconds, client[0] if client else None),
            *(known("rows"), known("prediction_id"), known("api_key_name"), known("trace_id")),
        )
        self._waiting.append(line)

    def close(self) -> None:
        """Write what waits; what takes its reader longer than two seconds is left."""
        self._over.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._over.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        written = [self._write_line(_named(line)) for line in lines]
        if self._left_out:
            written.append(b"the access log has left out %d requests\n" % self._left_out)
            self._left_out = 0
        try:
            for piece in _pieces(written):
                os.write(self._descriptor, piece)
        except OSError:
            # Nobody reads any more: requests are answered all the same.
            self._over.set()


def _named(line: Line) -> dict[str, Any]:
    named = dict(zip(FIELDS, line, strict=True))
    moment = datetime.fromtimestamp(named["time"], UTC)
    path = (named["path"] or b"").decode("ascii", "backslashreplace")[:MAX_PATH_BYTES]
    return named | {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "path": path,
        "milliseconds": round(named["milliseconds"], 3),
    }


def _as_json(named: dict[str, Any]) -> bytes:
    return to_json(named) + b"\n"


def _as_text(named: dict[str, Any]) -> bytes:
    """Return `time status method path`, and the rest as name=value."""
    first = [_plain(named.pop(name)) for name in ("time", "status", "method", "path")]
    rest = [f"{name}={_plain(value)}" for name, value in named.items() if value is not None]
    return (" ".join([*first, *rest]) + "\n").encode("ascii", "backslashreplace")


def _plain(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and '"' not in text else json.dumps(text)


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines into pieces that are each written whole."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) > PIECE_BYTES:
            yield piece
            piece = b""
        piece += line
    if piece:
        yield piece
