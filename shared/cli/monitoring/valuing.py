"""`millrace off-policy`: what another policy would have been worth, from what one has shown."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shared.cli import options
from shared.errors import Refusal
from shared.words import number_of

if TYPE_CHECKING:
    from shared.policies.off_policy import Estimate, OffPolicyValue
    from shared.policies.policy_log import PolicyLog

BEGINNING, END = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def column(name: str, default: str | None, words: str) -> Callable[[Any], Any]:
    return click.option(f"--{name}", metavar="COLUMN", default=default, help=words)


@click.command("off-policy")
@click.option(
    "--log-file",
    metavar="FILE",
    help="A table with a row for each position that was shown: Parquet, CSV, or a folder of them.",
)
@click.option(
    "--bundle",
    metavar="BUNDLE",
    help="Instead: the problem's prediction log, for this bundle's policy: its digest (8 digits or "
    "more), PackageFlow/RUN, or folder.",
)
@options.problem
@options.branch
@options.trust
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Of the log: from this day on.")
@column("target", None, "The target policy's chance of what was shown.")
@click.option(
    "--uniform",
    type=click.IntRange(min=1),
    metavar="N",
    help="Instead: the target policy shows each of N candidates as often.",
)
@column("outcome", "outcome", "1 for a click, 0 for none, missing where it is not known yet.")
@column("propensity", "propensity", "The chance with which it was shown.")
@column("slate", "slate", "Rows that were shown together.")
@column("position", "position", "1 is a slate's first.")
@column("user", None, "Rows that go together in the intervals (default: those of a slate).")
@column("predicted", None, "A model's outcome of what was shown, for the doubly robust estimate.")
@column("expected", None, "Its mean over what the target policy would show there, likewise.")
@click.option(
    "--given-above/--by-position",
    default=True,
    help="Chances are given what is shown above, so that they multiply down a slate (the "
    "default), or each position's stands for itself.",
)
@click.option("--clip", type=float, help="Count larger weights as this: less variance, a bias.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def off_policy(
    log_file: str | None,
    bundle: str | None,
    problem: str,
    since: datetime | None,
    uniform: int | None,
    given_above: bool,
    clip: float | None,
    as_json: bool,
    **columns: str | None,
) -> None:
    """Estimate what a target policy would be worth from what another showed.

    By inverse propensity scores (IPS), self-normalised ones (SNIPS) and, with a model's outcomes,
    doubly robust, each with a 95 % interval in brackets. Where the log says too little of the
    target policy, it says why it cannot tell, and ends with 1.

    A file's target policy is a column of its chances, or --uniform. With --bundle the log is the
    problem's own, a bundle scores all of its items for each slate, and its users go together.
    """
    from shared.policies.off_policy import off_policy_value

    if log_file and not bundle:
        log = _file_log(log_file, uniform, given_above, columns)
    elif bundle and not log_file:
        log = _bundle_log(bundle, problem, since)
    else:
        raise Refusal("name what was shown by --log-file FILE or by --bundle BUNDLE, one of both")
    found = off_policy_value(log, given_above, clip)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.unsupported:
        raise Refusal(found.unsupported)


def _file_log(
    file: str, uniform: int | None, given_above: bool, columns: dict[str, str | None]
) -> "PolicyLog":
    from shared.policies.policy_log import LogNames, policy_log
    from shared.tables.sources import read_source

    if (uniform is None) == (columns["target"] is None):
        raise Refusal("name the target policy by --target COLUMN or by --uniform N, one of both")
    if (columns["predicted"] is None) != (columns["expected"] is None):
        raise Refusal("the doubly robust estimate needs both --predicted and --expected")
    names = LogNames(**{name: value for name, value in columns.items() if value is not None})
    rows = read_source(file, columns=[name for name in asdict(names).values() if name])
    return policy_log(rows, names, given_above, uniform)


def _bundle_log(reference: str, problem: str, since: datetime | None) -> "PolicyLog":
    from shared.lineage import bundles
    from shared.log.opening import opened_log
    from shared.model.target_policy import broken_slates, bundle_policy

    if not options.is_named("problem") and not Path(reference).is_dir():
        problem = bundles.problem_of(reference) or problem
    bundle = bundles.find_bundle(problem, reference)
    options.refuse_other(bundle, problem if options.is_named("problem") else None, None)
    start = since.replace(tzinfo=UTC) if since else BEGINNING
    with opened_log(bundle.manifest.name, bundle.contract) as log:
        rows = log.predictions.window(start, END)
    found, left_out = bundle_policy(bundle).log(rows)
    for count, why in (
        (left_out, "of other candidates than the bundle's items"),
        (broken_slates(rows), "asked for twice under one name, or without one of its rows"),
    ):
        if count:
            click.echo(f"left out    {number_of(count, 'slate')} {why}", err=True)
    return found


def _lines(found: "OffPolicyValue") -> Iterator[str]:
    support = found.support
    left_out = f"; {found.unknown:,} more have no outcome yet" if found.unknown else ""
    yield f"log         {number_of(support.rows, 'row')} with an outcome{left_out}"
    yield (
        f"weights     count as {support.effective_rows:,.0f} rows of the target policy's own "
        f"({support.effective_share:.1%}); their mean is {support.mean_weight:.3f} "
        f"({support.low:.3f} to {support.high:.3f})"
    )
    yield f"largest     {', '.join(f'{weight:.4g}' for weight in support.largest)}"
    estimates = (found.logged, *found.estimates)
    width = max(len(estimate.name) for estimate in estimates) + 2
    yield f"\n{'':<{width}}{'a position':<32}a slate of {found.positions:.3g}"
    for estimate in estimates:
        alone, slate = _written(estimate, 1), _written(estimate, found.positions)
        yield f"{estimate.name:<{width}}{alone:<32}{slate}"


def _written(estimate: "Estimate", times: float) -> str:
    value, low, high = (number * times for number in estimate[1:])
    return f"{value:.5f} ({low:.5f} to {high:.5f})"
