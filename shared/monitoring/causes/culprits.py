"""Culprits: the columns that explain why others are beyond their thresholds."""

from dataclasses import dataclass, field

from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.counts import Counts

MOST_CULPRITS = 6
# What no input does to an answer.
BROKEN = ("unreadable", "missing")
# Columns that depend on each other are tried only as far as this from what stands out most.
MOST_TRIED = 12


@dataclass
class _Oddness:
    """How far columns are beyond their thresholds by themselves, and what dependence they lost."""

    alone: dict[str, float] = field(default_factory=dict)
    lost: dict[str, float] = field(default_factory=dict)
    broken_answers: list[str] = field(default_factory=list)


def find(detector: DriftDetector, counts: Counts, hours: float) -> list[str]:
    """Return the columns that are to blame, the one that explains most first.

    One after another, the column is taken without which the least is beyond its threshold; of
    several such, the one that is strangest by itself, or else has lost most of its dependence:
    where a column's values are shuffled, those that depend on it keep the rest of theirs. The
    answers are to blame where nothing else is, or by themselves; else they follow from the inputs.
    """
    answers = detector.baseline.plan.watched
    left = detector.beyond(counts, hours, answers)
    if not left:
        every = detector.beyond(counts, hours)
        odd_answers = [name for name in answers if name in every]
        return odd_answers or sorted(every, key=lambda name: -every[name])[:1]
    odd, culprits = _oddness(detector, counts, hours), list[str]()
    while left and len(culprits) < MOST_CULPRITS:
        suspects = sorted(left, key=lambda name: -left[name])[:MOST_TRIED]
        remains = {
            name: detector.beyond(counts, hours, [*answers, *culprits, name]) for name in suspects
        }
        best = min(suspects, key=lambda name: _order(name, remains[name], odd, left))
        culprits.append(best)
        left = remains[best]
    return [*culprits, *odd.broken_answers]


def _order(
    name: str, remains: dict[str, float], odd: _Oddness, left: dict[str, float]
) -> tuple[float, ...]:
    """Return what suspects are compared by: the smallest is the next culprit."""
    alone = odd.alone.get(name, 0.0)
    total = round(sum(remains.values()), 1)
    return total, -max(alone, 1.0), -odd.lost.get(name, 0.0), -alone, -left[name]


def _oddness(detector: DriftDetector, counts: Counts, hours: float) -> _Oddness:
    odd = _Oddness()
    for (check, name), deviation in detector.measure(counts, hours).items():
        if check == "dependence":
            odd.lost[name] = deviation.number if deviation.beyond else 0.0
        elif check not in ("linear dependence", "clock"):
            odd.alone[name] = max(odd.alone.get(name, 0.0), deviation.excess)
        is_broken = check in BROKEN and deviation.beyond and name not in odd.broken_answers
        if name in detector.baseline.plan.watched and is_broken:
            odd.broken_answers.append(name)
    return odd
