"""The prediction log: made, looked into, taken out, and told what came true."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.cli import options
from shared.errors import Refusal
from shared.words import names_with_counts, number_of

if TYPE_CHECKING:
    from shared.sections.columns import Csv

SHOWN = 10
day = click.DateTime(["%Y-%m-%d"])


@click.group()
def log() -> None:
    """Make, show, test or export the prediction log.

    The log is SQLite in .millrace/, or the database that MILLRACE_LOG names.
    """


@log.command()
@options.problem
@options.branch
@options.bundle
def init(problem: str, bundle: Path | None) -> None:
    """Make the log's tables, and the columns that a table there lacks."""
    from shared.log.opening import opened_log

    name, known = options.problem_bundle(problem, bundle)
    with opened_log(name, known.contract) as held:
        held.prepare()
        click.echo(f"the log of {name} is ready: {held.address}")


@log.command()
@options.problem
@options.branch
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def info(problem: str, as_json: bool) -> None:
    """Show what is in the log: rows, times, bundles, outcomes."""
    import json
    from dataclasses import asdict

    from shared.log import contents

    found = contents.summary(problem)
    if as_json:
        click.echo(json.dumps(asdict(found), default=lambda moment: moment.isoformat()))
        return
    size = f", {found.bytes / 1e6:,.1f} MB" if found.bytes is not None else ""
    click.echo(f"{found.address}{size}\n")
    for name, table in found.tables.items():
        span = f"   {_moment(table.first)} to {_moment(table.last)}" if table.rows else ""
        click.echo(f"{name.replace('_', ' '):<16}{table.rows:>12,}{span}")
    answered = sum(made["rows"] for made in found.answers if made["role"] != "challenger")
    if answered:
        share = found.with_outcome / answered
        click.echo(f"{'with an outcome':<16}{found.with_outcome:>12,}   {share:.1%} of the answers")
        click.echo(f"\n{'bundle':<14}{'role':<12}{'rows':>12}   logged")
    for made in found.answers:
        span = f"{_moment(made['first'])} to {_moment(made['last'])}"
        click.echo(f"{made['bundle'][:12]:<14}{made['role']:<12}{made['rows']:>12,}   {span}")


@log.command()
@options.problem
@options.branch
def check(problem: str) -> None:
    """Test whether the log is whole: its pages and indexes, and that each row can be read.

    It is only read, and may be in use. Exits with 1 where something is wrong with it.
    """
    from shared.log import integrity

    found = integrity.check(problem)
    for name, rows in found.rows.items():
        click.echo(f"{name.replace('_', ' '):<16}{rows:>12,} rows read")
    for fault in found.faults:
        click.echo(f"  {fault}", err=True)
    if found.faults:
        raise Refusal(f"the log is damaged: {found.address}; the README says how to restore one")
    click.echo(f"the log is whole: {found.address}")


@log.command()
@click.argument("folder", type=options.path)
@options.problem
@options.branch
@click.option("--since", type=day, help="The first day, such as 2013-05-01.")
@click.option("--until", type=day, help="The day after the last one.")
def export(folder: Path, problem: str, since: datetime | None, until: datetime | None) -> None:
    """Write the log as Parquet files into FOLDER, one for each table and day (UTC).

    Exporting again replaces the days' files, each as a whole.
    """
    from shared.log import export as log_export

    def show_day(name: str, of: date, rows: int) -> None:
        click.echo(f"  {name} {of}: {number_of(rows, 'row')}")

    days = (since.date() if since else None, until.date() if until else None)
    counts = log_export.export(problem, folder, *days, show_day)
    listed_counts = ", ".join(f"{rows:,} {name.replace('_', ' ')}" for name, rows in counts.items())
    click.echo(f"{listed_counts} are in {folder}")


@click.command()
@click.argument("file", type=options.path)
@options.problem
@options.branch
@options.bundle
@click.option("--delimiter", help="What stands between cells of CSV, such as ';' or '\\t'.")
@click.option("--decimal", help="The decimal sign of CSV: '.' or ','.")
@click.option(
    "--thousands", help="What stands between thousands in CSV, such as '.'; '' is nothing."
)
@click.option("--encoding", help="The encoding of CSV, such as cp1252.")
def outcomes(
    file: Path,
    problem: str,
    bundle: Path | None,
    delimiter: str | None,
    decimal: str | None,
    thousands: str | None,
    encoding: str | None,
) -> None:
    """Add outcomes to the log from a file of labels by key.

    FILE is Parquet or CSV, of any size; its columns are the contract's key and target, and others
    are not read. A label that stands already adds nothing, so an interrupted file is just taken
    again. Rows that cannot be read are listed beside the file, and the others are taken.
    """
    from shared.log import outcome_file
    from shared.log.opening import opened_log

    name, known = options.problem_bundle(problem, bundle)
    contract = known.contract
    given = {"delimiter": delimiter, "decimal": decimal, "thousands": thousands}
    csv = _csv(known.settings.csv, **given, encoding=encoding)
    with opened_log(name, contract) as held, options.progress(1_000, "outcomes") as bar:

        def show(share: float) -> None:
            bar.update(int(1_000 * share) - bar.pos)

        try:
            taken = outcome_file.take(file, held, contract, show, csv)
        except Refusal as refusal:
            if "[csv]" not in str(refusal):
                raise
            # The settings of a bundle stay as they are.
            here = "of this file alone, --delimiter, --decimal, --thousands and --encoding say it"
            raise Refusal(f"{refusal}; {here}") from None
    if not taken.received:
        click.echo(f"note: 0 outcomes: {file} has no rows")
    if taken.unknown:
        click.echo(
            f"note: unknown classes: {names_with_counts(taken.unknown)}; the labels are kept"
        )
    if taken.unanswered:
        rows = number_of(taken.unanswered, "label is of a key", "labels are of keys")
        then = "it counts" if taken.unanswered == 1 else "they count"
        click.echo(f"note: {rows} that no prediction in the log has; {then} when one comes")
    for what in ("received", "added", "corrected", "unchanged", "repeated", "unlabelled"):
        click.echo(f"{what:<12}{getattr(taken, what):>12,}")
    if taken.refused:
        listed = file.with_name(f"{file.name}.refused.csv")
        outcome_file.list_refused(taken, listed)
        for row, key, label, why in taken.refused[:SHOWN]:
            click.echo(f"  row {row:,}, key {key!r}, label {label!r}: {why}", err=True)
        refused = number_of(len(taken.refused), "row is refused", "rows are refused")
        raise Refusal(f"{refused}, as {listed} says")


def _csv(said: "Csv", **given: str | None) -> "Csv":
    """Return how a file is written: as the settings say, but for what is given here."""
    from pydantic import ValidationError

    from shared.sections.columns import Csv

    if given["delimiter"] == "\\t":
        given["delimiter"] = "\t"
    named = {name: value for name, value in given.items() if value is not None}
    try:
        return Csv.model_validate(said.model_dump() | named)
    except ValidationError as error:
        (fault, *_) = error.errors()
        words = fault["msg"].removeprefix("Value error, ")
        option = f"--{fault['loc'][0]} {fault['input']!r}: " if fault["loc"] else ""
        raise Refusal(f"{option}{words}") from None


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else "-"
