"""Aims: metrics that are to be near what was asked, as of intervals that hold nine in ten outcomes.

From one week to the next such a metric varies with what there is to predict, and is judged beside
how it has varied. Over four weeks it is to be what was asked, or people are told that it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kinds import Metric, metric_name, metric_text
from shared.model.verdict import Reason
from shared.monitoring.wording.retraining import TRAIN_AGAIN
from shared.tasks import metrics
from shared.tasks.metrics import Score
from shared.words import number_of

# Four weeks; the first and the last day may begin late and end early.
FEWEST_HOURS = 27 * 24
WITHIN = 0.02


@dataclass(frozen=True)
class MissedAim:
    """A metric that is not near what was `asked` of it, over so many hours."""

    metric: Metric
    now: float
    asked: float
    hours: float

    @property
    def off(self) -> float:
        """How far off it is."""
        return abs(self.now - self.asked)


def missed(
    aims: Mapping[Metric, float], scores: Mapping[Metric, Score], hours: float
) -> tuple[MissedAim, ...]:
    """Return the aims that are missed; none where outcomes are too few, or of too short a time."""
    if hours < FEWEST_HOURS:
        return ()
    known = {
        name: scores[name]
        for name in aims
        if name in scores and metrics.NORMAL_95 * scores[name].error <= WITHIN / 2
    }
    found = [MissedAim(name, score.value, aims[name], hours) for name, score in known.items()]
    return tuple(one for one in found if one.off > WITHIN)


def aim_reason(one: MissedAim) -> Reason:
    """Write the reason for a missed aim: nobody is woken, as all else is as it was."""
    below = one.now < one.asked
    now, asked = metric_text(one.now), metric_text(one.asked)
    name, days = metric_name(one.metric), round(one.hours / 24)
    return Reason(
        level="watch",
        stage="quality",
        what=f"{name} was {now} over {number_of(days, 'day')} ({asked} was asked)",
        number=one.off,
        threshold=WITHIN,
        unit=f"{'below' if below else 'above'} what was asked",
        next_step=f"{TRAIN_AGAIN.capitalize()}: what was asked is held as the newest were.",
        baseline="what was asked is to be held over four weeks",
    )
