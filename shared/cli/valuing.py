"""`millrace off-policy`: what another policy would have been worth, from a table of impressions."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from shared.errors import Refusal
from shared.words import number_of

if TYPE_CHECKING:
    from shared.policies.off_policy import Estimate, OffPolicyValue


def column(name: str, default: str | None, words: str) -> Callable[[Any], Any]:
    return click.option(f"--{name}", metavar="COLUMN", default=default, help=words)


@click.command("off-policy")
@click.option(
    "--log-file",
    metavar="FILE",
    required=True,
    help="A table with a row for each position that was shown: Parquet, CSV, or a folder of them.",
)
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
    log_file: str,
    uniform: int | None,
    given_above: bool,
    clip: float | None,
    as_json: bool,
    **columns: str | None,
) -> None:
    """Estimate what a target policy would be worth from what another showed.

    By inverse propensity scores (IPS), self-normalised ones (SNIPS) and, with --predicted and
    --expected, doubly robust, each with a 95 % interval in brackets. Where the log says too little
    of the target policy, it says why it cannot tell, and ends with 1.
    """
    from shared.policies.off_policy import off_policy_value
    from shared.policies.policy_log import LogNames, policy_log
    from shared.tables.sources import read_source

    if (uniform is None) == (columns["target"] is None):
        raise Refusal("name the target policy by --target COLUMN or by --uniform N, one of both")
    if (columns["predicted"] is None) != (columns["expected"] is None):
        raise Refusal("the doubly robust estimate needs both --predicted and --expected")
    names = LogNames(**{name: value for name, value in columns.items() if value is not None})
    wanted = [name for name in asdict(names).values() if name]
    rows = read_source(log_file, columns=wanted)
    found = off_policy_value(policy_log(rows, names, given_above, uniform), given_above, clip)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.unsupported:
        raise Refusal(found.unsupported)


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
