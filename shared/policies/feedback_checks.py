"""Whether windows prove that a model closes in on what it showed before.

Each check holds a measure against what it is of a model whose favourites are as good as it says,
and whose slates stay as varied as they were. Windows add up: what is said of a model, over its own.
It is proven where it is farther off than a tolerance
(below which it is no one's business, however certain it is) by more than chance makes, at a chance
of the rate of false alarms over all checks of a window.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shared.kept import Kept
from shared.policies.feedback_measures import NAMES, USER_GROUPS, MeasureName, WindowFeedback

# Logarithms: half as many again as clicks bear out, a quarter more by position, two thirds of the
# items that were shown before.
TOLERANCE: dict[MeasureName, float] = {
    "favourites": float(np.log(1.5)),
    "explored": float(np.log(1.5)),
    "positions": float(np.log(1.25)),
    "variety": float(np.log(1.5)),
    "variety of each user": float(np.log(1.5)),
}
OF_MODEL: tuple[MeasureName, ...] = ("favourites", "explored")
VARIETY: tuple[MeasureName, ...] = ("variety", "variety of each user")
# As many windows add up as for outcomes, and what varied before is of as many times two.
WINDOWS, BEFORE = 3, 6


class FeedbackCheck(Kept):
    """A measure over `windows` up to this one, as a logarithm: how far it is the wrong way.

    It is proven beyond its `reach`. `expected` is what it would be, for people to compare.
    """

    name: MeasureName
    value: float
    expected: float
    wrong: float
    reach: float
    windows: int

    @property
    def proven(self) -> bool:
        """Whether it is farther off than tolerance and chance."""
        return self.wrong > self.reach


class _Mean(NamedTuple):
    value: float
    error: float
    windows: int


def check(windows: Sequence[WindowFeedback], rate: float) -> tuple[FeedbackCheck, ...]:
    """Check the last of some windows in a row; nothing is said of what cannot be measured.

    `rate` is the chance of a false alarm over all checks together.
    """
    from scipy import special

    quantile = -float(special.stdtrit(USER_GROUPS - 1, rate / len(NAMES)))
    found = [_checked(name, windows, quantile) for name in NAMES]
    return tuple(one for one in found if one)


def _checked(
    name: MeasureName, windows: Sequence[WindowFeedback], quantile: float
) -> FeedbackCheck | None:
    if name in VARIETY:
        return _fallen(name, windows, quantile)
    alike = [one for one in windows if name not in OF_MODEL or one.model == windows[-1].model]
    mean = _mean(name, alike[-WINDOWS:])
    if not mean:
        return None
    return FeedbackCheck(
        name=name,
        value=mean.value,
        expected=0.0,
        wrong=mean.value if name == "positions" else -mean.value,
        reach=TOLERANCE[name] + quantile * mean.error,
        windows=mean.windows,
    )


def _fallen(
    name: MeasureName, windows: Sequence[WindowFeedback], quantile: float
) -> FeedbackCheck | None:
    """Hold a window's variety against those before it in which the same policies chose."""
    now = windows[-1]
    alike = [old for old in windows[:-1] if old.decided.keys() == now.decided.keys()]
    before, last = _mean(name, alike[-BEFORE:]), _mean(name, windows[-1:])
    if not (before and last):
        return None
    return FeedbackCheck(
        name=name,
        value=last.value,
        expected=before.value,
        wrong=before.value - last.value,
        reach=TOLERANCE[name] + quantile * float(np.hypot(before.error, last.error)),
        windows=before.windows + 1,
    )


def _mean(name: MeasureName, windows: Sequence[WindowFeedback]) -> _Mean | None:
    """Return the mean of a measure over the windows that have it."""
    found = np.array([one.measured[name] for one in windows if name in one.measured])
    if not len(found):
        return None
    error = float(np.sqrt((found[:, 1] ** 2).sum())) / len(found)
    return _Mean(float(found[:, 0].mean()), error, len(found))
