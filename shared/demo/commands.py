"""The demo's flows and commands: shown while they run, and none of them left running."""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

from shared import FLOWS, processes
from shared.demo import events
from shared.demo.weeks import WEEK
from shared.model.verdict import Verdict, read_verdict
from shared.settings import Settings

STEP_BEGINS = re.compile(r"\[\d+/(\w+)/\d+ .*Task is starting")


def run_flow(name: str, purpose: str, *words: str) -> None:
    """Run a flow, showing its steps as they begin. All its output is kept in `{name}.log`.

    Raises `Refusal` with its last line when it fails.
    """
    _run_shown(name, purpose, [sys.executable, str(FLOWS / f"{name}.py"), "run", *words])


def run_command(name: str, purpose: str, *words: str) -> None:
    """Run one of Millrace's own commands in the same way, which runs flows in turn."""
    _run_shown(name, purpose, [sys.executable, "-m", "shared.cli", name, *words])


def _run_shown(name: str, purpose: str, command: list[str]) -> None:
    click.echo(f"\n{name}: {purpose}\n ", nl=False)
    started, shown = time.monotonic(), set[str]()
    output = Path(f"{name}.log").resolve()
    with output.open("a") as kept:

        def show(line: str) -> None:
            kept.write(line)
            step = STEP_BEGINS.search(line)
            if step and step[1] not in shown:
                shown.add(step[1])
                click.echo(f" {step[1]} …", nl=False)

        try:
            failure = f"{name} failed (its output is in {output})"
            processes.run_with_lines(command, show, failure, own_group=True)
        finally:
            click.echo(f" {time.monotonic() - started:.0f} s")


def approve_first(digest: str) -> None:
    """Approve a bundle by a flow, as the first that is served."""
    words = ("--bundle", digest, "--decision", "approve", "--reason", events.REASON)
    run_flow("review", f"{digest[:12]} approved by {events.REVIEWER}", *words)


def latest(flow: str, settings: Settings) -> Any:
    """Return the newest run of a flow that was about a problem."""
    from shared.lineage import run_history

    return next(iter(run_history.runs(flow, settings.name)))


def monitor(settings: Settings, week: pd.Timestamp) -> Verdict:
    """Judge the week that begins at a moment by a flow, and return its verdict."""
    until = f"{week + WEEK:%Y-%m-%d}"
    run_flow("monitor", f"the week of {events.span(week)}", "--until", until)
    return latest_verdict(settings)


def latest_verdict(settings: Settings) -> Verdict:
    """Return the verdict of the newest monitoring run of a problem."""
    return read_verdict(latest("MonitorFlow", settings).data.verdict)


@contextmanager
def server() -> Iterator[str]:
    """Serve the champion, and whatever challenges it; gives the server's address."""
    words = ["-m", "shared.cli", "serve", "--port", "0", "--challenger", "newest"]
    with processes.serving([sys.executable, *words], own_group=True) as served:
        click.echo(f"  {served.line}")
        yield served.url
