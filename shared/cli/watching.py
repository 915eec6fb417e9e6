"""The whole loop on one machine: monitor on a schedule, and train again when quality is lost."""

import time
from pathlib import Path

import click

from shared import processes
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
    from shared import problems
    from shared.model.evaluation import Evaluation
    from shared.runs.flow_runs import run_flow

    monitored = run_flow("MonitorFlow", name, settings, *(["--until", until] if until else []))
    verdict = monitored.data.verdict
    click.echo(f"{verdict['until']}: {verdict['words']}")
    if not monitored.data.retrain:
        return
    trained = run_flow("TrainFlow", name, settings, "--until", verdict["until"], "--served", "true")
    evaluation = Evaluation.model_validate(trained.data.evaluation)
    if not evaluation.passed:
        failed = ", ".join(evaluation.failures)
        click.echo(f"trained again, but the model did not pass its gates: {failed}")
        return
    digest = run_flow("PackageFlow", name, settings).data.digest
    decided = f"BUNDLE={digest[:12]}", "DECISION=approve", 'REASON="…"'
    click.echo(
        f"challenger {digest} is packaged and waits for a decision.\n"
        f"A server with `--challenger newest` scores the same rows with it from now on.\n"
        f"To approve it: {problems.make_command('review', *decided)}"
    )
