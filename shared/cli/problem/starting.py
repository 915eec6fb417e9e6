"""`millrace new`: a problem's folder from a table, its settings guessed and explained."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.cli import options
from shared.errors import Refusal
from shared.kinds import TARGET_TYPES, Kind

if TYPE_CHECKING:
    import pyarrow as pa

    from shared.starting.guessing.guess import Guess

# Of more than these, `millrace new` leaves reading them again to `millrace check`.
ROWS_CHECKED_AT_ONCE = 100_000
CELLS_CHECKED_AT_ONCE = 5_000_000


@click.command()
@click.argument("name", required=False)
@click.argument("table", required=False)
@click.option("--query", help="Ask the database in MILLRACE_SOURCE for the rows instead.")
@click.option("--target", help="The column to be predicted.")
@click.option(
    "--kind",
    type=click.Choice([*TARGET_TYPES]),
    metavar="KIND",
    help="The kind of answer, where the guess by the target's values is wrong: binary, regression "
    "or multiclass.",
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option(
    "--project",
    type=options.path,
    metavar="FOLDER",
    help="Make a repository of a team's own in this new folder instead, with the problem NAME of "
    "this checkout (or the flights).",
)
def new(
    name: str | None,
    table: str | None,
    query: str | None,
    target: str | None,
    kind: Kind | None,
    yes: bool,
    project: Path | None,
) -> None:
    """Make a new problem of a table, or a new project.

    TABLE (a CSV or Parquet file, or a folder of them, such as a Delta table) is looked at, and
    flows/problems/NAME written, or problems/NAME where there are no flows: settings with the reason
    for each guess, a notebook, a test, and a source where the table lacks a key or a time. A page
    shows what was seen. Ends with 1 where something is wrong that training would refuse.

    With --query the rows of a database are looked at, and IngestFlow asks for them again.

    With --project there is no TABLE: the folder gets flows, a problem, a Makefile, CI for GitHub
    and GitLab that says of each pull request what it does, a Dockerfile, a dev container, and
    Millrace as a wheel.
    """
    if project:
        return _new_project(project, name, table or query or target or kind)
    if not name:
        raise click.UsageError("name the problem, and its TABLE; or give --project FOLDER")
    from shared import problem_commands, problems
    from shared.cli.problem import checking
    from shared.starting.guessing import guess, targets
    from shared.starting.looking import look_page, query_rows, table_look
    from shared.starting.writing import folder
    from shared.tables import sources

    place = folder.new_folder(name)
    if bool(table) == bool(query):
        raise Refusal("name a TABLE, or ask for its rows with --query")
    with query_rows.answered(query) if query else nullcontext(table) as address:
        files, csv, first = table_look.open_table(str(address))
        chosen = target or _asked(targets.likely_targets(first), first, yes)
        targets.refuse_no_target(chosen, first)
        look = table_look.look(files, csv, first, chosen)
    if query:
        look = replace(look, address=f"{sources.TABLES}/{name}")
    found = guess.guess_problem(look, chosen, kind)
    if query:
        query_rows.refuse_without_key_or_time(found)
    written = folder.write_problem(name, found, place, query or "")
    settings = folder.readable(place)
    cells = look.rows * look.sample.num_columns
    is_small = look.rows <= ROWS_CHECKED_AT_ONCE and cells <= CELLS_CHECKED_AT_ONCE
    faults = list(checking.wrong(settings, is_small and not query))
    click.echo("")
    for line in _guessed(found, written):
        click.echo(line)
    for line in faults:
        click.echo(f"wrong       {line}", err=True)
    named = problems.short_name(str(place), name)
    click.echo(f"\nopen {look_page.write_page(name, found).as_uri()}")
    mend = "mend what is wrong, in the table or here, and " if faults else ""
    click.echo(f"next: {mend}read {written[0]}")
    # What would be refused for what is wrong is not said to come next.
    targets_then = (*(["ingest"] if query else []), "check", *([] if faults else ["train"]))
    then = [problem_commands.make_command(target, problem=named) for target in targets_then]
    click.echo(f"then: {'; '.join(then)}")
    if faults:
        sys.exit(1)


def _new_project(folder: Path, problem: str | None, more: str | None) -> None:
    from shared.starting.writing import project_folder

    if more:
        raise click.UsageError(f"--project takes the NAME of a problem at most, not {more}")
    written = project_folder.write_project(folder, problem)
    click.echo(f"{'written':<12}{', '.join(map(str, written))}")
    click.echo(f"next: cd {shlex.quote(str(folder))}; git init; make check; make train")


def _asked(likely: list[str], first: "pa.Table", yes: bool) -> str:
    """Ask for the target in a terminal; raises `Refusal` where nobody can answer."""
    if yes or not sys.stdin.isatty():
        raise Refusal(f"which column is to be predicted? Say --target, likely {', '.join(likely)}")
    click.echo(f"columns: {', '.join(first.column_names)}")
    return str(click.prompt("Which column is to be predicted", default=likely[0]))


def _guessed(found: "Guess", written: list[Path]) -> Iterator[str]:
    """Yield the lines of the table of what was guessed, and what to beware of."""
    from shared.starting.guessing.guess_words import guess_words

    yield f"{'written':<12}{', '.join(map(str, written))}"
    yield from (f"{key:<12}{value}" for key, value in guess_words(found).items())
    yield from (
        f"left out    {name or '(no name)'}: {reason}" for name, reason in found.left_out.items()
    )
    yield from (f"beware      {warning}" for warning in found.warnings)
