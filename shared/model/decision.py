"""The decision: which bundle is in production, by whose word and for what reason."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

DecisionKind = Literal["approve", "reject", "rollback"]


class Decision(BaseModel):
    """What was decided about the bundle `digest`, on what evidence.

    `at` is an ISO time (UTC). `champion_before` and `champion` are the digests in production before
    and afterwards, and `run` is the pathspec of the ReviewFlow run that recorded it.
    """

    model_config = ConfigDict(frozen=True)

    problem: str
    digest: str
    decision: DecisionKind
    reviewer: str
    reason: str
    at: str
    evidence: dict[str, Any]
    champion_before: str | None
    champion: str | None
    run: str | None = None


def approved_digests(history: Iterable[Decision]) -> list[str]:
    """Return the digests that were approved and not rolled back, the champion last."""
    stack: list[str] = []
    for past in history:
        if past.decision == "approve":
            stack.append(past.digest)
        elif past.decision == "rollback" and stack:
            stack.pop()
    return stack
