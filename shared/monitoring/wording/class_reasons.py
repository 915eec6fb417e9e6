"""Classes of outcomes that the model does not know: known ones written otherwise, and new ones."""

from dataclasses import replace

from shared.model.verdict import Reason
from shared.monitoring.outcomes.quality import Quality
from shared.words import number_of

# Of unknown classes of outcomes so many are named.
MOST_UNKNOWN = 5
# Where so many outcomes have a class written otherwise, scores are those of the others.
MANY_RESPELLED = 0.05
# As of an input's categories: more of the rows than this that are new are told.
NEW_CLASSES = 0.02


def respelled_reasons(quality: Quality) -> list[Reason]:
    """Name classes of outcomes that are known ones written otherwise; many wake a person."""
    rows = sum(quality.unknown[name] for name in quality.respelled)
    if not rows or not quality.received:
        return []
    name, (known, how) = next(iter(quality.respelled.items()))
    left = len(quality.respelled) - 1
    more = f", and {number_of(left, 'other class', 'other classes')} so" if left else ""
    share = rows / quality.received
    return [
        Reason(
            level="act" if share >= MANY_RESPELLED else "watch",
            stage="outcomes",
            what=f"{name!r} looks like {known!r} {how}{more} ({rows:,} of {quality.received:,} "
            "outcomes)",
            number=share,
            threshold=0.0,
            unit="of outcomes",
            next_step="Mend the outcomes' source: to the model these are unknown classes.",
        )
    ]


def new_class_reasons(quality: Quality) -> list[Reason]:
    """Name classes of outcomes that no answer can be, where scores do not tell of them."""
    new = {n: rows for n, rows in quality.unknown.items() if n not in quality.respelled}
    share = sum(new.values()) / max(quality.received, 1)
    if quality.state != "judged" or share <= NEW_CLASSES:
        return []
    return [
        Reason(
            level="watch",
            stage="outcomes",
            what=unknown_words(replace(quality, unknown=new)) or "",
            number=share,
            threshold=NEW_CLASSES,
            unit="of outcomes",
            next_step="Check what feeds the outcomes: classes may be renamed, or new. New ones are "
            "answered once a model was trained on rows that have them.",
        )
    ]


def unknown_words(quality: Quality) -> str | None:
    """Name the classes of outcomes that the model does not know, by their share; None without."""
    rows = sum(quality.unknown.values())
    if not rows or not quality.received:
        return None
    often = sorted(quality.unknown, key=lambda name: (-quality.unknown[name], name))
    shares = [f"{n!r} ({quality.unknown[n] / quality.received:.0%})" for n in often[:MOST_UNKNOWN]]
    left = len(often) - MOST_UNKNOWN
    shown = ", ".join([*shares, *([f"and {left:,} more"] if left > 0 else [])])
    part = "all" if rows >= quality.received else f"{rows:,} of"
    return (
        f"{part} {quality.received:,} outcomes are of classes that the model does not know: {shown}"
    )
