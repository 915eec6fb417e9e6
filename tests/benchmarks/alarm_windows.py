"""Windows of May and June, whose weather and traffic a model of January to April has not met."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.model.bundle import Bundle
from tests.benchmarks.feed_faults import FAULTS, OF_WHOLE_WINDOWS, SCORE_FAULTS, Fault
from tests.benchmarks.outcome_faults import FIRST, LAST, OutcomeFault

IN_A_ROW = 3
MONDAY, WEEK = pd.Timestamp("2013-05-06", tz="UTC"), pd.Timedelta(days=7)
SIZES, TRIED_ROWS = (300, 1_000, 6_000), (1_000, 6_000)


@dataclass(frozen=True)
class Watched:
    """A model in production, and the year's rows in time, with their target."""

    bundle: Bundle
    year: pd.DataFrame

    @property
    def has_peer(self) -> bool:
        """Whether Evidently is asked, too: it is slow, and the features are the same."""
        return self.bundle.task.kind == "binary"

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The rows of May and June."""
        at = self.year["scheduled"]
        return self.year[(at >= FIRST) & (at < LAST)].reset_index(drop=True)

    @cached_property
    def scored(self) -> pd.DataFrame:
        """The same with what the model gave of them, and the outcome by the log's name."""
        scores = self.bundle.scores(self.rows)
        names, target = self.bundle.task.score_names, self.bundle.contract.target
        given = dict(zip(names, np.reshape(scores, (len(scores), -1)).T, strict=True))
        return self.rows.assign(**given).rename(columns={target: OUTCOME})

    def in_turn(self, windows: Iterator[pd.Index]) -> Iterator[pd.DataFrame]:
        """Yield windows with their target alone, and with answers and outcomes, in turn."""
        for number, at in enumerate(windows):
            yield (self.scored if number % 2 else self.rows).loc[at]

    def spans(self, size: int, count: int) -> Iterator[pd.Index]:
        """Yield spans of so many rows at random places, in turn with samples of a random week."""
        rng, rows = np.random.default_rng(size), self.rows
        for number in range(count):
            # Two of each in a row: one is given with its target alone, one with answers.
            if number // 2 % 2:
                first = int(rng.integers(0, len(rows) - size))
                yield rows.index[first : first + size]
            else:
                week = self._week(rng)
                yield week.sample(min(size, len(week)), random_state=rng).sort_index().index

    def weeks(self) -> Iterator[pd.Index]:
        """Yield the calendar's weeks."""
        at = self.rows["scheduled"]
        for start in pd.date_range(MONDAY, LAST - WEEK, freq=WEEK):
            yield self.rows.index[(at >= start) & (at < start + WEEK)]

    @property
    def feed_faults(self) -> tuple[Fault, ...]:
        """The faults of a feed, and of this kind's scores."""
        return (*FAULTS, *SCORE_FAULTS[self.bundle.task.kind], *OF_WHOLE_WINDOWS)

    def broken(self, fault: Fault, severity: float, tries: int) -> Iterator[pd.DataFrame]:
        """Yield windows with a fault of their feed."""
        rng, names = np.random.default_rng(len(fault.name)), self.bundle.task.watched_names
        rows = self.scored if {*names} & {*fault.culprits} else self.rows
        for number in range(tries):
            size = TRIED_ROWS[number % 2]
            first = int(rng.integers(0, len(rows) - TRIED_ROWS[-1]))
            span = rows.iloc[first : first + size]
            if fault in OF_WHOLE_WINDOWS:
                span = self._week(rng)
            yield fault.change(span.reset_index(drop=True), severity, rng)

    def mistaken(
        self, fault: OutcomeFault, severity: float, days: int, tries: int
    ) -> Iterator[list[pd.DataFrame]]:
        """Yield three windows of so many days, one after the other, with wrong outcomes."""
        rng, known = np.random.default_rng(len(fault.name)), self.scored[OUTCOME]
        if self.bundle.task.kind == "binary":
            # True and false are zeros and ones, some of which are changed and some not.
            known = known.astype("float64")
        wrong = fault.change(known, severity, rng)
        rows, length = self.scored.assign(**{OUTCOME: wrong}), pd.Timedelta(days=days)
        last = (LAST - FIRST) // pd.Timedelta(days=1) - IN_A_ROW * days
        for _ in range(tries):
            # Outcomes of the first day may be those of rows before it.
            start = FIRST + pd.Timedelta(days=int(rng.integers(1, last + 1)))
            bounds = [start + number * length for number in range(IN_A_ROW + 1)]
            ends = np.searchsorted(rows["scheduled"], bounds)
            yield [rows.iloc[begin:end] for begin, end in itertools.pairwise(ends)]

    def _week(self, rng: np.random.Generator) -> pd.DataFrame:
        start = MONDAY + rng.integers(0, 49) * pd.Timedelta(days=1)
        at = self.rows["scheduled"]
        return self.rows[(at >= start) & (at < start + WEEK)]
