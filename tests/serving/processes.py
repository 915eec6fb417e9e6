"""`millrace serve` as a user starts it: a process, its first line, and what is in its log."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import uvicorn
from starlette.types import ASGIApp

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle

MILLRACE = Path(sys.executable).parent / "millrace"
LOAN = {
    "loan": "A1",
    "applied": "2024-04-01T10:00:00Z",
    "income": 18_000.5,
    "age": 41,
    "region": "south",
    "employed": True,
}


@dataclass(frozen=True)
class Running:
    """A server that took connections: its process, what it said first, and a client of it."""

    process: "subprocess.Popen[str]"
    line: str
    client: httpx.Client

    @property
    def url(self) -> str:
        return str(self.client.base_url)


@contextmanager
def serving(folder: Path, *words: str, **environment: str) -> Iterator[Running]:
    """Serve from a folder at a free port; what still runs at the end is killed."""
    process = subprocess.Popen(
        [str(MILLRACE), "serve", "--port", "0", *words],
        cwd=folder,
        env=clean() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        found = re.search(r" at (http://127\.0\.0\.1:\d+) ", line)
        assert found, line + process.stdout.read()
        with httpx.Client(base_url=found[1], timeout=30, trust_env=False) as client:
            yield Running(process, line, client)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def listening(app: ASGIApp, **options: Any) -> Iterator[str]:
    """Serve an application at a free port, from a thread; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        config = uvicorn.Config(app, lifespan="off", log_level="warning", **options)
        uvicorns = uvicorn.Server(config)
        thread = threading.Thread(target=uvicorns.run, kwargs={"sockets": [sock]})
        thread.start()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        uvicorns.should_exit = True
        thread.join()


def clean() -> dict[str, str]:
    """Return this process's environment without what is Millrace's or Metaflow's."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("METAFLOW", "MILLRACE"))}


def logged(bundle: Bundle, database: Path) -> pd.DataFrame:
    """Return every prediction in a log."""
    log = PredictionLog(bundle.manifest.name, bundle.contract, f"sqlite:///{database}")
    found = log.predictions.window(
        datetime(1700, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
    )
    log.close()
    return found
