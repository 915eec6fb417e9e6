"""A decision about one bundle, or a comment on it, by a named person for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from shared.errors import Refusal
from shared.lineage import bundles, windows
from shared.model.decision import Decision, DecisionKind, Standing, may_decide, person, standing
from shared.reviewer import VARIABLE, named_reviewer
from shared.settings import Settings
from shared.words import number_of

KINDS: tuple[str, ...] = get_args(DecisionKind)


def reviewer(named: str | None = None) -> str:
    """Return who decides: `named`, or whom the environment names; raises `Refusal` for nobody."""
    found = (named or "").strip() or named_reviewer()
    if not found:
        raise Refusal(f'nobody is named as the reviewer: set {VARIABLE}="Your Name"')
    return found


@dataclass(frozen=True)
class Request:
    """What somebody wants decided: about which bundle, which way, why, and who it is."""

    bundle: str
    kind: str
    reason: str
    reviewer: str | None = None


def decide(settings: Settings, request: Request, history: Sequence[Decision]) -> Decision:
    """Weigh a request against the bundle, its verification and the decisions before.

    Raises `Refusal` for an unknown or changed bundle, one whose verification did not pass, an empty
    reason, a reviewer without a name or who is none of those that the settings name, and a decision
    that the history leaves no room for.
    """
    name = refuse_unnamed(request)
    packaged = bundles.packaged(settings, request.bundle)
    digest = packaged.bundle.digest
    if request.kind == "approve" and not packaged.verified:
        raise Refusal(f"bundle {digest[:12]}: the verification of {packaged.run} did not pass")
    before = standing(history, settings.review)
    made = Decision(
        problem=settings.name,
        digest=digest,
        decision=request.kind,  # type: ignore[arg-type]
        reviewer=name,
        reason=request.reason.strip(),
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        evidence=_evidence(packaged) | _on_the_same_rows(settings.name, digest),
        champion_before=before.champion,
        champion=None,
        review=settings.review,
    )
    refuse_without_room(before, made)
    after = standing([*history, made], settings.review)
    return made.model_copy(update={"champion": after.champion})


def refuse_unnamed(request: Request) -> str:
    """Return who decides; raises `Refusal` for an unknown decision, no bundle, reason or name."""
    if request.kind not in KINDS:
        raise Refusal(f"decision {request.kind!r} is not one of {', '.join(KINDS)}")
    if not request.bundle.strip():
        raise Refusal("no bundle is named: give a digest (8 digits or more), or PackageFlow/RUN")
    # The dots of a command that was printed are none.
    if not any(map(str.isalnum, request.reason)):
        needs = (
            "a comment needs words" if request.kind == "comment" else "a decision needs a reason"
        )
        raise Refusal(f'{needs}: --reason "…", or REASON="…" of make')
    return reviewer(request.reviewer)


def refuse_without_room(before: Standing, made: Decision) -> None:
    """Raise `Refusal` where a decision is nobody's to make, or changes nothing of what stands.

    There is always room for a comment, by anybody.
    """
    if made.is_comment:
        return
    digest, champion = made.digest, before.champion
    if not may_decide(made.reviewer, before.rule, made.at):
        raise Refusal(
            f"{made.reviewer!r} is none of the reviewers of {made.problem!r}, who are "
            f"{', '.join(before.rule.reviewers)}: see [review] in its settings"
        )
    if made.decision == "approve":
        if digest == champion:
            raise Refusal(f"bundle {digest[:12]} is the champion already")
        if person(made.reviewer) in map(person, before.waiting.get(digest, ())):
            raise Refusal(
                f"{made.reviewer!r} has approved bundle {digest[:12]} already: it has "
                f"{before.approvals(digest)}, and the next has to be somebody else's"
            )
    elif made.decision == "reject" and digest == champion:
        raise Refusal(f"bundle {digest[:12]} is the champion: roll it back instead")
    elif made.decision == "rollback":
        _refuse_rollback(before, digest)


def _refuse_rollback(before: Standing, digest: str) -> None:
    champion = before.champion
    if digest != champion:
        raise Refusal(
            f"bundle {digest[:12]} is not the champion"
            + (f", which is {champion[:12]}" if champion else "; there is none")
        )
    if len(before.digests) < 2:
        raise Refusal(f"no bundle was approved before {digest[:12]}: nothing to roll back to")


def _evidence(found: bundles.Packaged) -> dict[str, Any]:
    evaluation = found.bundle.evaluation
    return {
        "package run": found.run,
        "training run": found.training_run,
        "verified": found.verified,
        "gates passed": evaluation.passed,
        "scores": evaluation.plain()["scores"],
        "gates overridden": found.bundle.manifest.lineage.get("gates overridden"),
    }


def _on_the_same_rows(problem: str, digest: str) -> dict[str, str]:
    """Return how the latest window in which a bundle challenged another one found it to be."""
    for verdict in windows.verdicts(problem):
        for comparison in verdict.comparisons:
            if comparison.challenger == digest and comparison.differences:
                span = f"{(verdict.start or '?')[:10]} to {(verdict.until or '?')[:10]}"
                beside = (
                    f"than {verdict.bundle[:12]} on {number_of(comparison.received, 'row')}, {span}"
                )
                return {"on the same rows": f"{comparison.words()} {beside} (95% interval)"}
    return {}
