"""A clock that is off by whole hours: what rows show of it together, and how it is undone.

Rows come at the hours at which they came before, and columns follow the hour. One column alone
that fits another hour may be wrong itself: a clock is told by when rows come, or by several.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.baseline import baseline_profile
from shared.baseline.arrivals import WEEK_HOURS
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.clock_changes import changes_between
from shared.baseline.clock_gains import (
    SHIFTS,
    columns_at_other_hours,
    information_of_hour,
)
from shared.baseline.statistics import Statistic
from shared.monitoring.causes import culprits
from shared.monitoring.causes.diagnosis import Cause
from shared.monitoring.causes.rows.repeated_rows import counted
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR
from shared.schema.arrow import HOUR_SECONDS
from shared.words import number_of

CLOCK = Statistic("clock", HOUR)
# A column follows the hour that tells so much of it: about a tenth of its variance.
FOLLOWS = 0.05
# What all rows gain together, as a logarithm: beyond this it is no chance, and so much tells. Hours
# that gain about as much as the best one may be it as well.
SURELY, TELLING, ABOUT = 12.0, 3.0, 4.0
# Where the hours of the day alone are no proof, so many tell together: they, and columns.
FEWEST, MOST_NAMED = 2, 3


@dataclass(frozen=True)
class ClockFault:
    """By how many `hours` a clock is late (above 0) or early, the likeliest first, and who says so.

    It is the `shape` of the day, or so many columns `fitting` of those `following` the hour.
    """

    time: str
    hours: tuple[int, ...]
    shape: bool
    fitting: int
    following: int

    @property
    def cause(self) -> Cause:
        """The cause that it is; clocks are put forward and back by an hour every year."""
        several = len(self.hours) > 1
        return Cause(
            columns=(self.time,),
            words=f"{self.time} looks {self._off} ({self._evidence})",
            share=1.0,
            due=any(abs(one) == 1 for one in self.hours),
            precision="one of several" if several else "exact",
        )

    @property
    def _off(self) -> str:
        side = "late" if self.hours[0] > 0 else "early"
        sizes = sorted(abs(one) for one in self.hours)
        if len(sizes) == 1:
            return f"{number_of(sizes[0], 'hour')} {side}"
        return f"{sizes[0]} to {sizes[-1]} hours {side}"

    @property
    def _evidence(self) -> str:
        said = ["the shape of the day"] if self.shape else []
        if self.following:
            columns = "column that follows" if self.following == 1 else "columns that follow"
            said += [f"{self.fitting} of {self.following} {columns} the hour"]
        return ", ".join(said)

    def undo(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with the clock turned back."""
        return rows.assign(**{self.time: rows[self.time] - pd.Timedelta(hours=self.hours[0])})

    def left(
        self, rows: pd.DataFrame, detector: DriftDetector, hours: float, blamed: Sequence[str]
    ) -> list[str]:
        """Return the columns to blame that are odd with the clock turned back as well."""
        odd = culprits.find(detector, counted(self.undo(rows), detector), hours)
        return [name for name in odd if name in blamed and name != HOUR]


def find(
    detector: DriftDetector,
    counts: Counts,
    hours: float,
    measured: Sequence[Deviation],
    blamed: Sequence[str],
    rows: pd.DataFrame,
) -> ClockFault | None:
    """Return by how much the clock is off, where that is proven, or explains all that is to blame.

    None where rows come at their hours, and it is columns alone that may be wrong.
    """
    found = _likeliest(detector, counts, hours)
    if found is None:
        return None
    if any(one.statistic == CLOCK and one.beyond for one in measured):
        return found
    explained = blamed and not found.left(rows, detector, hours, blamed)
    return found if explained else None


def _likeliest(detector: DriftDetector, counts: Counts, hours: float) -> ClockFault | None:
    """Return by how much the clock is likely to be off, as no chance makes it."""
    gains, rows = detector.clock_gains(counts, hours), float(counts["rows"])
    best = int(gains.total.argmax())
    shape = float(gains.arrivals[best]) * rows
    if float(gains.most(detector.clock_changes(hours))) * rows < SURELY or shape < -TELLING:
        return None
    following, fitting = _columns(detector, counts, hours, best)
    if shape < SURELY and fitting + (shape > TELLING) < FEWEST:
        return None
    return ClockFault(
        time=detector.baseline.plan.time,
        hours=_about_as_likely(gains.total, rows, detector.baseline),
        shape=shape > TELLING,
        fitting=fitting,
        following=following,
    )


def _about_as_likely(gains: np.ndarray, rows: float, baseline: BaselineProfile) -> tuple[int, ...]:
    """Return the likeliest shift, and others that may be it as well, on the same side.

    Where clocks were changed in history, which moved whole weeks as far, an hour may be that.
    """
    key, best = baseline_profile.statistic_key(CLOCK), SHIFTS[gains.argmax()]
    weeks = (span.largest.get(key, 0.0) for span in baseline.spans if span.hours >= WEEK_HOURS)
    less = gains.max() - gains
    changed = np.isin(best - SHIFTS, [*_changes_within(baseline)]) & (less < max(weeks, default=0))
    found = np.flatnonzero((less * rows < ABOUT) | changed)
    ranked = SHIFTS[found[np.argsort(less[found], kind="stable")]]
    return tuple(int(one) for one in ranked if one * best > 0)[:MOST_NAMED]


def _changes_within(baseline: BaselineProfile) -> frozenset[int]:
    """Return by how much rows come later, or earlier, at the end of a history than at its start."""
    if baseline.until is None:
        return frozenset()
    return changes_between(baseline.until - baseline.hours * HOUR_SECONDS, (baseline.until,))


def _columns(detector: DriftDetector, counts: Counts, hours: float, best: int) -> tuple[int, int]:
    """Return how many columns follow the hour, and how many of them fit another one better."""
    now, before, _ = detector.compared(counts, hours)
    hour, following, fitting = detector.groups[HOUR], 0, 0
    for name, at in detector.groups.items():
        if name == HOUR or name in detector.baseline.plan.watched:
            continue
        if information_of_hour(before["gram"], hour, at) >= FOLLOWS:
            moved = columns_at_other_hours(now["gram"], before["gram"], hour, at)
            following += 1
            fitting += int(moved[best] * counts["rows"] > TELLING)
    return following, fitting
