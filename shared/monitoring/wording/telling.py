"""Which deviation of a column tells what is wrong with it, and which others tell more."""

from collections.abc import Mapping

from shared.baseline.statistics import Check
from shared.monitoring.input_checks.detection import Deviation

# The checks in the order in which they say what is wrong: of those that are about as far beyond
# their thresholds the first one names it.
TELLING: tuple[Check, ...] = (
    "clock",
    "missing",
    "new",
    "range",
    "spike",
    "lead",
    "fewer",
    "unseen",
    "values",
    "distance",
    "linear dependence",
    "dependence",
)
JOINT: tuple[Check, ...] = ("linear dependence", "dependence")
# Beyond so much of what the farthest one is, a check is about as far.
ABOUT = 0.5
# Odd values fit other columns badly, too: that tells more of them only where it is so many times as
# far beyond its threshold.
JOINT_TIMES = 4.0
# What needs no word of its own beside a check, as it follows from it.
FOLLOWS: dict[Check, tuple[Check, ...]] = {
    "clock": ("distance", *JOINT),
    "missing": JOINT,
    "new": ("range", "spike", "lead", "fewer", "unseen", "values", *JOINT),
    "range": ("spike", "lead", "unseen", "values", "distance", *JOINT),
    "spike": ("lead", "fewer", "unseen", "values", "distance", *JOINT),
    "lead": ("spike", "unseen", "values", "distance", *JOINT),
    "fewer": ("spike", "values", "distance", *JOINT),
    "unseen": ("spike", "lead", "values", *JOINT),
    "values": ("spike", "lead", *JOINT),
    "distance": ("clock", "fewer", *JOINT),
    "linear dependence": ("clock", "dependence"),
    "dependence": ("clock", "linear dependence"),
}


def most_telling(beyond: Mapping[str, Deviation], missing_less: bool) -> Deviation | None:
    """Return the deviation that tells what is wrong, of those beyond their thresholds, by check.

    That values are missing less often is the least of it, wherever something else is odd.
    """
    excess = {check: beyond[check].excess for check in TELLING if check in beyond}
    alone = {check: far for check, far in excess.items() if check not in JOINT}
    joint = {check: far for check, far in excess.items() if check in JOINT}
    if missing_less and len(alone) > 1:
        alone.pop("missing", None)
    farthest, apart = max(alone.values(), default=0.0), max(joint.values(), default=0.0)
    if "new" not in alone and apart > JOINT_TIMES * farthest:
        return beyond[max(joint, key=lambda check: joint[check])]
    return next((beyond[check] for check, far in alone.items() if far >= ABOUT * farthest), None)


def beside(telling: Deviation, beyond: Mapping[str, Deviation]) -> list[Deviation]:
    """Return what else is beyond its threshold and does not follow from the most telling one."""
    check = telling.statistic.check
    named, more = {check, *FOLLOWS[check]}, list[Deviation]()
    for other in TELLING:
        if other in beyond and other not in named:
            more.append(beyond[other])
            named |= {other, *FOLLOWS[other]}
    return more
