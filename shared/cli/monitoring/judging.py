"""The monitor's verdict on a file or a folder, without a flow, a log or a server."""

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shared.cli import options
from shared.errors import Refusal
from shared.words import number_of

if TYPE_CHECKING:
    from shared.model.bundle import Bundle
    from shared.model.verdict import Verdict
    from shared.monitoring.case import Case
    from shared.settings import Settings

CODES = {"ok": 0, "watch": 1, "act": 2}
# Which these are is mostly the same for each window: not said with each verdict.
BLIND = "Some checks of columns can find nothing here: the summary card, or --json, names them."


class NoVerdict(click.ClickException):
    """Tells why there is none."""

    # Those of a verdict are taken.
    exit_code = 3


class Judging(click.Command):
    """A command whose mistakes cannot be taken for a verdict."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise NoVerdict(error.format_message()) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise NoVerdict(str(refusal)) from None


def _rows_file(ctx: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    if file and (file.suffix not in (".parquet", ".csv") or not file.absolute().parent.is_dir()):
        raise click.BadParameter(
            f"{file} can be no file of rows: give a .parquet or .csv file in a folder that is there"
        )
    return file


@click.command(cls=Judging)
@click.option(
    "--bundle",
    help="A bundle's folder, its digest (8 digits or more), or PackageFlow/RUN; left out, the "
    "champion of the problem.",
)
@click.option(
    "--window", required=True, help="A Parquet or CSV file, or a folder of them, here or on S3."
)
@click.option(
    "--settings",
    "--problem",
    "settings_file",
    type=options.path,
    help="A problem's folder, name or settings file, instead of the settings in the bundle.",
)
@options.digest
@options.branch
@options.trust
@click.option(
    "--rows",
    "rows_file",
    type=options.path,
    callback=_rows_file,
    help="Write the keys of rows that show each reason best into this .parquet or .csv file.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def judge(
    bundle: str | None,
    window: str,
    settings_file: Path | None,
    digest: str | None,
    rows_file: Path | None,
    as_json: bool,
) -> None:
    """Judge the rows of a file as MonitorFlow judges a window.

    The file has the bundle's columns, and may have its target's: the outcome. The model answers the
    rows, unless the file has its scores: a `probability`, a number's `prediction`, or a column for
    each class. These are compared with the model's in some rows. A folder may be ScoreFlow's
    answers, with `bundle`; those of other bundles are left out, and an `outcome` beside answers is
    theirs.
    Exits with 0 for ok, 1 for watch, 2 for act, and 3 when there is no verdict.
    """
    # What is imported stays: to look through it again and again takes a tenth of the time.
    gc.disable()
    import json

    from shared import problems
    from shared.model import lean_imports
    from shared.monitoring import findings, judge
    from shared.monitoring.case import Case
    from shared.monitoring.windows import scope
    from shared.monitoring.windows.reading import WindowReader

    lean_imports.import_model_reader()
    given = problems.load_problem(str(settings_file)) if settings_file else None
    opened = _opened(bundle, given, digest)
    settings = given or opened.settings
    gc.freeze()
    gc.enable()
    planned = scope.plan_table(window)
    with options.progress(planned.rows or 0, "rows") as bar:
        reader = WindowReader(planned, opened, settings, bar.update)
        case = Case(reader.read(), planned, opened, settings)
    verdict = judge.judge(case, findings.find(case))
    click.echo(json.dumps(verdict.plain()) if as_json else "\n".join(verdict_lines(verdict)))
    if rows_file:
        click.echo(_written_rows(verdict, case, rows_file), err=as_json)
    raise SystemExit(CODES[verdict.level])


def _opened(reference: str | None, settings: "Settings | None", digest: str | None) -> "Bundle":
    """Open a folder's bundle, which needs no run history, or one of the history: the champion."""
    from shared import problems

    if reference and Path(reference).is_dir():
        from shared.model.bundle import open_bundle

        opened = open_bundle(Path(reference), settings.package.trust if settings else None)
        options.refuse_other(opened, settings.name if settings else None, digest)
        return opened
    from shared.lineage import bundles

    named = reference or digest
    problem = settings or (problems.problem_name() if named else problem_in_production())
    opened = bundles.deployed(problem, named)
    options.refuse_other(opened, None, digest)
    return opened


def problem_in_production() -> str:
    """Return the problem that is named here, or else the only one that has a champion.

    Raises `Refusal` that lists them where there are several, and the usual one is none of them.
    """
    from shared import problems
    from shared.lineage import reviews

    # To read a problem's settings names it from then on.
    is_named = problems.named_here()
    name = problems.problem_name()
    found = [] if is_named else reviews.problems_with_champion()
    if name in found or not found:
        return name
    if len(found) > 1:
        raise Refusal(f"{', '.join(found)} have a champion each: name one with --problem")
    return found[0]


def _written_rows(verdict: "Verdict", case: "Case", file: Path) -> str:
    """Write the rows that show the reasons, and return what was written in words."""
    from shared.monitoring import reason_rows

    rows = reason_rows.find(verdict, case)
    rows.to_csv(file, index=False) if file.suffix == ".csv" else rows.to_parquet(file, index=False)
    return f"{reason_rows.words(rows, case)}: {file}"


def verdict_lines(verdict: "Verdict") -> list[str]:
    """Return a verdict with its reasons as people read it in a terminal."""
    from shared.monitoring.wording.units import in_words, number_in

    lines = [f"{verdict.words} ({number_of(verdict.rows, 'row')})"]
    for reason in verdict.reasons:
        threshold = number_in(reason.unit, reason.threshold)
        measured = f"{in_words(reason.unit, reason.number)} (threshold {threshold})"
        cause = f"likely cause: {reason.likely_cause}" if reason.likely_cause else None
        lines.append(f"  {reason.level:<6} {reason.what}")
        lines.append(f"         {'; '.join(filter(None, [measured, reason.baseline, cause]))}")
        lines.append(f"         {reason.next_step}")
    blind = [BLIND] if verdict.blind else []
    return [*lines, *verdict.notes, *blind, f"next: {verdict.next_action}"]
