"""Round the loop and once more: a feed that breaks, a model that ages, a challenger that wins."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

from shared import FLOWS, problems, processes
from shared.demo import commands, weeks
from shared.demo.weeks import WEEK, Replayed
from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation
from shared.model.verdict import Verdict, read_verdict
from shared.settings import Settings
from shared.tasks import metrics

MARK = "made-by-millrace-demo"
REVIEWER = "the demo's reviewer"
REASON = "its gates passed, and its bundle was verified"
BETTER = "on the same rows it is better than the champion (95 % interval)"
FIRST = pd.Timestamp("2013-04-01", tz="UTC")
ORDINARY, BROKEN = FIRST + WEEK, FIRST + 2 * WEEK
LOST, BESIDE = pd.Timestamp("2013-06-24", tz="UTC"), pd.Timestamp("2013-07-08", tz="UTC")
# Whatever is set up on this machine, the demo's runs and log are in its folder and nowhere else.
OWN_PLACE = {
    "METAFLOW_DEFAULT_DATASTORE": "local",
    "METAFLOW_DEFAULT_METADATA": "local",
    "METAFLOW_PROFILE": "",
    "MILLRACE_LOG": "",
    "MILLRACE_REVIEWER": REVIEWER,
}


def run(folder: Path) -> None:
    """Go round the loop in a folder, which is emptied first, and say what happened.

    Raises `Refusal` when the folder is somebody else's or in use, or when a part fails. An
    interrupt stops whatever runs, and exits with 130.
    """
    settings_file = FLOWS / "problems" / "flights" / "problem.toml"
    if not settings_file.is_file():
        raise Refusal("the demo needs a checkout of Millrace, with its flows")
    settings = problems.load_problem(str(settings_file))
    processes.interrupt_on_signals()
    started = time.monotonic()
    with _own(folder) as home:
        os.chdir(home)
        os.environ.update(OWN_PLACE, METAFLOW_DATASTORE_SYSROOT_LOCAL=str(home))
        try:
            events = _go_round(settings)
        except KeyboardInterrupt:
            click.echo("\nstopped: nothing is left running, and the demo can be run again")
            raise SystemExit(130) from None
    click.echo(f"\nWhat happened, in {time.monotonic() - started:.0f} s:")
    for number, (word, text) in enumerate(events.items(), start=1):
        click.echo(f"{number:>2}  {word:<10}  {text}")


@contextmanager
def _own(folder: Path) -> Iterator[Path]:
    """Hold a folder that is empty but for a mark, for this demo alone."""
    mark = folder / MARK
    if folder.exists() and not mark.is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} is not a demo's folder: name another one with --folder")
    folder.mkdir(parents=True, exist_ok=True)
    with mark.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(f"a demo is running in {folder}: wait for it, or stop it") from None
        for entry in folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != MARK:
                entry.unlink()
        yield folder.resolve()


def _go_round(settings: Settings) -> dict[str, str]:
    from shared.board import gallery
    from shared.tables import sources

    until = ("--until", f"{FIRST:%Y-%m-%d}")
    commands.run_flow("train", "three models on January and February, judged on March", *until)
    bundle = _packaged(settings)
    _approve(bundle, REASON)
    table = sources.read_source(settings.source)
    delay = pd.Timedelta(days=settings.monitor.outcome_delay_days)
    with commands.server() as url:
        click.echo("\nserve: April to June over HTTP; every answer is logged before it is sent")
        months = _between(table, settings, FIRST, LOST + WEEK)
        replayed = weeks.send(months, bundle.contract, url, delay, BROKEN)
        verdicts = [_monitor(settings, week) for week in (ORDINARY, BROKEN)]
        verdicts += [_watch(settings, LOST)]
        challenger = _latest(settings, "PackageFlow").data.digest
        weeks.wait_for_challenger(url, challenger)
        click.echo("\nserve: two weeks of July; the challenger scores the same rows, in shadow")
        months = _between(table, settings, LOST + WEEK, BESIDE + WEEK)
        replayed += weeks.send(months, bundle.contract, url, delay)
        verdicts += [_monitor(settings, BESIDE)]
        _approve(_bundle(settings, challenger), BETTER)
    pages = gallery.write(settings.name, Path("cards"))
    return _events(settings, replayed, verdicts, pages)


def _packaged(settings: Settings) -> Bundle:
    commands.run_flow("package", "its bundle, verified in a clean environment")
    return _bundle(settings, _latest(settings, "PackageFlow").pathspec)


def _bundle(settings: Settings, reference: str) -> Bundle:
    from shared import lineage

    return lineage.packaged(settings.name, reference).bundle


def _approve(bundle: Bundle, reason: str) -> None:
    words = ("--bundle", bundle.digest, "--decision", "approve", "--reason", reason)
    commands.run_flow("review", f"{bundle.digest[:12]} approved by {REVIEWER}", *words)


def _between(
    table: pd.DataFrame, settings: Settings, start: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    moments = table[settings.time]
    return table[(moments >= start) & (moments < until)]


def _monitor(settings: Settings, week: pd.Timestamp) -> Verdict:
    commands.run_flow("monitor", f"the week of {_span(week)}", "--until", f"{week + WEEK:%Y-%m-%d}")
    return read_verdict(_latest(settings, "MonitorFlow").data.verdict)


def _watch(settings: Settings, week: pd.Timestamp) -> Verdict:
    """Monitor a week as a schedule would; a proven loss of quality has a challenger trained."""
    words = ("--once", "--until", f"{week + WEEK:%Y-%m-%d}")
    commands.run_command(
        "watch", f"the week of {_span(week)}; if quality is lost, a challenger is trained", *words
    )
    return read_verdict(_latest(settings, "MonitorFlow").data.verdict)


def _events(
    settings: Settings, replayed: Replayed, verdicts: list[Verdict], pages: Path
) -> dict[str, str]:
    """Return a line for each thing that happened, from what the runs recorded."""
    again, first = (run.data for run in _runs(settings, "TrainFlow"))
    challenger, packaged = (run.data for run in _runs(settings, "PackageFlow"))
    ordinary, broken, lost, beside = verdicts
    fitted = [entry["candidate"] for entry in first.leaderboard if entry["scores"]]
    return {
        "trained": f"{', '.join(fitted)}; {first.chosen['candidate']} was best by "
        f"{settings.select_by}",
        "judged": f"{_auc(first)} in March (the base rates alone: "
        f"{_evaluation(first).comparisons['baseline'].scores['roc_auc'].value:.3f})",
        "packaged": f"bundle {packaged.digest[:12]} passed "
        f"{len(packaged.verification['checks'])} checks in a clean environment",
        "approved": f'by {REVIEWER}: "{REASON}"',
        "served": f"{replayed.answered:,} flights from April on in {replayed.seconds:.0f} s, "
        "each logged before it was answered",
        "outcomes": f"{replayed.outcomes:,} arrived {settings.monitor.outcome_delay_days:g} "
        "days after the flight",
        "monitored": f"{_span(ORDINARY)}: {ordinary.words}",
        "broken": f"{_span(BROKEN)}: the weather feed switched to Celsius without notice",
        "noticed": f"{_span(BROKEN)}: {_reasons(broken)}",
        "lost": f"{_span(LOST)}: {_reasons(lost)}",
        "retrained": f"on all rows until then: {again.chosen['candidate']}, {_auc(again)} in June",
        "beside": f"{_span(BESIDE)}: {_beside(beside, challenger.digest)}",
        "decided": f'{challenger.digest[:12]} is the champion, by {REVIEWER}: "{BETTER}"',
        "cards": f"open {pages.as_uri()}",
    }


def _auc(trained: Any) -> str:
    return f"ROC AUC {_evaluation(trained).scores['roc_auc'].value:.3f}"


def _evaluation(trained: Any) -> Evaluation:
    return Evaluation.model_validate(trained.evaluation)


def _reasons(verdict: Verdict) -> str:
    return f"{verdict.level.capitalize()}: " + ", ".join(r.what for r in verdict.reasons)


def _beside(verdict: Verdict, challenger: str) -> str:
    """Compare the challenger on the same rows; it is approved only if it is better."""
    compared = {each.challenger: each for each in verdict.comparisons}.get(challenger)
    if not compared or not compared.better or compared.worse:
        raise Refusal(f"the challenger {challenger[:12]} is not better on the same rows")
    names = [(metrics.metric_name(name), name) for name in metrics.JUDGED]
    pairs = [
        f"{word} {compared.own[name].value:.3f} → {compared.theirs[name].value:.3f}"
        for word, name in names
    ]
    return f"the challenger on the same {compared.received:,} rows: {', '.join(pairs)}"


def _runs(settings: Settings, flow: str) -> list[Any]:
    from shared import lineage

    return list(lineage.runs(flow, settings.name))


def _latest(settings: Settings, flow: str) -> Any:
    return _runs(settings, flow)[0]


def _span(week: pd.Timestamp) -> str:
    return f"{week:%-d %B} to {week + WEEK - pd.Timedelta(days=1):%-d %B}"
