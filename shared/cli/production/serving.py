"""The server, and the keys to it."""

import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click

from shared.cli import options
from shared.errors import Refusal
from shared.serving.security.keys import ROLES, KeyRole

NEWEST = "newest"


@click.command()
@options.problem
@options.branch
@click.option("--bundle", type=options.path, help="Serve only this folder.")
@options.digest
@options.trust
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=options.port, default=8000, show_default=True, help="0 picks a free one."
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--challenger",
    help="A bundle (digest, run or folder) to score the same rows; or `newest`: whichever is the "
    "newest one that is verified, while nobody has decided about it.",
)
@click.option(
    "--canary",
    type=click.FloatRange(0, 1, min_open=True),
    help="The share of keys that the challenger answers; without it, it answers none.",
)
@click.option(
    "--spool",
    type=options.path,
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
@click.option(
    "--otlp",
    envvar="MILLRACE_OTLP",
    metavar="URL",
    help="Where OpenTelemetry's spans are sent, such as http://localhost:4318 (default: "
    "MILLRACE_OTLP, or what the bundle's settings say); '' for nowhere.",
)
@click.option(
    "--max-body",
    type=click.IntRange(1),
    default=16,
    show_default=True,
    help="How many MiB a request may have.",
)
@click.option(
    "--connections",
    type=click.IntRange(2),
    default=1_000,
    show_default=True,
    help="How many a process has at once; half of them from one address.",
)
@click.option("--docs/--no-docs", default=True, help="Whether to show the routes at /docs.")
def serve(
    problem: str,
    bundle: Path | None,
    digest: str | None,
    host: str,
    port: int,
    workers: int,
    challenger: str | None,
    canary: float | None,
    spool: Path,
    spool_rows: int,
    access_log: Literal["off", "text", "json"],
    otlp: str | None,
    max_body: int,
    connections: int,
    docs: bool,
) -> None:
    """Answer predictions over HTTP, each logged before it is answered.

    Follows the champion of the problem, or serves the bundle that --digest pins, whatever is
    approved. With --bundle it needs neither Metaflow nor a run history.
    The log is SQLite in .millrace/, or the database that MILLRACE_LOG names. Callers need a key
    when MILLRACE_API_KEYS or MILLRACE_API_KEYS_FILE names any, which it has to for any --host
    but this machine's own; `millrace key` makes one.
    """
    if canary and not challenger:
        raise Refusal("--canary is the share of a challenger: name one with --challenger")
    if bundle and challenger == NEWEST:
        raise Refusal("--challenger newest follows a run history: --bundle serves without one")
    # What is imported stays: to look through it again and again takes a tenth of the start.
    gc.disable()
    from shared.serving.security import keys

    known = keys.from_environment()

    from shared.model.scores.lean_scores import LeanScoring

    # Its process works while the champion is found and the server is imported here.
    scoring = LeanScoring()
    champion, follow = _champion(problem, bundle, digest)
    scoring.prove(champion)

    from shared.serving import workers as processes
    from shared.serving.deployment import ServingOptions
    from shared.serving.security import limits
    from shared.serving.security.connections import ConnectionLimits
    from shared.serving.security.guard import Guard

    if workers > 1:
        scoring.wait()
    served = ServingOptions(
        spool=spool if spool_rows else None,
        spool_rows=spool_rows,
        challenger=_challenger(problem, champion, challenger) if challenger else lambda: None,
        canary=canary or 0.0,
        access_log=access_log,
        otlp=otlp,
        guard=Guard(
            known,
            max_body * limits.MEBIBYTE,
            docs=docs,
            connections=ConnectionLimits(connections),
        ),
        scoring=scoring,
    )
    processes.serve(champion, host, port, served, workers, follow)


def _champion(
    problem: str, folder: Path | None, digest: str | None
) -> tuple[Any, Callable[[], Any] | None]:
    """Return the bundle to begin with, and what finds the champion later; None for one alone."""
    _, bundle = options.problem_bundle(problem, folder, digest)
    if folder or digest:
        return bundle, None
    from shared.lineage import bundles

    return bundle, partial(bundles.champion, problem)


def _challenger(problem: str, champion: Any, reference: str) -> Callable[[], Any]:
    """Return what finds the present challenger; one that is named has to be fit for the problem."""
    from shared.model.bundle import open_bundle
    from shared.serving import challenge

    if Path(reference).is_dir():
        named = open_bundle(Path(reference))
    else:
        from shared.lineage import bundles

        if reference == NEWEST:
            return partial(bundles.undecided, problem)
        named = bundles.find_bundle(problem, reference)
    if named.digest != champion.digest:
        challenge.refuse_unfit(champion, named)
    return lambda: named


@click.command()
@click.option("--name", required=True, help="Who has it; the access log shows it.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What it may ask.")
def key(name: str, role: KeyRole) -> None:
    """Make an API key and the entry that lets a server know it.

    The key is shown this once.
    """
    from shared.serving.security import keys

    secret, entry = keys.new_key(name, role)
    click.echo(
        f"key:    {secret}\n"
        f"entry:  {entry}\n\n"
        f"Give the key to {name}, who sends it as the header 'Authorization: Bearer KEY'. Add the\n"
        f"entry to {keys.VARIABLE} (entries between commas), or as a line to the file that\n"
        f"{keys.FILE_VARIABLE} names. The key itself is kept nowhere."
    )
