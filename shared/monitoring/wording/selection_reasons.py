"""Selective labels in words: what rows that were let through prove, and what cannot be seen."""

from collections.abc import Iterator

from shared.model.verdict import Reason
from shared.sections.training import Train
from shared.tasks.binary.selective_labels import FEWEST, SelectionCheck, WindowSelection
from shared.words import number_of

# Where fewer of the other rows have an outcome, it is early to ask why none has come.
MOST_HAVE_COME = 0.5


def selection_reasons(
    found: SelectionCheck | None, now: WindowSelection | None, train: Train
) -> list[Reason]:
    """Name a model that is wrong of the rows that it acts on; nothing where that is not proven."""
    if now is None or found is None or not found.proven:
        return []
    side = "above" if found.value > 0 else "below"
    return [
        Reason(
            level="watch",
            stage="feedback loop",
            what=f"the model is wrong of what it acts on: {check_words(found)}",
            check="let through",
            number=abs(found.value),
            threshold=found.threshold,
            unit=f"of the outcomes ({side} what the model says)",
            next_step=next_step(train),
            baseline=f"from chance, over {number_of(found.windows, 'window')}",
        )
    ]


def check_words(found: SelectionCheck) -> str:
    """Say what was found of the rows that were let through, within a sentence."""
    sign, side = (1, "more") if found.value > 0 else (-1, "fewer")
    low, high = sorted(100 * sign * end for end in (found.low, found.high))
    points = f"{100 * abs(found.value):.1f} points {side}"
    return (
        f"of {number_of(found.rows, 'row')} let through, {points} came true than it says "
        f"(95 % interval {low:.1f} to {high:.1f})"
    )


def next_step(train: Train) -> str:
    """Say what there is to do that the settings do not do yet."""
    if train.weights == "none":
        return (
            'Weigh the rows to learn from ([train] weights = "inverse_propensity"), and train '
            "again on the served rows (`--served true`)."
        )
    return "Train again on the served rows (`--served true`): those let through say what is right."


def selection_notes(found: SelectionCheck | None, now: WindowSelection | None) -> Iterator[str]:
    """Say what of the rows that the model acts on cannot be seen, and what to do about it."""
    if now is None or not now.acted + now.let_through:
        return
    if now.overruled:
        yield (
            f"{number_of(now.overruled, 'row was', 'rows were')} to be acted on and "
            f"{'has' if now.overruled == 1 else 'have'} an outcome all the same: with which chance "
            "is not known, and what is said of all rows leaves them out."
        )
    if not now.declared:
        yield (
            f"The outcomes of {now.hidden_share:.1%} of the rows are never seen, as the model acts "
            "on them, and none is let through: whether it is right of them cannot be seen, nor "
            "learnt. A share let through by chance shows it ([action] let_through = 0.05)."
        )
    elif found is None:
        yield (
            f"Whether the model is right of what it acts on cannot be seen yet: of "
            f"{number_of(now.let_through, 'row')} let through by chance, {now.seen:,} "
            f"{'has' if now.seen == 1 else 'have'} an outcome. {_why_few(now)}"
        )


def _why_few(now: WindowSelection) -> str:
    if not now.seen and now.let_through >= FEWEST and now.always_seen >= MOST_HAVE_COME:
        return (
            "Of others outcomes have come: check that the service's callers go by `action`, and "
            "not by `prediction`."
        )
    return "Longer windows show it, or more let through ([action] let_through)."
