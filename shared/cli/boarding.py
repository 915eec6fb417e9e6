"""The board, where reviewers browse, compare and decide in a browser."""

import click

from shared.cli import options


@click.command()
@options.branch
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8080, show_default=True, help="0 picks a free one.")
def board(host: str, port: int) -> None:
    """Show all runs of this folder's history in a browser: cards, verdicts, and what waits.

    It reads the run history, here or where Metaflow is configured to keep it, and the logs of the
    problems; it keeps nothing of its own but a cache, .millrace/runs.cache.
    """
    from shared.board import server

    server.run(host, port)
