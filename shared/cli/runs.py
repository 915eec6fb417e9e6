"""What is done with the run history: bundles and cards taken out of it, and the demo."""

from pathlib import Path

import click

from shared.cli import options
from shared.errors import Refusal


@click.command()
@click.argument("bundle")
@click.argument("folder", type=options.path)
@options.problem
@options.branch
def unpack(bundle: str, folder: Path, problem: str) -> None:
    """Copy a bundle out of the run history into a new folder.

    BUNDLE is a digest (8 digits or more) or PackageFlow/RUN.
    """
    import shutil

    from shared.lineage import bundles

    if folder.exists():
        raise Refusal(f"{folder} exists already: name a new folder")
    found = bundles.packaged(problem, bundle).bundle
    shutil.copytree(found.path, folder)
    click.echo(f"bundle {found.digest} is in {folder}; its README.md says how to serve it")


@click.command()
@options.problem
@options.branch
@click.option(
    "--folder",
    type=options.path,
    default=Path(".millrace") / "cards",
    show_default=True,
    help="Where the pages go.",
)
@click.option("--runs", default=5, show_default=True, help="How many runs of each flow.")
def cards(problem: str, folder: Path, runs: int) -> None:
    """Write the cards of the latest runs as pages.

    Their index is for a browser, and needs no server.
    """
    from shared.board import gallery

    click.echo(f"open {gallery.write(problem, folder, runs).as_uri()}")


@click.command()
@click.option(
    "--folder",
    type=options.path,
    default=Path(".demo"),
    show_default=True,
    help="Where the demo works; it is emptied first.",
)
def demo(folder: Path) -> None:
    """Run the whole loop on a year of real flights."""
    from shared.demo import loop

    loop.run(folder)
