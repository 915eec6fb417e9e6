"""Flows that commands, and other flows, run to their end."""

import re
import sys
from pathlib import Path
from typing import Any

from shared import FLOWS, problems, processes
from shared.errors import Refusal
from shared.lineage import run_history
from shared.settings import Settings, with_given
from shared.training import readiness


def run_flow(flow: str, name: str, settings: Path, *words: str) -> Any:
    """Run a flow to its end; returns its run. Raises `Refusal` with its last line if it fails."""
    file = FLOWS / f"{flow.removesuffix('Flow').lower()}.py"
    if not file.is_file():
        raise Refusal("flows are run from a Millrace checkout, and there is none here")
    command = [sys.executable, str(file), "--config", "settings", str(settings), "run", *words]
    number: re.Match[str] | None = None

    def show(line: str) -> None:
        nonlocal number
        print(line, end="", file=sys.stderr, flush=True)
        number = number or re.search(r"run-id (\w+)", line)

    processes.run_with_lines(command, show, f"{flow} failed")
    if number is None:
        raise Refusal(f"{flow} failed: it did not say which run it was")
    run_id = number[1]
    return next(run for run in run_history.runs(flow, name, anywhere=True) if run.id == run_id)


def judge_given(settings: Settings, file: str, named: str | None) -> str:
    """Let TrainFlow judge a model that was fitted elsewhere; returns the pathspec of that run.

    Raises `Refusal` where a training run is `named` as well, or the model does not fit the problem,
    which is seen before anything is run.
    """
    if named:
        raise Refusal(f"--model {file} is judged by a run of its own: leave --train {named} out")
    readiness.refuse_unready(with_given(settings, file))
    run = run_flow("TrainFlow", settings.name, problems.settings_file(), "--model", file)
    return str(run.pathspec)
