"""A loss of quality that a model was trained to answer, and of which it has seen no row.

The newest rows are held out: a model that is trained right after a loss learns from those before.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation
from shared.model.verdict import Verdict
from shared.settings import Settings
from shared.tasks.metrics import gain
from shared.words import number_of

MINUTE = "%Y-%m-%d %H:%M"


def noted(
    judged: Evaluation,
    parts: Mapping[str, pd.DataFrame],
    champion: Bundle | None,
    verdicts: Iterable[Verdict],
    settings: Settings,
) -> Evaluation:
    """Return an evaluation with a note, if its model has not seen the loss that the champion has.

    `verdicts` are those on the problem's windows.
    """
    began = loss_began(verdicts, champion.digest) if champion else None
    words = unseen_words(parts, began, settings) if began else None
    if not words:
        return judged
    beside = " On these rows it is no better than the champion." if _is_no_better(judged) else ""
    return judged.model_copy(update={"notes": (f"{words}{beside}", *judged.notes)})


def loss_began(verdicts: Iterable[Verdict], bundle: str) -> datetime | None:
    """Return when the loss of quality began that the latest verdict on a bundle has, if any."""
    latest = max(
        (verdict for verdict in verdicts if verdict.bundle == bundle),
        key=lambda verdict: verdict.judged_at,
        default=None,
    )
    reasons = latest.reasons if latest else ()
    lost = [r.since for r in reasons if (r.stage, r.level) == ("quality", "act") and r.since]
    return min(map(datetime.fromisoformat, lost), default=None)


def unseen_words(
    parts: Mapping[str, pd.DataFrame], began: datetime, settings: Settings
) -> str | None:
    """Say that a model of train and validation has seen no row since a loss began.

    None where it has seen some.
    """
    moments = {
        n: pd.to_datetime(part[settings.time], utc=True)
        for n, part in parts.items()
        if settings.time in part
    }
    last = moments["validation"].max()
    if last >= began:
        return None
    since = int((moments["holdout"] >= began).sum())
    words = (
        f"It learned from rows up to {last:{MINUTE}}, before the loss of quality began "
        f"({began:{MINUTE}} UTC): it has not seen what changed."
    )
    if not since:
        return f"{words} No row since then has an outcome yet."
    held = f"All {number_of(since, 'row')} since then" if since > 1 else "The one row since then"
    are = "are" if since > 1 else "is"
    return f"{words} {held} {are} held out: {_shorter(parts, since, began, settings)}."


def _shorter(
    parts: Mapping[str, pd.DataFrame], since: int, began: datetime, settings: Settings
) -> str:
    """Say which setting would have it learn from some of them."""
    if settings.split.holdout:
        end = pd.to_datetime(parts["holdout"][settings.time], utc=True).max()
        hours = (end - began).total_seconds() / 3_600
        days = f"{hours / 24:.1f} days" if hours >= 24 else f"{hours:.0f} hours"
        return f"with a holdout in [split] of less than {days} it learns from the first of them"
    share = since / sum(map(len, parts.values()))
    short = np.floor(share * 1_000) / 1_000 or share
    return (
        f"with [split] holdout_share below {short:.3g} (now {settings.split.holdout_share:g}) it "
        "learns from the first of them"
    )


def _is_no_better(judged: Evaluation) -> bool:
    """Say whether no metric's difference to the champion is proven to be a gain."""
    beside = judged.comparisons.get("champion")
    return beside is not None and all(
        gain(difference, name)[0] <= 0 for name, difference in beside.difference.items()
    )
