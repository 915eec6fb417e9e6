"""Culprits: the columns that explain why others are beyond their thresholds."""

from dataclasses import dataclass, field

from shared.monitoring.detection import DriftDetector
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import Counts

MOST_CULPRITS = 6
# What no input does to a score.
BROKEN = ("unreadable", "missing")
# Columns that depend on each other are tried only as far as this from what stands out most.
MOST_TRIED = 12


@dataclass
class _Oddness:
    """How far columns are beyond their thresholds by themselves, and what dependence they lost."""

    alone: dict[str, float] = field(default_factory=dict)
    lost: dict[str, float] = field(default_factory=dict)
    score_broken: bool = False


def find(detector: DriftDetector, counts: Counts, hours: float) -> list[str]:
    """Return the columns that are to blame, the one that explains most first.

    One after another, the column is taken without which the least is beyond its threshold; of
    several such, the one that is strangest by itself, or else has lost most of its dependence:
    where a column's values are shuffled, those that depend on it keep the rest of theirs. The
    score is to blame where nothing else is, or by itself; else it follows from its inputs.
    """
    left = detector.beyond(counts, hours, [SCORE])
    if not left:
        every = detector.beyond(counts, hours)
        return [SCORE] if SCORE in every else sorted(every, key=lambda name: -every[name])[:1]
    odd, culprits = _oddness(detector, counts, hours), list[str]()
    while left and len(culprits) < MOST_CULPRITS:
        suspects = sorted(left, key=lambda name: -left[name])[:MOST_TRIED]
        remains = {
            name: detector.beyond(counts, hours, [SCORE, *culprits, name]) for name in suspects
        }
        best = min(suspects, key=lambda name: _order(name, remains[name], odd, left))
        culprits.append(best)
        left = remains[best]
    return [*culprits, SCORE] if odd.score_broken else culprits


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
        elif check != "linear dependence":
            odd.alone[name] = max(odd.alone.get(name, 0.0), deviation.excess)
        if name == SCORE and check in BROKEN and deviation.beyond:
            odd.score_broken = True
    return odd
