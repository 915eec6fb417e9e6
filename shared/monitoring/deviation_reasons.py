"""Deviations as reasons: each check's number in its unit, beside where the threshold comes from."""

from shared.model.verdict import Level, Reason, Stage
from shared.monitoring.detection import Deviation
from shared.profiles.gram import HOUR

# So many times its threshold, a number is far beyond it.
FAR_BEYOND = 2.0
SHARE = "of rows"
UNITS = {
    "missing": "of rows more or fewer",
    "unreadable": SHARE,
    "new": SHARE,
    "unseen": SHARE,
    "spike": "of rows gained by one value",
    "fewer": "effect size (Cohen's w) of the lost rows of one value",
    "values": "of values would have to change (total variation)",
    "distance": "from history (mean difference of the distribution functions)",
    "linear dependence": "times its normal distance from what the other columns predict",
    "dependence": "of its dependence on the other columns lost, in natural logarithms",
    "volume": "in natural logarithms of the expected number of rows",
    "silence": "of a normal day's rows, with none arriving",
}
HOURS_MOVED = "of rows would have to change (total variation)"


def deviation_reason(
    level: Level,
    stage: Stage,
    what: str,
    column: str | None,
    deviation: Deviation,
    step: str,
    likely: str | None = None,
) -> Reason:
    """Return the reason that a deviation is, given its words."""
    check, measured = deviation.statistic
    return Reason(
        level=level,
        stage=stage,
        what=what,
        column=column,
        number=deviation.number,
        threshold=deviation.threshold,
        unit=HOURS_MOVED if (check, measured) == ("distance", HOUR) else UNITS[check],
        next_step=step,
        baseline=threshold_source(deviation.blocks, deviation.hours, deviation.largest),
        likely_cause=likely,
        check=check,
    )


def threshold_source(blocks: int | None, hours: int | None, largest: float | None) -> str:
    """Say what a threshold comes from: the `largest` of so many spans, or chance alone."""
    if largest is None or hours is None:
        return "the history is too short to learn more than chance"
    span = f"{hours / 24:g} days" if hours > 24 else f"{hours} hours"
    return f"the largest of {blocks} normal spans of {span} was {largest:.3g}"
