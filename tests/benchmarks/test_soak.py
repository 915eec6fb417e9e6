"""A server under honest load for minutes, with each hostile kind beside it in turn: all is flat."""

import os
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx

from shared.model.bundle import Bundle
from tests.serving.hostile import KINDS, Hostile
from tests.serving.processes import LOAN, Running, serving
from tests.serving.steady import Steady, steady
from tests.serving.test_callers_bodies import BUSY_SECONDS, OTHERS_P99_SECONDS
from tests.serving.test_callers_connections import PIECES, connect, descriptors

SECONDS = float(os.environ.get("SOAK_SECONDS", "300"))
CONNECTIONS = 100
# What may stay of memory and descriptors, at the end and in between.
LEFT_MEBIBYTES, PEAK_MEBIBYTES, LEFT_DESCRIPTORS = 80, 200, 20


def memory(pid: int, line: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(next(row for row in text.splitlines() if row.startswith(line)).split()[1]) / 1024


def spooled(folder: Path) -> int:
    """Return how many bytes the spool has on the disk."""
    files = (folder / ".millrace" / "spool").rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def send(running: Running, hostile: Hostile, until: float) -> list[float]:
    """Send a body again and again, with slow connections beside; returns each answer's seconds."""
    path, kind, body = hostile
    port = int(running.url.rstrip("/").rpartition(":")[2])
    took: list[float] = []
    with (
        httpx.Client(base_url=running.url, timeout=60, trust_env=False) as client,
        ExitStack() as held,
    ):
        for number, piece in enumerate(list(PIECES.values()) * (CONNECTIONS // 4)):
            sock = held.enter_context(connect(port, f"127.0.0.{2 + number % 9}"))
            with suppress(OSError):
                sock.sendall(piece)
        while not took or time.monotonic() < until:
            began = time.monotonic()
            answer = client.post(path, content=body, headers={"content-type": kind})
            took.append(time.monotonic() - began)
            assert 400 <= answer.status_code < 500, answer.text[:300]
    return took


def show(kind: str, honest: Steady, took: list[float], more: float, files: int) -> None:
    print(
        f"| {kind} | {len(took)} | {1000 * max(took):.0f} | {len(honest.seconds)} | "
        f"{1000 * honest.quantile(0.5):.1f} | {1000 * honest.quantile(0.99):.1f} | {more:+.0f} | "
        f"{files:+d} |",
        flush=True,
    )


def test_nothing_grows_under_honest_load_with_each_hostile_kind_beside_it(
    bundle: Bundle, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--connections", str(CONNECTIONS))
    p99: list[float] = []
    with serving(tmp_path, *words) as running:
        pid = running.process.pid
        for _ in range(200):
            running.client.post("/predict", json=LOAN)
        idle, files = memory(pid, "VmRSS"), descriptors(pid)
        print(f"\nidle: {idle:.0f} MB, {files} descriptors")
        print("| beside | answers | slowest ms | honest | p50 ms | p99 ms | MB | descriptors |")
        print("|---|---|---|---|---|---|---|---|")
        for kind, make in {"nothing": None, **KINDS}.items():
            hostile = make() if make else None
            until = time.monotonic() + SECONDS / (len(KINDS) + 1)
            with steady(running.url, LOAN) as honest:
                took = [0.0]
                if hostile:
                    took = send(running, hostile, until)
                else:
                    time.sleep(until - time.monotonic())
            assert not honest.odd
            p99.append(honest.quantile(0.99))
            show(kind, honest, took, memory(pid, "VmRSS") - idle, descriptors(pid) - files)
        assert memory(pid, "VmHWM") - idle < PEAK_MEBIBYTES
        time.sleep(2)
        assert memory(pid, "VmRSS") - idle < LEFT_MEBIBYTES
        assert descriptors(pid) <= files + LEFT_DESCRIPTORS
        ready = running.client.get("/health/ready").json()
        assert (ready["log"], ready["spooled"]) == ("here", 0)
        print(f"peak {memory(pid, 'VmHWM') - idle:+.0f} MB, spool {spooled(tmp_path):,} bytes")
    # The first is of the honest caller alone: where that is slow, the machine is busy otherwise.
    assert p99[0] > BUSY_SECONDS or max(p99) < OTHERS_P99_SECONDS
