"""The decision: which bundle is in production, by whose word and for what reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from shared.sections.operation import Review
from shared.words import number_of

DecisionKind = Literal["approve", "reject", "rollback", "comment"]


class Decision(BaseModel):
    """What was decided about the bundle `digest`, on what evidence; a comment decides nothing.

    `at` is an ISO time (UTC). `champion_before` and `champion` are the digests that were in
    production before and afterwards, as far as was known `at` that time; `review` is the rule of
    the settings that it was made with, and `run` the pathspec of the ReviewFlow run that recorded
    it.
    """

    # A metric that is not defined on the holdout is evidence, too: as plain values it stays one.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    problem: str
    digest: str
    decision: DecisionKind
    reviewer: str
    reason: str
    at: str
    evidence: dict[str, Any]
    champion_before: str | None
    champion: str | None
    review: Review | None = None
    run: str | None = None

    @property
    def is_comment(self) -> bool:
        """Whether it changes nothing: anybody may comment."""
        return self.decision == "comment"

    @field_validator("at")
    @classmethod
    def _in_order(cls, at: str) -> str:
        if datetime.fromisoformat(at).tzinfo is None:
            raise ValueError("a decision's moment has its distance from UTC")
        return at


@dataclass(frozen=True)
class Standing:
    """What decisions leave standing, by a rule.

    `digests` were approved and not rolled back, the champion last; `waiting` has who approved a
    bundle that needs more approvals; `history` are all decisions and comments in their order, and
    `counted` the decisions that count. `rejected` has, by bundle, the rejections that stand: none
    that it was approved over, or rolled back after.
    """

    rule: Review
    digests: tuple[str, ...]
    waiting: dict[str, tuple[str, ...]]
    history: tuple[Decision, ...]
    counted: tuple[Decision, ...]
    rejected: dict[str, tuple[Decision, ...]]

    @property
    def champion(self) -> str | None:
        """The digest of the bundle in production."""
        return self.digests[-1] if self.digests else None

    def approvals(self, digest: str) -> str:
        """Return how far a bundle is that waits, such as `1 of 2 approvals`."""
        needed = number_of(self.rule.approvals, "approval")
        return f"{len(self.waiting.get(digest, ()))} of {needed}"

    def rejections(self, digest: str | None) -> tuple[Decision, ...]:
        """Return the rejections of a bundle that stand."""
        return self.rejected.get(digest or "", ())

    def counts(self, decision: Decision) -> bool:
        """Return whether a decision was made by somebody who may; no comment counts."""
        return decision in self.counted

    @property
    def decided(self) -> tuple[Decision, ...]:
        """All decisions in their order, without comments."""
        return tuple(past for past in self.history if not past.is_comment)


def standing(history: Iterable[Decision], rule: Review | None = None) -> Standing:
    """Replay decisions, the oldest first; all that tells which bundle is the champion.

    An approval of what is on top changes nothing, one of many that are needed waits for the others,
    and a rejection ends that waiting. A rollback takes off what it names, wherever it stands, and
    nothing else. Without a `rule` each decision is held against those that earlier ones brought,
    which can only become stricter.
    """
    history = tuple(history)
    in_force, stack, counted = rule or Review(), list[str](), list[Decision]()
    waiting: dict[str, dict[str, str]] = {}
    rejected: dict[str, tuple[Decision, ...]] = {}
    for past in history:
        if past.is_comment or not may_decide(past.reviewer, in_force, past.at):
            continue
        counted.append(past)
        if past.decision == "approve" and stack[-1:] != [past.digest]:
            by = waiting.setdefault(past.digest, {})
            by.setdefault(person(past.reviewer), past.reviewer)
            if len(by) >= (in_force.approvals if _holds(in_force, past.at) else 1):
                stack.append(past.digest)
                del waiting[past.digest]
                rejected.pop(past.digest, None)
        elif past.decision != "approve":
            waiting.pop(past.digest, None)
        if past.decision == "reject":
            rejected[past.digest] = (*rejected.get(past.digest, ()), past)
        if past.decision == "rollback":
            stack = _taken_off(stack, past.digest)
            rejected.pop(past.digest, None)
        if rule is None and past.review and _stricter(past.review, in_force):
            in_force = past.review
    approved_by = {digest: tuple(by.values()) for digest, by in waiting.items()}
    return Standing(in_force, tuple(stack), approved_by, history, tuple(counted), rejected)


def person(name: str) -> str:
    """Return what is the same for the same person, however the name's case and blanks are."""
    return " ".join(name.split()).casefold()


def may_decide(reviewer: str, rule: Review, at: str) -> bool:
    """Return whether somebody's decision of an ISO time counts by a rule."""
    named = {person(name) for name in rule.reviewers}
    return not named or person(reviewer) in named or not _holds(rule, at)


def _holds(rule: Review, at: str) -> bool:
    return rule.since is None or datetime.fromisoformat(at) >= rule.since


def _stricter(rule: Review, than: Review) -> bool:
    return rule.approvals >= than.approvals and bool(rule.reviewers or not than.reviewers)


def _taken_off(stack: list[str], digest: str) -> list[str]:
    """Return a stack without the uppermost of a digest; what was above and below it may be one."""
    if digest not in stack:
        return stack
    at = len(stack) - 1 - stack[::-1].index(digest)
    below, above = stack[:at], stack[at + 1 :]
    return [*below, *(above[1:] if above[:1] == below[-1:] else above)]
