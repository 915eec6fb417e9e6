"""The demo's processes: shown while they run, and none of them left behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from shared import FLOWS
from shared.errors import Refusal

# How long an interrupted process may take to tidy up after itself.
TIDY_SECONDS = 20


def flow(name: str, purpose: str, *words: str) -> None:
    """Run a flow, showing its steps as they begin. All that it says is kept in `{name}.log`.

    Raises `Refusal` with its last line when it fails.
    """
    _shown(name, purpose, [str(FLOWS / f"{name}.py"), "run", *words])


def command(name: str, purpose: str, *words: str) -> None:
    """Run one of Millrace's own commands in the same way, which runs flows in turn."""
    _shown(name, purpose, ["-m", "shared.cli", name, *words])


def _shown(name: str, purpose: str, words: list[str]) -> None:
    click.echo(f"\n{name}: {purpose}\n ", nl=False)
    started, shown, last = time.monotonic(), set[str](), ""
    said = Path(f"{name}.log").resolve()
    with said.open("a") as kept, _running(words) as process:
        for line in process.stdout or ():
            kept.write(line)
            last = line.strip() or last
            begun = re.search(r"\[\d+/(\w+)/\d+ .*Task is starting", line)
            if begun and begun[1] not in shown:
                shown.add(begun[1])
                click.echo(f" {begun[1]} …", nl=False)
        process.wait()
    click.echo(f" {time.monotonic() - started:.0f} s")
    if process.returncode:
        raise Refusal(f"{name} failed: {last} (all that it said is in {said})")


@contextmanager
def server() -> Iterator[str]:
    """Serve the champion, and whatever challenges it; gives the server's address."""
    words = ["-m", "shared.cli", "serve", "--port", "0", "--challenger", "newest"]
    with _running(words) as process:
        line = process.stdout.readline().strip() if process.stdout else ""
        click.echo(f"  {line}")
        if " at http" not in line:
            raise Refusal("the server did not start; its word on it stands above")
        yield line.split(" at ")[1].split()[0]


@contextmanager
def _running(words: list[str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[str]") -> None:
    """Interrupt the process with all that it started; kill what does not end."""
    deadline = time.monotonic() + TIDY_SECONDS
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        while time.monotonic() < deadline:
            process.poll()
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
