"""Proofs of a loss of quality: the verdicts in a row that prove one, and since when."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

from shared.model.verdict import Reason, Verdict


def proven_at(verdict: Verdict, earlier: Iterable[Verdict]) -> str | None:
    """Return when the loss of quality that a verdict proves was first proven, as an ISO time.

    None where it proves none.
    """
    return min((one.judged_at for one in proofs(verdict, earlier)), default=None)


def proofs(verdict: Verdict, earlier: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts in a row, up to this one, that prove a loss of the same bundle.

    None where this one does not. What another bundle lost, or what was over in between, is no part
    of the loss.
    """
    same = [old for old in alike(verdict, earlier) if old.judged_at != verdict.judged_at]
    return list(
        takewhile(
            lambda one: one.bundle == verdict.bundle and bool(learnable_losses(one)),
            [verdict, *sorted(same, key=age, reverse=True)],
        )
    )


def loss_began(verdicts: Iterable[Verdict], bundle: str) -> datetime | None:
    """Return when the loss began that the latest verdict on a bundle proves, if it proves one.

    That is the start of the first window in a row that proves one, or of those whose sum does.
    """
    known = list(verdicts)
    own = (one for one in known if one.bundle == bundle)
    latest = max(own, key=lambda one: one.judged_at, default=None)
    shown = proofs(latest, known) if latest else []
    began = [one.start for one in shown]
    began += [added.since for one in shown for added in one.evidence if added.excess > 1]
    return min((datetime.fromisoformat(start) for start in began if start), default=None)


def learnable_losses(verdict: Verdict) -> list[Reason]:
    """Return the proven losses of quality that can be learnt from.

    Of answers that are not the model's, its quality is not known, and rows that are broken teach
    what is broken.
    """
    if not verdict.believable or any(reason.stage == "answers" for reason in verdict.reasons):
        return []
    return lost_quality(verdict)


def lost_quality(verdict: Verdict) -> list[Reason]:
    """Return the losses of quality that wake people."""
    return [r for r in verdict.reasons if r.stage == "quality" and r.level == "act"]


def alike(verdict: Verdict, earlier: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts on windows of the same place that do not end later."""
    return [
        old
        for old in earlier
        if old.source == verdict.source
        and old.incidents is not None
        and (old.until or "") <= (verdict.until or old.until or "")
    ]


def age(verdict: Verdict) -> tuple[str, str]:
    """Return what verdicts are put in the order of their windows by."""
    return verdict.until or "", verdict.judged_at
