"""Deviations as reasons: each check's number in its unit, beside where the threshold comes from."""

from shared.model.verdict import Level, Reason, Stage
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.wording.units import number_in
from shared.words import in_form, number_of

# So many times its threshold, a number is far beyond it.
FAR_BEYOND = 2.0


def deviation_reason(
    level: Level,
    stage: Stage,
    what: str,
    column: str | None,
    deviation: Deviation,
    unit: str,
    step: str,
    likely: str | None = None,
) -> Reason:
    """Return the reason that a deviation is, given its words."""
    return Reason(
        level=level,
        stage=stage,
        what=what,
        column=column,
        number=deviation.number,
        threshold=deviation.threshold,
        unit=unit,
        next_step=step,
        baseline=threshold_source(deviation.blocks, deviation.hours, deviation.largest, unit),
        likely_cause=likely,
        check=deviation.statistic.check,
    )


def threshold_source(
    blocks: int | None, hours: int | None, largest: float | None, unit: str = ""
) -> str:
    """Say what a threshold comes from: the `largest` of so many spans, or chance alone."""
    if largest is None or hours is None:
        return "the history is too short to learn more than chance"
    spans = f"{number_of(blocks or 0, 'span')} of {span_words(hours)}"
    return f"in {spans} of the model's history it was at most {number_in(unit, largest)}"


def span_words(hours: int) -> str:
    """Write how long a span is."""
    return f"{in_form(hours / 24, '.3g')} days" if hours > 24 else number_of(hours, "hour")
