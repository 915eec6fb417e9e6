"""`millrace demo`: the whole loop, from nothing."""

from pathlib import Path

import click

from shared.cli import options


@click.command()
@click.option(
    "--folder",
    type=options.path,
    default=Path(".demo"),
    show_default=True,
    help="Where the demo works; it is emptied first.",
)
@click.option(
    "--problem",
    type=click.Choice(["flights", "shop"]),
    default="flights",
    show_default=True,
    help="A year of real flights, or a shop whose clicks are simulated.",
)
def demo(folder: Path, problem: str) -> None:
    """Run the whole loop on a year of real flights, or in a shop whose model closes in."""
    from shared.demo import loop

    loop.run(folder, problem)
