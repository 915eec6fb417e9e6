"""The `millrace` command. Each command imports what it needs when it is called."""

from pathlib import Path
from typing import Any, Literal

import click

import shared
from shared.errors import Refusal

PROBLEM = "flights"


class Commands(click.Group):
    """Tells a refusal in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None


problem_option = click.option(
    "--problem", default=PROBLEM, show_default=True, help="The settings' name of the problem."
)


@click.group(cls=Commands)
@click.version_option(shared.__version__, prog_name="millrace")
def main() -> None:
    """Millrace: MLOps as Metaflow flows."""


@main.command()
@problem_option
@click.option("--bundle", type=click.Path(path_type=Path), help="Serve this folder alone.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--challenger", help="A bundle (digest, run or folder) to score the same rows.")
@click.option(
    "--canary",
    type=click.FloatRange(0, 1, min_open=True),
    help="The share of keys that the challenger answers; without it, it answers none.",
)
@click.option(
    "--spool",
    type=click.Path(path_type=Path),
    default=Path(".millrace") / "spool",
    show_default=True,
    help="Where rows wait while the log is away.",
)
@click.option(
    "--spool-rows", type=click.IntRange(0), default=1_000_000, show_default=True, help="0 for none."
)
@click.option(
    "--access-log",
    type=click.Choice(["off", "text", "json"]),
    default="off",
    show_default=True,
    help="A line on stderr for each request.",
)
def serve(
    problem: str,
    bundle: Path | None,
    host: str,
    port: int,
    workers: int,
    challenger: str | None,
    canary: float | None,
    spool: Path,
    spool_rows: int,
    access_log: Literal["off", "text", "json"],
) -> None:
    """Answer predictions over HTTP, each logged before it is answered.

    Follows the champion of the problem. With --bundle it needs neither Metaflow nor a run history.
    The log is SQLite in .millrace/, or the database that MILLRACE_LOG names.
    """
    from shared.packaging.bundle import open_bundle
    from shared.serving import workers as processes
    from shared.serving.switch import Terms

    if canary and not challenger:
        raise Refusal("--canary is the share of a challenger: name one with --challenger")
    rival = _challenger(problem, challenger) if challenger else None
    terms = Terms(spool if spool_rows else None, spool_rows, rival, canary or 0.0, access_log)
    if bundle:
        processes.serve(open_bundle(bundle), host, port, terms, workers)
        return
    from shared import lineage

    champion = lineage.deployed(problem)
    processes.serve(champion, host, port, terms, workers, lambda: lineage.champion(problem))


def _challenger(problem: str, reference: str) -> Any:
    from shared.packaging.bundle import open_bundle

    if Path(reference).is_dir():
        return open_bundle(Path(reference))
    from shared import lineage

    return lineage.find_bundle(problem, reference)


@main.command()
@click.argument("bundle")
@click.argument("folder", type=click.Path(path_type=Path))
@problem_option
def unpack(bundle: str, folder: Path, problem: str) -> None:
    """Copy a bundle out of the run history into a new folder.

    BUNDLE is a digest (8 digits or more) or PackageFlow/RUN.
    """
    import shutil

    from shared import lineage

    if folder.exists():
        raise Refusal(f"{folder} is there already: name a folder that is not")
    found = lineage.packaged(problem, bundle).bundle
    shutil.copytree(found.path, folder)
    click.echo(f"bundle {found.digest} is in {folder}; its README.md tells how to serve it")


@main.command()
@problem_option
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(".millrace") / "cards",
    show_default=True,
    help="Where the pages go.",
)
@click.option("--runs", default=5, show_default=True, help="How many runs of each flow.")
def cards(problem: str, folder: Path, runs: int) -> None:
    """Write the cards of the latest runs as pages, with an index to open in a browser."""
    from shared.review import gallery

    click.echo(f"open {gallery.write(problem, folder, runs).as_uri()}")


@main.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Where the demo works; it is emptied first.",
)
def demo(folder: Path) -> None:
    """Go round the whole loop on a real year of flights, and show what it finds."""
    from shared.demo import loop

    loop.run(folder)


if __name__ == "__main__":
    main()
