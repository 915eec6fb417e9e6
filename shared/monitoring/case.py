"""A case: a window, and what it is judged by."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from shared.baseline import arrivals
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.day_counts import FEWEST_HOURS
from shared.model.bundle import Bundle
from shared.monitoring.input_checks.detection import SAMPLE
from shared.monitoring.window import Window
from shared.monitoring.windows import strays
from shared.monitoring.windows.scope import Scope
from shared.monitoring.windows.strays import Strays
from shared.profiles.counts import Counts
from shared.profiles.day_types import rows_by_type
from shared.profiles.profile import Profile
from shared.schema.arrow import HOUR_SECONDS
from shared.sections.operation import Monitor
from shared.settings import Settings

HOURS_OF_DAY = 24.0
# With so large a share of a day's rows due between its first and its last one, a file has the day.
MOST_OF_A_DAY = 0.9


@dataclass(frozen=True)
class Case:
    """The rows of a window, the scope that they were read from, and the bundle and settings."""

    window: Window
    scope: Scope
    bundle: Bundle
    settings: Settings

    @property
    def profile(self) -> Profile:
        """What was counted of the window's rows."""
        return self.window.profile

    @property
    def baseline(self) -> BaselineProfile:
        """What the bundle has learnt of its problem's history."""
        return self.bundle.baseline

    @property
    def monitor(self) -> Monitor:
        """What the settings ask of the monitor."""
        return self.settings.monitor

    @property
    def is_time_made(self) -> bool:
        """Whether the history's moments are made up: what they say of when rows come is nothing."""
        return self.bundle.contract[self.bundle.contract.time].made

    @cached_property
    def days(self) -> np.ndarray | None:
        """How many rows came on days of each type; None where they say nothing."""
        if self.is_time_made:
            return None
        return rows_by_type(self.profile.arrived, self.baseline.plan.calendar)

    @cached_property
    def history(self) -> Counts:
        """The history's counts that the window is compared with: of days like its own."""
        long = self.hours >= FEWEST_HOURS
        return self.baseline.before(self.days if long else None)

    @cached_property
    def hours(self) -> float:
        """How many hours the rows stand for.

        Rows of a day in a window of a week vary as days do; that the rest lacks is for the
        arrivals. Where moments are made up, it is in how many of these hours as many rows came.
        """
        if not self.first or not self.last:
            return 0.0
        per_hour = np.array(self.baseline.per_hour)
        if self.is_time_made:
            return float(self.profile.size / per_hour.mean())
        covered = arrivals.hours_covered(per_hour, self.first.timestamp(), self.last.timestamp())
        return max(covered, HOURS_OF_DAY) if self._has_most_of_its_day else covered

    @property
    def _has_most_of_its_day(self) -> bool:
        """Whether next to no rows of a file's day are due before the first one, or after the last.

        Such rows vary as those of days do, however few hours lie between the first and the last.
        """
        if not self.scope.file or not self.due_span or not self.start or not self.until:
            return False
        ends = self.start.timestamp(), self.until.timestamp()
        between, due = (np.nansum(self.baseline.expected_rows(*e)) for e in (ends, self.due_span))
        return ends != self.due_span and bool(between >= MOST_OF_A_DAY * due)

    @cached_property
    def due_span(self) -> tuple[float, float] | None:
        """From when to when (seconds since 1970) its rows are due; None where nobody knows.

        Where windows are days, a file that has rows of one day is held against the whole of it, as
        a log's window is held against its own ends. Where they are not, any part of a day may be a
        file; and of so few rows that it is taken for a sample it is not known which hours it has.
        """
        if not self.start or not self.until or self.is_time_made:
            return None
        ends = self.start.timestamp(), self.until.timestamp()
        if self.scope.file is None or self.monitor.window_days != 1:
            return ends
        day = arrivals.whole_day(*ends)
        is_sample = self.profile.size < SAMPLE * np.nansum(self.baseline.expected_rows(*day))
        return ends if is_sample else day

    @cached_property
    def strays(self) -> Strays:
        """How many rows have times far from all the others."""
        hours, rows = self._arrived
        gap = timedelta(days=self.monitor.window_days).total_seconds()
        now = self.scope.read_at.timestamp()
        return strays.count_strays(hours * float(HOUR_SECONDS), rows, gap, now)

    @property
    def first(self) -> datetime | None:
        """The time of the earliest row; of the hour in which it is, where strays are before it."""
        return self._hour(self.strays.before) if self.strays.before else self.window.first

    @property
    def last(self) -> datetime | None:
        """The time of the latest row; the end of its hour, where strays are after it."""
        if not self.strays.after:
            return self.window.last
        rows = int(self._arrived[1].sum())
        return self._hour(rows - self.strays.after - 1) + timedelta(hours=1)

    def _hour(self, row: int) -> datetime:
        """Return the hour in which a row came, the earliest being 0."""
        hours, rows = self._arrived
        at = np.searchsorted(np.cumsum(rows), row, side="right")
        return datetime.fromtimestamp(float(hours[at]) * HOUR_SECONDS, UTC)

    @cached_property
    def _arrived(self) -> tuple[np.ndarray, np.ndarray]:
        hours = np.array(sorted(self.profile.arrived), dtype="int64")
        return hours, np.array([self.profile.arrived[hour] for hour in hours.tolist()], "int64")

    @property
    def start(self) -> datetime | None:
        """Where the window starts: the log's span does, or a file's first row is."""
        return self.scope.start or self.first

    @property
    def gap(self) -> float:
        """How many hours after the end of the model's history the window begins."""
        return self.baseline.gap_before(self.start.timestamp() if self.start else None)

    @property
    def until(self) -> datetime | None:
        """Where the window ends: the log's span does, or a file's last row is."""
        return self.scope.until or self.last
