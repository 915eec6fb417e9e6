"""The whole loop on one machine: monitor on a schedule, and train again when quality is lost."""

import re
import sys
import time
from pathlib import Path
from typing import Any

import click

from shared import FLOWS, processes
from shared.cli import options
from shared.errors import Refusal


@click.command()
@options.settings
@click.option(
    "--every",
    type=click.FloatRange(0, min_open=True),
    default=24.0,
    show_default=True,
    help="Hours from the beginning of one round to that of the next.",
)
@click.option("--once", is_flag=True, help="Run one round, then stop.")
@click.option("--until", help="Judge the window before this ISO time (only with --once).")
def watch(settings: Path, every: float, once: bool, until: str | None) -> None:
    """Monitor on a schedule, and train again when quality is lost.

    When a loss is proven, it trains on the source and on the served rows whose outcomes have come,
    up to the end of the window, and packages a challenger. A server that was started with
    `--challenger newest` has it score the same rows, in shadow. The champion only changes by a
    decision. A flow that fails is reported, and tried again in the next round.
    """
    from shared import problems

    if until and not once:
        raise Refusal("--until is for one round: give --once as well")
    processes.interrupt_on_signals()
    name = problems.load_problem(str(settings)).name
    while True:
        started = time.monotonic()
        try:
            _round(name, settings, until)
        except Refusal as refusal:
            if once:
                raise
            click.echo(f"this round failed: {refusal}", err=True)
        if once:
            return
        time.sleep(max(0.0, every * 3_600 - (time.monotonic() - started)))


def _round(name: str, settings: Path, until: str | None) -> None:
    from shared.model.evaluation import Evaluation

    monitored = _run_flow("MonitorFlow", name, settings, *(["--until", until] if until else []))
    verdict = monitored.data.verdict
    click.echo(f"{verdict['until']}: {verdict['words']}")
    if not monitored.data.retrain:
        return
    trained = _run_flow(
        "TrainFlow", name, settings, "--until", verdict["until"], "--served", "true"
    )
    evaluation = Evaluation.model_validate(trained.data.evaluation)
    if not evaluation.passed:
        failed = ", ".join(evaluation.failures)
        click.echo(f"trained again, but the model did not pass its gates: {failed}")
        return
    digest = _run_flow("PackageFlow", name, settings).data.digest
    click.echo(
        f"challenger {digest} is packaged and waits for a decision.\n"
        f"A server with `--challenger newest` scores the same rows with it from now on.\n"
        f"To approve it: python flows/review.py --config settings {settings} run "
        f'--bundle {digest[:12]} --decision approve --reason "…"'
    )


def _run_flow(flow: str, name: str, settings: Path, *words: str) -> Any:
    """Run a flow to its end; returns its run. Raises `Refusal` with its last line if it fails."""
    from shared.lineage import run_history

    file = FLOWS / f"{flow.removesuffix('Flow').lower()}.py"
    if not file.is_file():
        raise Refusal(
            "`millrace watch` runs the flows of a Millrace checkout, and there is none here"
        )
    command = [sys.executable, str(file), "--config", "settings", str(settings), "run", *words]
    number: re.Match[str] | None = None

    def show(line: str) -> None:
        nonlocal number
        click.echo(line, nl=False, err=True)
        number = number or re.search(r"run-id (\w+)", line)

    processes.run_with_lines(command, show, f"{flow} failed")
    if number is None:
        raise Refusal(f"{flow} failed: it did not say which run it was")
    run_id = number[1]
    return next(run for run in run_history.runs(flow, name, anywhere=True) if run.id == run_id)
