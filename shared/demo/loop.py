"""Round the loop and once more: a feed that breaks, a model that ages, a challenger that wins."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pandas as pd

from shared import FLOWS, problems, processes
from shared.demo import commands, events, recommending, reviewing, weeks
from shared.demo.weeks import WEEK
from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.settings import Settings

MARK = "made-by-millrace-demo"
# Whatever is set up on this machine, the demo's runs and log are in its folder and nowhere else.
OWN_PLACE = {
    "METAFLOW_DEFAULT_DATASTORE": "local",
    "METAFLOW_DEFAULT_METADATA": "local",
    "METAFLOW_PROFILE": "",
    "MILLRACE_LOG": "",
    "MILLRACE_REVIEWER": events.REVIEWER,
}


def run(folder: Path, problem: str = "flights") -> None:
    """Go round the loop of a problem in a folder, which is emptied first; say what happened.

    Raises `Refusal` when the folder is somebody else's or in use, or when a part fails. An
    interrupt stops whatever runs, and exits with 130.
    """
    settings_file = FLOWS / "problems" / problem / "problem.toml"
    if not settings_file.is_file():
        raise Refusal("the demo needs a checkout of Millrace, with its flows")
    settings = problems.load_problem(str(settings_file))
    processes.interrupt_on_signals()
    started = time.monotonic()
    with _own(folder) as home:
        os.chdir(home)
        os.environ.update(OWN_PLACE, METAFLOW_DATASTORE_SYSROOT_LOCAL=str(home))
        os.environ[problems.VARIABLE] = problem
        try:
            happened = recommending.go_round(settings) if problem == "shop" else _go_round(settings)
        except KeyboardInterrupt:
            click.echo("\nstopped: nothing is left running, and the demo can be run again")
            raise SystemExit(130) from None
    click.echo(f"\nWhat happened, in {time.monotonic() - started:.0f} s:")
    for number, (word, text) in enumerate(happened.items(), start=1):
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

    until = ("--until", f"{events.FIRST:%Y-%m-%d}")
    commands.run_flow("train", "three models on January and February, judged on March", *until)
    commands.run_flow("package", "its bundle, verified in a clean environment")
    bundle = _bundle(settings, commands.latest("PackageFlow", settings).pathspec)
    commands.approve_first(bundle.digest)
    table = sources.read_source(settings.source)
    delay = pd.Timedelta(days=settings.monitor.outcome_delay_days)
    with commands.server() as url:
        click.echo("\nserve: April to June over HTTP; every answer is logged before it is sent")
        months = _between(table, settings, events.FIRST, events.LOST + WEEK)
        replayed = weeks.send(months, bundle.contract, url, delay, events.BROKEN)
        verdicts = [commands.monitor(settings, week) for week in (events.ORDINARY, events.BROKEN)]
        verdicts += [_watch(settings, events.LOST)]
        challenger = commands.latest("PackageFlow", settings).data.digest
        weeks.wait_for_challenger(url, challenger)
        click.echo("\nserve: two weeks of July; the challenger scores the same rows, in shadow")
        months = _between(table, settings, events.LOST + WEEK, events.BESIDE + WEEK)
        replayed += weeks.send(months, bundle.contract, url, delay)
        verdicts += [commands.monitor(settings, events.BESIDE)]
        reviewing.approve(settings.name, challenger, events.BETTER)
    pages = gallery.write(settings.name, Path("cards"))
    return events.what_happened(settings, replayed, verdicts, pages)


def _bundle(settings: Settings, reference: str) -> Bundle:
    from shared.lineage import bundles

    return bundles.packaged(settings.name, reference).bundle


def _between(
    table: pd.DataFrame, settings: Settings, start: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    moments = table[settings.time]
    return table[(moments >= start) & (moments < until)]


def _watch(settings: Settings, week: pd.Timestamp) -> Verdict:
    """Monitor a week as a schedule would; a proven loss of quality has a challenger trained."""
    words = ("--once", "--until", f"{week + WEEK:%Y-%m-%d}")
    purpose = f"the week of {events.span(week)}; if quality is lost, a challenger is trained"
    commands.run_command("watch", purpose, *words)
    return commands.latest_verdict(settings)
