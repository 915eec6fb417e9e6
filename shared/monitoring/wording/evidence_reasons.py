"""Evidence as reasons: what windows prove together of outcomes, or of the model."""

from shared.model.verdict import Evidence, Reason
from shared.monitoring.outcomes.lacking_outcomes import OF_DUE
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.wording.deviation_reasons import span_words
from shared.monitoring.wording.retraining import TRAIN_AGAIN
from shared.tasks.multiclass.class_shares import share_words
from shared.tasks.traits import SHARE_OF, UNANSWERED
from shared.words import number_of

CHECK_OUTCOMES = "Check what feeds the outcomes"


def evidence_reasons(added: tuple[Evidence, ...], quality: Quality) -> list[Reason]:
    """Name the trait that is the farthest beyond its reach, and outcomes that do not come.

    Where this window's own scores prove a loss of all rows, one reason is enough.
    """
    beyond = sorted((one for one in added if one.excess > 1), key=lambda one: -one.excess)
    proven = any(loss.proven and not loss.slice for loss in quality.losses)
    return [
        *(_lacking(one) for one in beyond if one.trait == UNANSWERED),
        *[_lost(one) for one in beyond if one.trait != UNANSWERED and not proven][:1],
    ]


def evidence_words(one: Evidence) -> str:
    """Say what a trait was over the windows, beside what it was in the model's history."""
    over = f"over {one.windows} windows" if one.windows > 1 else "in this window"
    verb = "rose" if one.mean > one.expected else "fell"
    before = one.shown(one.expected)
    of = " what was predicted" if one.ratio and one.side == 0 else ""
    named = SHARE_OF + share_words(one.trait.removeprefix(SHARE_OF))
    trait = named if one.trait.startswith(SHARE_OF) else one.trait
    return f"the {trait} {verb} to {one.shown(one.mean)}{of} {over} (history {before})"


def _lacking(one: Evidence) -> Reason:
    over = f" over {one.windows} windows" if one.windows > 1 else ""
    return _reason(
        one,
        f"{one.mean:.1%} of the outcomes due have not come{over} (history {one.expected:.1%})",
        OF_DUE,
        f"{CHECK_OUTCOMES}: those of one kind may be lost, or later than they were.",
    )


def _lost(one: Evidence) -> Reason:
    step = (
        f"{CHECK_OUTCOMES}: they may be flipped, shifted, or of another definition. If they are "
        f"right, {TRAIN_AGAIN}."
    )
    side = "above" if one.mean > one.expected else "below"
    scale = ", as a logarithm" if one.ratio else ""
    return _reason(one, evidence_words(one), f"{side} its mean in history{scale}", step)


def _reason(one: Evidence, what: str, unit: str, step: str) -> Reason:
    lacking = one.trait == UNANSWERED
    spans = number_of(one.blocks, "span")
    return Reason(
        level="watch" if lacking else "act",
        stage="outcomes" if lacking else "quality",
        what=what,
        number=abs(one.mean - one.expected),
        threshold=one.reach,
        unit=unit,
        next_step=step,
        baseline=f"from how {spans} of {span_words(one.hours)} of the model's history vary",
    )
