"""Old runs, log rows and leftovers, removed."""

import re
from datetime import timedelta
from typing import Any

import click

from shared.cli import options
from shared.errors import Refusal
from shared.words import number_of

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def duration(words: str) -> timedelta:
    """Read a duration such as 90d, 12w or 24h; raises `Refusal` for anything else."""
    found = re.fullmatch(r"([1-9]\d{0,4})([hdw])", words.strip())
    if not found:
        raise Refusal(
            f"--keep {words!r} is no duration: give days, weeks or hours, such as 90d, 12w or 24h"
        )
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.command()
@click.option("--keep", required=True, help="What is younger stays: 90d, 12w or 24h.")
@options.problem
@options.branch
@click.option("--yes", is_flag=True, help="Remove it; without this, it is only shown.")
def prune(keep: str, problem: str, yes: bool) -> None:
    """Remove what is older than --keep and not needed: runs, cards, log rows, leftovers.

    Champions, their lineage, all decisions, the windows of open incidents, the newest run of each
    flow, runs tagged `keep` and those that go on stay, whatever their age. Nothing is removed
    without --yes.
    """
    limit = duration(keep)
    from shared.lineage import metadata, run_history, trainings
    from shared.pruning import plan as plans
    from shared.pruning import removal, stores

    plan = plans.plan(problem, limit, stores.stores())
    click.echo(
        f"{problem} in the branch {run_history.branch()}, before {plan.limit:%Y-%m-%d %H:%M} UTC"
    )
    _show(plan)
    if not metadata.forgets():
        click.echo(
            "note: the metadata service cannot delete: it keeps the names of the runs, which "
            "are tagged `pruned` and not listed any more"
        )
    if not plan.amounts():
        if hint := trainings.meant_another(problem):
            click.echo(hint)
        return
    if not yes:
        click.echo("nothing was removed: add --yes to remove it")
        return
    with options.progress(removal.steps(plan), "pruning") as bar:
        lines = removal.carry_out(plan, bar.update)
    for line in lines:
        click.echo(f"note: {line}")
    click.echo("removed")


def _show(plan: Any) -> None:
    amounts = plan.amounts()
    if amounts:
        click.echo(f"\n{'where':<14}{'what':<18}{'count':>12}{'frees':>14}")
    for amount in amounts:
        size = "" if amount.bytes is None else f"{amount.bytes / 1e6:,.1f} MB"
        kind = amount.kind.replace("_", " ")
        click.echo(f"{amount.where:<14}{kind:<18}{amount.count:>12,}{size:>14}".rstrip())
    total = sum(amount.bytes or 0 for amount in amounts)
    click.echo(f"\n{total / 1e6:,.1f} MB in all" if amounts else "nothing is to be removed")
    if any(plan.log_rows.values()) and plan.log_bytes is not None:
        click.echo("the log's file keeps its size; new rows go into the room that is made")
    for why, count in sorted(plan.stays.items()):
        click.echo(f"stays: {number_of(count, 'older run')} ({why})")
