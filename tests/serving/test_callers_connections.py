"""Whoever holds connections, and says little on them, is cut; others do not notice."""

import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from shared.model.bundle import Bundle
from tests.serving.processes import LOAN, serving
from tests.serving.steady import steady
from tests.serving.test_callers_bodies import (
    OTHERS_P99_SECONDS,
    PAUSE_SECONDS,
    TRIES,
    skip_if_busy,
)

pytestmark = pytest.mark.flow
CONNECTIONS = 100
HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
PIECES = {
    "nothing": b"",
    "a head without an end": HEAD + b"X-Slow: ",
    "a body without an end": HEAD + b"Content-Length: 1000\r\n\r\n{",
    "a body that is not wanted": b"GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
}


def connect(port: int, client: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10, (client, 0))


def descriptors(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


def test_slow_callers_neither_fill_the_descriptors_nor_keep_others_waiting(
    bundle: Bundle, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--connections", str(CONNECTIONS))
    with serving(tmp_path, *words) as running, ExitStack() as held:
        port, pid = int(running.url.rstrip("/").rpartition(":")[2]), running.process.pid
        running.client.post("/predict", json=LOAN)
        before = descriptors(pid)
        for attempt in range(TRIES):
            time.sleep(attempt * PAUSE_SECONDS)
            with steady(running.url, LOAN) as honest:
                for piece in PIECES.values():
                    for number in range(CONNECTIONS):
                        sock = held.enter_context(
                            connect(port, f"127.0.{attempt}.{2 + number % 9}")
                        )
                        with suppress(OSError):
                            sock.sendall(piece)
                time.sleep(0.5)
                assert descriptors(pid) <= before + CONNECTIONS + 10
            if not honest.odd and honest.quantile(0.99) < OTHERS_P99_SECONDS:
                break
        else:
            held.close()
            skip_if_busy(running)
            raise AssertionError((honest.quantile(0.99), honest.odd))
        held.close()
        time.sleep(0.5)
        assert descriptors(pid) <= before + 10
        assert running.client.post("/predict", json=LOAN).status_code == 200


def test_one_address_is_told_that_it_has_too_many(bundle: Bundle, tmp_path: Path) -> None:
    words = ("--bundle", str(bundle.path), "--connections", "20")
    with serving(tmp_path, *words) as running, ExitStack() as held:
        port = int(running.url.rstrip("/").rpartition(":")[2])
        for _ in range(10):
            held.enter_context(connect(port, "127.0.0.5"))
        time.sleep(0.2)
        with connect(port, "127.0.0.5") as refused:
            assert refused.recv(1_000).startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
        assert running.client.post("/predict", json=LOAN).status_code == 200
