"""What was decided: which bundle is in production, and which one waits for more approvals."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from shared.cli import options

if TYPE_CHECKING:
    from shared.model.decision import Standing


@click.command()
@options.problem
@options.branch
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def champion(problem: str, as_json: bool) -> None:
    """Show which bundle is in production, and by whose word.

    It is what the decisions leave standing, replayed in their order; only those count that
    [review] in the problem's settings lets count. What waits is the newest bundle, if nobody has
    decided about it, and those that need further approvals.
    """
    import json

    from shared.lineage import bundles, reviews, trainings

    found = reviews.standing_decisions(problem)
    undecided = bundles.undecided_digest(problem, found)
    if as_json:
        click.echo(json.dumps(_plain(problem, found) | {"undecided": undecided}))
        return
    click.echo(f"champion of {problem}: {found.champion or 'none'}")
    for line in _lines(found, undecided):
        click.echo(line)
    if not found.history and (hint := trainings.meant_another(problem)):
        click.echo(hint)


def _lines(found: "Standing", undecided: str | None) -> Iterator[str]:
    from shared.cards import moment

    for past in found.counted:
        if past.decision == "approve" and past.digest == found.champion:
            yield f"approved    {moment(past.at)} by {past.reviewer}: {past.reason}"
    for past in found.rejections(found.champion):
        yield f"rejected    {moment(past.at)} by {past.reviewer}: {past.reason}"
    for digest in reversed(found.digests[:-1]):
        yield f"before it   {digest}"
    for digest, names in found.waiting.items():
        yield f"waits       {digest} has {found.approvals(digest)}, by {' and '.join(names)}"
        for past in found.rejections(digest):
            made = f"{moment(past.at)} by {past.reviewer}: {past.reason}"
            yield f"rejected    {digest[:12]}, {made}"
    if undecided:
        yield f"waits       {undecided} is verified: nobody has decided about it"
    for past in found.history:
        if past.is_comment and past.digest in {*found.waiting, undecided}:
            yield f"comment     on {past.digest[:12]} by {past.reviewer}: {past.reason}"
    for past in found.decided:
        if not found.counts(past):
            made = f"{past.decision} {past.digest[:12]} by {past.reviewer}"
            yield f"no decision {made}, who is none of the reviewers ({past.run})"


def _plain(problem: str, found: "Standing") -> dict[str, Any]:
    return {
        "problem": problem,
        "champion": found.champion,
        "standing": found.digests,
        "waiting": found.waiting,
        "approvals": found.rule.approvals,
        "reviewers": found.rule.reviewers,
        "decisions": [
            past.model_dump(mode="json", exclude={"evidence"}) | {"counts": found.counts(past)}
            for past in found.history
        ],
    }
