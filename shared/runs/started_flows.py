"""Flows that commands, and other flows, run to their end."""

import re
import sys
from pathlib import Path
from typing import Any

from shared import FLOWS, processes
from shared.errors import Refusal
from shared.lineage import endings, run_history


def run_flow(flow: str, name: str, settings: Path, *words: str) -> Any:
    """Run a flow to its end; returns its run. Raises `Refusal` with its last line if it fails."""
    run_id = run_command(flow, "--config", "settings", str(settings), "run", *words)
    return next(run for run in run_history.runs(flow, name, anywhere=True) if run.id == run_id)


def run_command(flow: str, *words: str) -> str:
    """Run a command of a flow to its end; returns the id of its run.

    Raises `Refusal` with the reason that its run has kept if it fails, or else its last line.
    """
    file = FLOWS / f"{flow.removesuffix('Flow').lower()}.py"
    if not file.is_file():
        raise Refusal("flows are run from a Millrace checkout, and there is none here")
    number: re.Match[str] | None = None

    def show(line: str) -> None:
        nonlocal number
        print(line, end="", file=sys.stderr, flush=True)
        number = number or re.search(r"run-id (\w+)", line)

    try:
        processes.run_with_lines([sys.executable, str(file), *words], show, f"{flow} failed")
    except Refusal:
        # Metaflow's own last line names a step.
        run = run_history.run_named(f"{flow}/{number[1]}") if number else None
        if why := endings.failure(run) if run else "":
            raise Refusal(f"{flow} failed: {why}") from None
        raise
    if number is None:
        raise Refusal(f"{flow} failed: it did not say which run it was")
    return number[1]
