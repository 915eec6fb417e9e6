"""`millrace check`: what can be known before a model is fitted, said in a few seconds."""

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shared.cli import options
from shared.errors import Refusal
from shared.words import number_of

if TYPE_CHECKING:
    import pandas as pd

    from shared.schema.contract import Contract, ContractColumn
    from shared.schema.violations import Violation
    from shared.settings import Settings

# Of the first and of the last rows each.
ROWS_CHECKED = 2_000
# Of them, by each candidate.
ROWS_FITTED = 1_000
# Times that cannot be read, of all: beyond it they are written in another form.
MOST_STRAY = 0.1
MOST_CATEGORIES_SHOWN = 5


@click.command()
@click.argument("problem", required=False, is_eager=True)
@options.settings
@click.option("--rows/--no-rows", default=True, help="Read the source, too (the default).")
def check(problem: str | None, settings: Path, rows: bool) -> None:
    """Check a problem before it is trained.

    PROBLEM's settings, code and candidates are checked, the split and the target in all rows of
    its source, and the other columns in its first and last rows. Nothing is trained and nothing is
    written. Ends with 1 where TrainFlow or PackageFlow would refuse something.
    """
    from shared import problem_commands, problems

    started = time.perf_counter()
    found = problems.load_problem(str(settings))
    click.echo(
        f"settings    {found.name}: {number_of(len(found.features), 'feature')}, "
        f"{number_of(len(found.candidates), 'candidate')}"
    )
    faults = list(dict.fromkeys(wrong(found, rows)))
    for line in faults:
        click.echo(f"wrong       {line}", err=True)
    click.echo(f"checked in {time.perf_counter() - started:.1f} s")
    if faults:
        sys.exit(1)
    named = problem or problems.short_name(str(settings), found.name)
    click.echo(f"next: {problem_commands.make_command('train', problem=named)}")


def wrong(settings: "Settings", rows: bool) -> Iterator[str]:
    """Yield what is wrong, and say what is found on the way."""
    from shared.training import readiness
    from shared.training.judging import behaviour

    sample, contract = None, None
    try:
        for name in behaviour.own_checks(settings.name):
            click.echo(f"check       {name}: asserted of the model when it is judged")
    except Refusal as refusal:
        yield str(refusal)
    if rows:
        try:
            ends, contract, broken, share = _first_and_last(settings)
        except Refusal as refusal:
            yield str(refusal)
        else:
            where = " in the rows looked at" * (len(ends) >= 2 * ROWS_CHECKED)
            for column in contract.columns:
                click.echo(f"column      {_described(column, contract, where)}")
            for doubt in filter(None, _mostly_numbers(ends, contract, settings)):
                click.echo(f"doubt       {doubt}")
            if few := _few_in_a_window(ends, settings, share):
                click.echo(f"window      {few}")
            yield from broken
            sample = None if broken else _to_fit(ends, contract, settings)
    for doubt in doubts_of_candidates(settings):
        click.echo(f"doubt       {doubt}")
    given = {candidate.name for candidate in settings.candidates if candidate.model}
    for candidate in readiness.check_candidates(settings, sample, contract):
        done, made = ("tried", "read") if candidate.name in given else ("fitted", "built")
        done = f"{done} on the rows checked" if candidate.model is not None else made
        if candidate.problem:
            yield candidate.problem
            continue
        click.echo(f"candidate   {candidate.name}: {done} in {candidate.seconds:.1f} s")
        if candidate.model is not None:
            yield from _unpackable(candidate.name, candidate.model, settings)
    yield from _searches(settings, sample, contract)


def doubts_of_candidates(settings: "Settings") -> Iterator[str]:
    """Yield what the settings say of candidates in vain."""
    for candidate in settings.candidates:
        if candidate.learns_from and not settings.train.rows:
            yield (
                f'candidate {candidate.name!r}: learns_from = "{candidate.learns_from}" has no '
                "effect without `rows` in [train]: each candidate learns from all rows"
            )


def _searches(
    settings: "Settings", sample: "pd.DataFrame | None", contract: "Contract | None"
) -> Iterator[str]:
    from shared.training import readiness

    for search in readiness.check_searches(settings, sample, contract):
        yield from search.problems
        if not search.problems:
            count = number_of(settings.search[search.name].number_of_trials, "trial")
            done = "built" if sample is None else "fitted on the rows checked"
            values = f"each value {done} in {search.seconds:.1f} s"
            click.echo(f"search      {search.name}: {count}; {values}")


def _first_and_last(settings: "Settings") -> "tuple[pd.DataFrame, Contract, list[str], float]":
    """Return rows that training reads, their contract, what breaks it, and their share of all."""
    from shared.schema.violations import FINER
    from shared.training import sampling, splits
    from shared.training.contract_checks import IGNORED
    from shared.training.ends import ends_of
    from shared.training.fitting import candidates
    from shared.training.pinned import pin, read_source

    pinned = pin(settings, None)
    sampled = sampling.sample(settings, pinned)
    with sampling.telling_of(sampled):
        source = read_source(settings, pinned, sampled)
        rows, contract, violations = ends_of(source, ROWS_CHECKED, settings, pinned)
    rarer = " and some of each rarer class" * (len(rows) > 2 * ROWS_CHECKED)
    ends = f"its first and last rows{rarer}, {len(rows):,} in all"
    click.echo(f"source      {settings.source}: {ends}")
    if words := candidates.learning_words(sampled, settings):
        click.echo(f"sample      {words}")
    broken = [
        _describe_fault(violation, contract) for violation in violations if violation.enforced
    ]
    for violation in violations:
        if violation.problem != FINER and not violation.problem.startswith(IGNORED):
            continue
        click.echo(f"doubt       {violation}")
    if not broken:
        broken += _split(splits.labels(source, contract), contract, settings)
    return rows, contract, broken, sampled.share if sampled else 1.0


def _split(labels: "pd.DataFrame", contract: "Contract", settings: "Settings") -> Iterator[str]:
    """Say what train, validation and holdout will be of, and yield why they cannot be."""
    from shared.tasks.choice import task_of
    from shared.training import splits

    try:
        places = splits.places(labels, task_of(contract), settings)
    except Refusal as refusal:
        yield str(refusal)
        return
    for span in splits.spans(labels, places, contract, settings):
        name, rows, first, last, *facts = span.items()
        described = "; ".join(f"{fact.lower()}: {value}" for fact, value in facts)
        span_words = f"{number_of(rows[1], 'row')}, {first[1]} to {last[1]} ({described})"
        click.echo(f"split       {name[1]}: {span_words}")


def _to_fit(rows: "pd.DataFrame", contract: "Contract", settings: "Settings") -> "pd.DataFrame":
    """Return a few of the rows with an outcome, which is encoded as candidates learn it."""
    from shared.frames import with_values
    from shared.tasks.choice import task_of
    from shared.training.ends import ROWS_OF_A_CLASS

    labelled = rows[rows[settings.target].notna()]
    few = labelled.sample(min(ROWS_FITTED, len(labelled)), random_state=settings.seed)
    if contract[settings.target].has_classes:
        # By chance alone a class that is rare may be missing, and no candidate be fitted.
        each = labelled.groupby(settings.target, observed=True).head(ROWS_OF_A_CLASS)
        few = labelled.loc[few.index.union(each.index)]
    target = task_of(contract).encode(few[settings.target])
    return with_values(few, {settings.target: target})


def _describe_fault(violation: "Violation", contract: "Contract") -> str:
    from shared.schema.column_reading import NOT_OF_TYPE
    from shared.settings_text import settings_key

    column = contract[violation.column]
    if violation.problem == NOT_OF_TYPE["number"] and {"inf", "-inf"} & {*violation.examples}:
        said = (
            f"{violation}: so a number is read that no float holds, as 1e999 is; mend or empty it "
        )
        said += "in the table"
        if column.name not in contract.features:
            return said
        return (
            f"{said}, or say [contract] {settings_key(column.name)} = "
            '{ type = "category" } where these are codes'
        )
    if violation.problem != NOT_OF_TYPE["time"] or column.format:
        return str(violation)
    if violation.share < MOST_STRAY:
        return f"{violation}: mend them in the table, or drop them in its source"
    return (
        f"{violation}: [contract] {settings_key(column.name)} = "
        '{ format = "%d.%m.%Y %H:%M" } says how such texts are written'
    )


def _few_in_a_window(rows: "pd.DataFrame", settings: "Settings", share: float) -> str:
    """Return why windows as long as the settings ask for are not judged; nothing if they are.

    The rows are such a `share` of the table's. Of one with more than are read here, nothing is
    known.
    """
    import pandas as pd

    monitor = settings.monitor
    moments = pd.to_datetime(rows[settings.time], utc=True, errors="coerce")
    days = (moments.max() - moments.min()) / pd.Timedelta(days=1)
    held = len(rows) / share * (min(1.0, monitor.window_days / days) if days > 0 else 1.0)
    if len(rows) >= 2 * ROWS_CHECKED or held >= max(monitor.minimum_rows, monitor.minimum_outcomes):
        return ""
    fewest = number_of(monitor.minimum_rows, "row")
    outcomes = number_of(monitor.minimum_outcomes, "outcome")
    return (
        f"about {number_of(round(held), 'row')} in {monitor.window_days:g} days ([monitor] "
        f"window_days): columns are judged from {fewest} up (minimum_rows), quality from "
        f"{outcomes} (minimum_outcomes)"
    )


def _mostly_numbers(
    rows: "pd.DataFrame", contract: "Contract", settings: "Settings"
) -> Iterator[str]:
    """Name the columns that one odd text has made categories or texts, where nobody said so."""
    from shared.schema import doubts
    from shared.schema.reading import column_of
    from shared.tables import sources

    of_cells = sources.has_cells(settings.source)
    for name in contract.features:
        said = settings.contract.get(name)
        if contract[name].type in ("category", "text") and not (said and said.type):
            values = column_of(rows, name)
            yield doubts.mostly_numbers(name, values, settings, of_cells=of_cells)


def _described(column: "ContractColumn", contract: "Contract", where: str = "") -> str:
    """Say what a column is; `where` its limits were seen, if not in all rows."""
    from shared.schema.contract import listed

    roles = {contract.key: "key", contract.time: "time", contract.target: "target"}
    roles |= contract.answered_as
    words = [column.type, "may be missing" if column.nullable else ""]
    if column.categories:
        shown = listed(column.categories[:MOST_CATEGORIES_SHOWN])
        more = len(column.categories) - MOST_CATEGORIES_SHOWN
        words.append(f"{shown}{f' and {more:,} more' if more > 0 else ''}")
    elif column.minimum is not None and column.maximum is not None:
        digits = ".15g" if column.type == "integer" else "g"
        words.append(f"{column.minimum:{digits}} to {column.maximum:{digits}}{where}")
    if column.truths:
        words.append(f"{column.truths[1]} is true")
    role = f" ({roles[column.name]})" if column.name in roles else ""
    return f"{column.name}{role}: {', '.join(filter(None, words))}"


def _unpackable(name: str, model: Any, settings: "Settings") -> Iterator[str]:
    """Yield why PackageFlow would refuse a model of this kind."""
    import skops.io as skops_io

    from shared.model.files import requirements
    from shared.packaging import build

    try:
        held = io.BytesIO(skops_io.dumps(model))
        types = sorted(skops_io.get_untrusted_types(data=held.getvalue()))
        build.refuse_foreign(types, settings)
        requirements.lock(types)
    except Refusal as refusal:
        yield f"candidate {name!r}: {refusal}"
    except Exception as error:
        # What skops cannot write, it refuses by errors of many kinds.
        yield f"candidate {name!r} cannot be packaged: {type(error).__name__}: {error}"
