"""Processes that this one starts: their output, their last words, and none of them left running."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import Refusal

# How long an interrupted process may take to tidy up after itself.
TIDY_SECONDS = 20.0
LAST_LINES = 5
Process = subprocess.Popen[str]


@dataclass(frozen=True)
class RunningServer:
    """A server that takes requests: its address, its process, and the line that it began with."""

    url: str
    process: Process
    line: str


def run(command: Sequence[str], failure: str, folder: Path | None = None) -> str:
    """Run a command to its end; returns what it printed.

    Raises `Refusal` with `failure` and the command's last lines when it fails.
    """
    with running(command, cwd=folder, stderr=subprocess.PIPE) as process:
        printed, errors = process.communicate()
    if process.returncode:
        raise Refusal(f"{failure}: {last_lines(printed + errors)}")
    return printed


def run_with_lines(
    command: Sequence[str],
    show: Callable[[str], None],
    failure: str,
    *,
    own_group: bool = False,
) -> None:
    """Run a command to its end, and give each line of its output to `show`, errors among them.

    Raises `Refusal` with `failure` and the last line when it fails.
    """
    last = ""
    with running(command, own_group=own_group, stderr=subprocess.STDOUT) as process:
        for line in process.stdout or ():
            show(line)
            last = line.strip() or last
        process.wait()
    if process.returncode:
        raise Refusal(f"{failure}: {last}")


@contextmanager
def serving(
    command: Sequence[str], *, errors: Path | None = None, own_group: bool = False, **more: Any
) -> Iterator[RunningServer]:
    """Run `millrace serve` until the block ends; begins when it has printed its address.

    What it says on stderr goes into the file `errors`, or to its stdout. `more` is Popen's. Raises
    `Refusal` with its last lines when it ends before.
    """
    with errors.open("w") if errors else nullcontext(subprocess.STDOUT) as stderr:
        with running(command, own_group=own_group, stderr=stderr, **more) as process:
            before = ""
            for line in process.stdout or ():
                if " at http" in line:
                    yield RunningServer(line.split(" at ")[1].split()[0], process, line.strip())
                    return
                before += line
        words = before + (errors.read_text() if errors else "")
        raise Refusal(f"the server did not start: {last_lines(words)}")


@contextmanager
def running(
    command: Sequence[str],
    *,
    own_group: bool = False,
    patience_seconds: float = TIDY_SECONDS,
    **more: Any,
) -> Iterator[Process]:
    """Start a command, and stop it when the block ends; `more` is Popen's.

    With `own_group` whatever it starts is stopped too, and an interrupt at the terminal does not
    reach it by itself. What does not end within `patience_seconds` is killed. Whoever does not
    read all that it prints gives a `stdout`: a pipe is soon full of a server's lines about
    requests, and then it answers none.
    """
    popen = {"stdout": subprocess.PIPE, "text": True, "start_new_session": own_group} | more
    with subprocess.Popen(command, **popen) as process:
        try:
            yield process
        finally:
            (_stop_group if own_group else _stop)(process, patience_seconds)


def interrupt_on_signals() -> None:
    """Let a request to end (SIGTERM), or a closed terminal, interrupt this process as Ctrl-C does.

    Then the processes that it started are stopped.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def last_lines(output: str) -> str:
    """Return the last lines of an output as one: of pip, those that are no warnings, if any."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("WARNING:")] or lines
    return " | ".join(lines[-LAST_LINES:]) or "it said nothing"


def _stop(process: Process, patience_seconds: float) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()


def _stop_group(process: Process, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        while time.monotonic() < deadline:
            process.poll()
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
