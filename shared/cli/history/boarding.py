"""The board, where reviewers browse, compare and decide in a browser."""

from pathlib import Path

import click

from shared import command_words
from shared.board import ADDRESS, PORT
from shared.cli import options

ROLES = ("viewer", "reviewer")


@click.command()
@options.named_problem
@options.branch
@click.option("--host", default=ADDRESS, show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=options.port, default=PORT, show_default=True, help="0 picks a free one."
)
@click.option(
    "--people",
    type=options.path,
    envvar="MILLRACE_BOARD_PEOPLE",
    metavar="FILE",
    help="Who may log in (or MILLRACE_BOARD_PEOPLE): a line for each, as `millrace board-key` "
    "prints it. Without it, it is you alone, on this machine.",
)
@click.option(
    "--user-header",
    metavar="HEADER",
    help="Take who asks from this header, such as X-Forwarded-User, of the --trusted-proxy alone.",
)
@click.option(
    "--trusted-proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    help="The proxy's address or network, such as 10.0.0.0/28. May be given again.",
)
@click.option(
    "--user-role",
    type=click.Choice(ROLES),
    default="viewer",
    show_default=True,
    help="What those may do whom the proxy names; who is in --people by name has the role there.",
)
@click.option(
    "--allow-host",
    "names",
    metavar="NAME",
    multiple=True,
    help="A name by which the board is asked for, beside --host. May be given again.",
)
def board(
    host: str,
    port: int,
    people: Path | None,
    user_header: str | None,
    proxies: tuple[str, ...],
    user_role: str,
    names: tuple[str, ...],
) -> None:
    """Show all runs of this folder's history in a browser: cards, verdicts, and what waits.

    It reads the run history, here or where Metaflow is configured to keep it, and the logs of the
    problems; it keeps nothing of its own but a cache, .millrace/runs.cache. On this machine alone
    you decide under the name that MILLRACE_REVIEWER or your account gives.
    """
    from shared.board import server
    from shared.board.access.people import access

    who = access(host, people, user_header, proxies, user_role, names)
    server.run(host, port, who)


@click.command("board-key")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
def board_key(name: str, role: str) -> None:
    """Make a key to the board, and the line that lets it know NAME: a reviewer decides, too.

    The key is shown this once.
    """
    from shared.board.access.people import PEOPLE, VARIABLE
    from shared.serving.security import keys

    secret, line = keys.new_key(name, role, PEOPLE)
    click.echo(
        f"key:   {secret}\n"
        f"line:  {line}\n\n"
        f"Give the key to {name}, who logs in with it. Add the line to the file that\n"
        f"`{command_words.millrace('board --people')}` or {VARIABLE} names. "
        "The key itself is kept nowhere."
    )
