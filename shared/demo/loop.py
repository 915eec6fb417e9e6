"""Once round the loop: train, package, approve, serve, replay, monitor; then what happened."""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

from shared import settings as problem
from shared.demo import processes, weeks
from shared.demo.weeks import WEEK, Replayed
from shared.errors import Refusal
from shared.settings import Settings

MARK = "made-by-millrace-demo"
REVIEWER = "the demo's reviewer"
REASON = "its gates passed, and its bundle was verified"
FIRST, AFTER = pd.Timestamp("2013-05-01", tz="UTC"), pd.Timestamp("2013-08-01", tz="UTC")
ORDINARY, BROKEN = pd.Timestamp("2013-05-06", tz="UTC"), pd.Timestamp("2013-05-13", tz="UTC")
# Whatever is set up on this machine, the demo's runs and log are in its folder and nowhere else.
OWN_PLACE = {
    "METAFLOW_DEFAULT_DATASTORE": "local",
    "METAFLOW_DEFAULT_METADATA": "local",
    "METAFLOW_PROFILE": "",
    "MILLRACE_LOG": "",
    "MILLRACE_REVIEWER": REVIEWER,
}


def run(folder: Path) -> None:
    """Go round the loop in a folder, which is emptied first, and tell what happened.

    Raises `Refusal` when the folder is somebody else's or in use, or when a part fails. An
    interrupt stops whatever runs, and exits with 130.
    """
    settings_file = processes.FLOWS / "flights.toml"
    if not settings_file.is_file():
        raise Refusal("the demo runs the flows of a checkout of Millrace, and here is none")
    settings = problem.of(problem.parse(settings_file.read_text()))
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    started = time.monotonic()
    with _own(folder) as home:
        os.chdir(home)
        os.environ.update(OWN_PLACE, METAFLOW_DATASTORE_SYSROOT_LOCAL=str(home))
        try:
            told = _go_round(settings)
        except KeyboardInterrupt:
            click.echo("\nstopped: nothing is left running, and the demo can be run again")
            raise SystemExit(130) from None
    click.echo(f"\nWhat happened, in {time.monotonic() - started:.0f} s:")
    for number, (word, text) in enumerate(told.items(), start=1):
        click.echo(f"{number:>2}  {word:<10}  {text}")


@contextmanager
def _own(folder: Path) -> Iterator[Path]:
    """Hold a folder that is empty but for a mark, for this demo alone."""
    mark = folder / MARK
    if folder.exists() and not mark.is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} is no demo's folder: name another one with --folder")
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
    from shared import lineage
    from shared.data import sources
    from shared.review import gallery

    processes.flow("train", "three models on January to March; the best is judged on April")
    processes.flow("package", "a bundle of it, proved in a clean environment")
    bundle = lineage.packaged(settings.name, _latest(settings, "PackageFlow").pathspec).bundle
    approve = ("--bundle", bundle.digest, "--decision", "approve", "--reason", REASON)
    processes.flow("review", f"approved by {REVIEWER}", *approve)
    click.echo("\nserve: May to July over HTTP; every answer is logged before it leaves")
    table = sources.read(settings.source)
    months = table[(table[settings.time] >= FIRST) & (table[settings.time] < AFTER)]
    delay = pd.Timedelta(days=settings.monitor.outcome_delay_days)
    with processes.server() as url:
        replayed = weeks.send(months, bundle.contract, url, BROKEN, delay)
    verdicts = [_monitor(settings, week) for week in (ORDINARY, BROKEN)]
    pages = gallery.write(settings.name, Path("cards"))
    return _told(settings, replayed, verdicts, pages)


def _monitor(settings: Settings, week: pd.Timestamp) -> dict[str, Any]:
    end = week + WEEK
    processes.flow("monitor", f"the week of {_span(week)}", "--until", f"{end:%Y-%m-%d}")
    return _latest(settings, "MonitorFlow").data.verdict


def _told(
    settings: Settings, replayed: Replayed, verdicts: list[dict[str, Any]], pages: Path
) -> dict[str, str]:
    """Return ten lines, from what the runs recorded."""
    trained = _latest(settings, "TrainFlow").data
    packaged = _latest(settings, "PackageFlow").data
    judged, ordinary, broken = trained.evaluation, *verdicts
    scores, rival = judged["scores"], judged["rivals"]["baseline"]
    fitted = [entry["candidate"] for entry in trained.leaderboard if entry["scores"]]
    return {
        "trained": f"{', '.join(fitted)}; {judged['candidate']} was best by {settings.select_by}",
        "judged": f"ROC AUC {scores['roc_auc']['value']:.3f} in April, where the base rates reach "
        f"{rival['scores']['roc_auc']['value']:.3f}",
        "packaged": f"bundle {packaged.digest[:12]}, which passed "
        f"{len(packaged.verification['checks'])} checks in a clean environment",
        "approved": f'by {REVIEWER}: "{REASON}"',
        "served": f"{replayed.answered:,} flights of May to July in {replayed.seconds:.0f} s, "
        "each logged before it was answered",
        "outcomes": f"{replayed.outcomes:,} came later, {settings.monitor.outcome_delay_days:g} "
        "days after the flight",
        "monitored": f"{_span(ORDINARY)}: {ordinary['words']}",
        "broken": f"{_span(BROKEN)}: the weather feed sent Celsius, and told nobody",
        "noticed": f"{_span(BROKEN)}: {broken['verdict'].capitalize()}: "
        + ", ".join(reason["what"] for reason in broken["reasons"]),
        "cards": f"open {pages.as_uri()}",
    }


def _latest(settings: Settings, flow: str) -> Any:
    from shared import lineage

    return next(lineage.runs(flow, settings.name))


def _span(week: pd.Timestamp) -> str:
    return f"{week:%-d %B} to {week + WEEK - pd.Timedelta(days=1):%-d %B}"
