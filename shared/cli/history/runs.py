"""What is done with the run history: runs listed, settings, bundles and cards taken out."""

import itertools
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.cli import options
from shared.errors import Refusal

if TYPE_CHECKING:
    from shared.runs.records import Record

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("runs")
@click.option("--flow", help="Of one flow, such as `train`.")
@click.option("--problem", help="Of one problem, by its name.")
@click.option("--branch", help="Of one branch, such as `prod`.")
@click.option("--state", type=click.Choice(["done", "failed", "running"]))
@click.option("--by", help="Of one person: who ran it, or who decided.")
@click.option("--since", type=DAY, help="From this day on (UTC).")
@click.option("--until", type=DAY, help="To the end of this day (UTC).")
@click.option(
    "--text", help="With this text in its name, its word, its reason, or its bundle's digest."
)
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="How many.")
def list_runs(
    flow: str | None,
    problem: str | None,
    branch: str | None,
    state: str | None,
    by: str | None,
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    most: int,
) -> None:
    """List the runs of all flows, problems and branches, the newest first.

    A line each: when it began (UTC), the run, its problem, by whom, and what it came to; of those
    that failed, why.
    """
    from shared.runs import records, stations

    wanted = {"problem": problem, "branch": branch, "state": state, "by": by, "q": text}
    wanted["flow"] = stations.flow_named(flow) if flow else None
    wanted |= {"since": f"{since:%Y-%m-%d}" if since else None}
    wanted |= {"until": f"{until:%Y-%m-%d}" if until else None}
    newest = records.newest({name: value for name, value in wanted.items() if value})
    shown = list(itertools.islice(newest, most))
    for line in run_lines(shown):
        click.echo(line)
    if not shown:
        click.echo("no run is like that", err=True)
    elif next(newest, None):
        click.echo(f"there are older ones: --most {2 * most}", err=True)


def run_lines(shown: list["Record"]) -> Iterator[str]:
    """Yield a line for each run."""
    rows = [(r.at[:16].replace("T", " "), r.pathspec, r.problem, r.by) for r in shown]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, record in zip(rows, shown, strict=True):
        cells = [f"{text:<{width}}" for text, width in zip(row, widths, strict=True)]
        why = f": {record.failure}" if record.failure else ""
        yield "  ".join([*cells, record.word + why])


@click.command("settings")
@click.argument("run")
@options.of_problem
def run_settings(run: str, problem: str | None) -> None:
    """Write the settings that a run used, as TOML: `--config settings FILE` takes them again.

    RUN is FLOW/RUN, a run's number, or 8 digits or more of a bundle. Code of the problem's own is
    not among them: it is taken from the problem's folder here.
    """
    from shared.lineage import run_history
    from shared.runs import records
    from shared.runs.one_run import run_contents

    record = records.find_record(run, problem)
    found = run_history.run_named(record.pathspec)
    sys.stdout.write(run_contents.settings_of(found))


@click.command()
@click.argument("bundle")
@click.argument("folder", type=options.path)
@options.problem
@options.branch
def unpack(bundle: str, folder: Path, problem: str) -> None:
    """Copy a bundle out of the run history into a new folder.

    BUNDLE is a digest (8 digits or more) or PackageFlow/RUN; it names its problem as well.
    """
    import shutil

    from shared.lineage import bundles

    if folder.exists():
        raise Refusal(f"{folder} exists already: name a new folder")
    found = bundles.packaged(options.problem_of(bundle, problem), bundle).bundle
    shutil.copytree(found.path, folder)
    click.echo(f"bundle {found.digest} is in {folder}; its README.md says how to serve it")


@click.command()
@options.problem
@options.branch
@click.option(
    "--folder",
    type=options.path,
    help="Where the pages go (default: the problem's own folder in .millrace/cards).",
)
@click.option("--runs", default=5, show_default=True, help="How many runs of each flow.")
def cards(problem: str, folder: Path | None, runs: int) -> None:
    """Write the cards of the latest runs as pages.

    Their index is for a browser, and needs no server.
    """
    from shared.board import gallery

    folder = folder or Path(".millrace") / "cards" / problem
    click.echo(f"open {gallery.write(problem, folder, runs).as_uri()}")
