"""How a window is read: in batches, from the prediction log or from files."""

import functools
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from shared.log.opening import opened_log
from shared.log_columns import OUTCOME
from shared.model.bundle import Bundle
from shared.monitoring import window
from shared.monitoring.outcomes import challengers
from shared.monitoring.outcomes.challengers import Pairs
from shared.monitoring.outcomes.slices import Slicer
from shared.monitoring.window import Window
from shared.monitoring.windows.answer_columns import BUNDLE, as_asked
from shared.monitoring.windows.scope import Part, Scope
from shared.monitoring.windows.window_files import WindowFiles
from shared.profiles.profile import Profiler
from shared.schema import arrow
from shared.settings import Settings
from shared.tables import file_rows
from shared.tables.prefetch import by_several
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.binary import selective_labels
from shared.tasks.choice import answer_counts

MOST_WORKERS = 4


@dataclass(frozen=True)
class WindowReader:
    """Reads what a bundle answered in a scope.

    `report_progress` is called with the rows of each batch.
    """

    scope: Scope
    bundle: Bundle
    settings: Settings
    report_progress: Callable[[int], Any] = lambda rows: None

    def read(self) -> Window:
        """Read all parts of the scope, one after another."""
        return window.total(map(self.read_part, self.scope.parts))

    def read_part(self, part: Part) -> Window:
        """Read a part of the scope in batches; raises `Refusal` when it cannot be read."""
        workers = min(os.cpu_count() or 1, MOST_WORKERS)
        # Products of matrices in threads of their own would only stand in each other's way.
        with (
            threadpool_limits(1, user_api="blas"),
            closing(by_several(self._window, self._tables(part), workers)) as windows,
        ):
            read = window.total(windows)
        return read if self.scope.file else replace(read, pairs=self._pairs(part))

    def _tables(self, part: Part) -> Iterator[pa.Table]:
        """Yield a part's rows; one without any still has a table, which is empty."""
        tables = self._files.batches(part) if self.scope.file else self._logged(part)
        for table in itertools.chain([next(tables, pa.table({}))], tables):
            self.report_progress(table.num_rows)
            yield table

    def _logged(self, part: Part) -> Iterator[pa.Table]:
        assert part.start
        assert part.until
        with opened_log(self.settings.name, self.bundle.contract) as log:
            for frame in log.predictions.batches(part.start, part.until, file_rows.ROWS_PER_BATCH):
                yield arrow.table(frame)

    def _pairs(self, part: Part) -> dict[str, Pairs]:
        assert part.start
        assert part.until
        with opened_log(self.settings.name, self.bundle.contract) as log:
            paired = log.predictions.pairs(part.start, part.until, self.bundle.digest)
            weighing = self.bundle.task.seen_by, self.settings.train.clip
            counted = (challengers.count(f, self._answer_counts, *weighing) for f in paired)
            return functools.reduce(challengers.merged, counted, {})

    @cached_property
    def _files(self) -> WindowFiles:
        return WindowFiles(self.scope, self.bundle)

    @cached_property
    def _answer_counts(self) -> AnswerCounts:
        return answer_counts(self.bundle.baseline.plan.answers)

    @cached_property
    def _slicer(self) -> Slicer:
        return Slicer(
            [row.slice for row in self.bundle.evaluation.slices], self._answer_counts, self.settings
        )

    @cached_property
    def _profiler(self) -> Profiler:
        return Profiler(self.bundle.baseline.plan, self.settings.monitor.sample_rows)

    def _window(self, table: pa.Table) -> Window:
        if self.scope.file:
            return self._of_file(table)
        own, others, answered = self._own(table)
        return replace(self._counted(own, {}, answered_here=True), others=others, answered=answered)

    def _of_file(self, table: pa.Table) -> Window:
        rows = self._files.read(table)
        answered = BUNDLE in rows.found.taken
        counted = self._counted(rows.table, rows.unreadable, answered_here=answered)
        kinds = {field.name: str(field.type) for field in table.schema}
        return replace(
            counted,
            profile=replace(counted.profile, kinds=kinds),
            others=rows.others,
            unscored=rows.unscored,
            faults=rows.faults,
            taken=rows.found.taken,
            left=rows.found.left,
        )

    def _counted(
        self, table: pa.Table, unreadable: dict[str, np.ndarray], *, answered_here: bool
    ) -> Window:
        """Count a table; only where it was answered here did its answers decide anything."""
        moments = self._moments(table)
        decided = table if answered_here and self.bundle.contract.action else pa.table({})
        pending, next_due = self._pending(table, moments, selective_labels.acted_on(decided))
        known = moments[np.isfinite(moments)]
        places = self._answer_counts.places(table)
        return Window(
            profile=self._profiler.profile(table, unreadable, places),
            slices=self._slicer.count(table, places),
            pairs={},
            first=_moment(known.min()) if len(known) else None,
            last=_moment(known.max()) if len(known) else None,
            answered=None,
            pending=pending,
            next_due=next_due,
            others=0,
            unscored=None,
            labelled=OUTCOME in table.column_names,
            unknown=Counter(self._answer_counts.unknown(table)),
            impressions=self.bundle.task.impressions(table),
            selected=selective_labels.count(decided),
        )

    def _own(self, table: pa.Table) -> tuple[pa.Table, int, tuple[datetime, datetime] | None]:
        """Return the rows that the bundle answered, how many it did not, and from when to when."""
        if not table.num_columns:
            return table, 0, None
        own = pc.equal(table["bundle"], self.bundle.digest)
        challenger = pc.equal(table["role"], "challenger")
        others = table.filter(pc.invert(pc.or_(own, challenger))).num_rows
        table = table.filter(own)
        span = pc.min_max(table["logged_at"]).as_py()
        renamed = as_asked(table, self.bundle.contract)
        return renamed, others, (span["min"], span["max"]) if table.num_rows else None

    def _moments(self, table: pa.Table) -> np.ndarray:
        name = self.bundle.contract.time
        if name not in table.column_names:
            return np.full(table.num_rows, np.nan)
        return arrow.seconds(table[name])

    def _pending(
        self, table: pa.Table, moments: np.ndarray, acted: np.ndarray
    ) -> tuple[int, datetime | None]:
        """Count the rows that have no outcome, and none is due; those acted on wait for none."""
        due = moments + timedelta(days=self.settings.monitor.outcome_delay_days).total_seconds()
        waiting = due > self.scope.due_at.timestamp()
        waiting[acted] = False
        if OUTCOME in table.column_names:
            waiting &= table[OUTCOME].is_null(nan_is_null=True).to_numpy()
        return int(waiting.sum()), _moment(due[waiting].min()) if waiting.any() else None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
