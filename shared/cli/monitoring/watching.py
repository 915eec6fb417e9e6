"""The whole loop on one machine: monitor on a schedule, and train again when quality is lost."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared import processes
from shared.cli import options
from shared.errors import Refusal

if TYPE_CHECKING:
    from shared.model.verdict import Verdict


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

    When a loss is proven that no training has answered yet by the settings as they are now, it
    trains on the source and on the served rows whose outcomes have come, up to the end of the
    window, and packages a challenger. Where a feed is to be checked first, it says so, and trains
    nothing. A server that was started with `--challenger newest` has it score the same rows, in
    shadow. The champion only changes by a decision. A flow that fails is reported, and tried again
    in the next round.
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
    from shared import problem_commands
    from shared.model.verdict import read_verdict
    from shared.monitoring import news
    from shared.runs.started_flows import run_flow

    monitored = run_flow("MonitorFlow", name, settings, *(["--until", until] if until else []))
    verdict = read_verdict(monitored.data.verdict)
    click.echo("\n".join(news.verdict_lines(verdict)))
    if (training := _training(name, settings, verdict)) is None:
        return
    digest = run_flow("PackageFlow", name, settings, "--train", training).data.digest
    click.echo(
        f"challenger {digest} is packaged and waits for a decision.\n"
        f"A server with `--challenger newest` scores the same rows with it from now on.\n"
        f"To approve it: {problem_commands.review_command(digest[:12])}"
    )


def _training(name: str, settings: Path, verdict: "Verdict") -> str | None:
    """Return the run whose model is to be packaged; None where there is none, and say why.

    A loss that no training has answered yet by these settings is trained for, whoever proved it.
    """
    from shared import problems
    from shared.lineage import windows
    from shared.model import loss_proofs
    from shared.model.evaluation import Evaluation
    from shared.runs.loss_answers import loss_answer
    from shared.runs.started_flows import run_flow

    proven_at = loss_proofs.proven_at(verdict, windows.verdicts(name))
    if proven_at is None:
        if lost := loss_proofs.lost_quality(verdict):
            click.echo(f"not trained: {lost[0].next_step}")
        return None
    if answer := loss_answer(problems.load_problem(str(settings)), proven_at):
        if answer.passed and not answer.packaged:
            return answer.training.pathspec
        click.echo(f"not trained: {answer.words}. Changed settings would be trained with.")
        return None
    trained = run_flow(
        "TrainFlow", name, settings, "--until", str(verdict.until), "--served", "true"
    )
    evaluation = Evaluation.model_validate(trained.data.evaluation)
    click.echo("".join(f"{note}\n" for note in evaluation.notes), nl=False)
    if not evaluation.passed:
        failed = ", ".join(evaluation.failures)
        click.echo(f"trained again, but the model did not pass its gates: {failed}")
        return None
    pathspec: str = trained.pathspec
    return pathspec
