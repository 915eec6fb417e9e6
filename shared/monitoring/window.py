"""The window: what a bundle predicted in a span of time, as a profile that adds up over parts."""

import functools
import itertools
import operator
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.log.prediction_log import opened_log
from shared.model.bundle import Bundle
from shared.monitoring import challengers, slices
from shared.monitoring.challengers import Pairs
from shared.monitoring.scope import Part, Scope
from shared.monitoring.slices import Slicer, Slices
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import OUTCOME
from shared.profiles.profile import Profile, Profiler
from shared.schema import arrow
from shared.settings import Settings
from shared.tables import file_rows
from shared.tables.prefetch import by_several

MOST_WORKERS = 4
BUNDLE = "bundle"
Tell = Callable[[int], Any]


@dataclass(frozen=True)
class Window:
    """The rows that a bundle answered, or a part of them.

    `slices` are those that the settings ask for, and `pairs` the rows that a challenger scored as
    well, by its digest. `first` and `last` are the times of the earliest and the latest row,
    `answered` the moments between which the log has them answered. `pending` rows have no outcome,
    and are not due before `next_due`. `others` counts the rows that another bundle answered,
    which are left out. `unscored` says why a file's rows have no probability, and `labelled`
    whether it tells outcomes.
    """

    profile: Profile
    slices: Slices
    pairs: dict[str, Pairs]
    first: datetime | None
    last: datetime | None
    answered: tuple[datetime, datetime] | None
    pending: int
    next_due: datetime | None
    others: int
    unscored: str | None
    labelled: bool

    def __add__(self, other: "Window") -> "Window":
        spans = [span for span in (self.answered, other.answered) if span]
        return Window(
            profile=self.profile + other.profile,
            slices=slices.add(self.slices, other.slices),
            pairs=challengers.add(self.pairs, other.pairs),
            first=_first(min, self.first, other.first),
            last=_first(max, self.last, other.last),
            answered=(min(a for a, _ in spans), max(b for _, b in spans)) if spans else None,
            pending=self.pending + other.pending,
            next_due=_first(min, self.next_due, other.next_due),
            others=self.others + other.others,
            unscored=self.unscored or other.unscored,
            labelled=self.labelled or other.labelled,
        )


def read(
    scope: Scope, bundle: Bundle, settings: Settings, tell: Tell = lambda rows: None
) -> Window:
    """Read all parts of a scope, one after another; `tell` is told the rows as they are read."""
    return total(read_part(scope, part, bundle, settings, tell) for part in scope.parts)


def total(parts: Iterable[Window]) -> Window:
    """Add the parts of a window up."""
    return functools.reduce(operator.add, parts)


def read_part(
    scope: Scope,
    part: Part,
    bundle: Bundle,
    settings: Settings,
    tell: Tell = lambda rows: None,
) -> Window:
    """Read a part of a scope in batches; raises `Refusal` when it cannot be read."""
    tables = _of_file(scope, part, bundle) if scope.file else _of_log(part, bundle, settings)
    reader = _Reader(scope, bundle, settings)
    # Without any row there is still a window, which is empty.
    first = next(tables, pa.table({}))
    every = _told(itertools.chain([first], tables), tell)
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    # Products of matrices in threads of their own would only stand in each other's way.
    with (
        threadpool_limits(1, user_api="blas"),
        closing(by_several(reader.read, every, workers)) as windows,
    ):
        found = total(windows)
    return found if scope.file else replace(found, pairs=_pairs(part, bundle, settings))


def _told(tables: Iterable[pa.Table], tell: Tell) -> Iterator[pa.Table]:
    for table in tables:
        tell(table.num_rows)
        yield table


class _Reader:
    """Makes windows of tables, as they are read."""

    def __init__(self, scope: Scope, bundle: Bundle, settings: Settings) -> None:
        self._scope, self._bundle = scope, bundle
        self._delay = timedelta(days=settings.monitor.outcome_delay_days)
        self._slicer = Slicer([one.slice for one in bundle.evaluation.slices], settings)
        self._profiler = Profiler(
            bundle.baseline.plan,
            settings.monitor.sample_rows,
        )

    def read(self, table: pa.Table) -> Window:
        others, answered, unscored = 0, None, None
        if self._scope.file:
            table, others = self._own(table)
            table, unscored = self._scored(_labelled(table, self._bundle, self._scope.source))
        elif table.num_columns:
            theirs = pc.equal(table["bundle"], self._bundle.digest)
            rival = pc.equal(table["role"], "challenger")
            others = table.filter(pc.invert(pc.or_(theirs, rival))).num_rows
            table = table.filter(theirs)
            if table.num_rows:
                bounds = pc.min_max(table["logged_at"]).as_py()
                answered = bounds["min"], bounds["max"]
            names = {"key": self._bundle.contract.key, "time": self._bundle.contract.time}
            renamed = [names.get(name, name) for name in table.column_names]
            table = table.rename_columns(renamed)
        moments = self._moments(table)
        pending, next_due = self._pending(table, moments)
        known = moments[np.isfinite(moments)]
        return Window(
            profile=self._profiler.profile(table),
            slices=self._slicer.count(table),
            pairs={},
            first=_at(known.min()) if len(known) else None,
            last=_at(known.max()) if len(known) else None,
            answered=answered,
            pending=pending,
            next_due=next_due,
            others=others,
            unscored=unscored,
            labelled=OUTCOME in table.column_names,
        )

    def _own(self, table: pa.Table) -> tuple[pa.Table, int]:
        """Leave out what another bundle answered, where a file says whose its answers are."""
        if BUNDLE not in table.column_names:
            return table, 0
        if not {*self._bundle.contract.features} & {*table.column_names}:
            raise Refusal(
                f"{self._scope.source} holds answers without what was asked: score with "
                "`features = true` in the settings' [score] to have them judged"
            )
        theirs = pc.equal(arrow.texts(table[BUNDLE]), self._bundle.digest)
        own = table.filter(theirs).drop_columns(BUNDLE)
        return own, table.num_rows - own.num_rows

    def _scored(self, table: pa.Table) -> tuple[pa.Table, str | None]:
        if SCORE in table.column_names:
            return table, None
        try:
            # An infinite value is no number: the model has to do without it.
            rows = table.to_pandas().replace([np.inf, -np.inf], np.nan)
            chance = self._bundle.probabilities(rows)
        except (Refusal, ValueError) as refusal:
            return table, str(refusal) if table.num_columns else None
        return table.append_column(SCORE, pa.array(chance)), None

    def _moments(self, table: pa.Table) -> np.ndarray:
        name = self._bundle.contract.time
        if name not in table.column_names:
            return np.full(table.num_rows, np.nan)
        return arrow.seconds(table[name])

    def _pending(self, table: pa.Table, moments: np.ndarray) -> tuple[int, datetime | None]:
        """Count the rows that have no outcome, and none is due."""
        due = moments + self._delay.total_seconds()
        waiting = due > self._scope.read_at.timestamp()
        if OUTCOME in table.column_names:
            waiting &= np.isnan(arrow.numbers(table[OUTCOME])[0])
        return int(waiting.sum()), _at(due[waiting].min()) if waiting.any() else None


def _of_log(part: Part, bundle: Bundle, settings: Settings) -> Iterator[pa.Table]:
    assert part.start
    assert part.until
    with opened_log(settings.name, bundle.contract) as log:
        for frame in log.predictions.batches(part.start, part.until, file_rows.ROWS_PER_BATCH):
            yield arrow.table(frame)


def _pairs(part: Part, bundle: Bundle, settings: Settings) -> dict[str, Pairs]:
    assert part.start
    assert part.until
    with opened_log(settings.name, bundle.contract) as log:
        paired = log.predictions.pairs(part.start, part.until, bundle.digest)
        return functools.reduce(challengers.add, map(challengers.count, paired), {})


def _of_file(scope: Scope, part: Part, bundle: Bundle) -> Iterator[pa.Table]:
    texts = bundle.contract.categorical
    tables = file_rows.read_batches(
        str(scope.file),
        part.files,
        rows=file_rows.ROWS_PER_BATCH,
        as_codes=texts,
        groups=part.groups,
    )
    # A partition that is no column of the contract tells nothing of the rows.
    known = {column.name for column in bundle.contract.columns}
    named = {name for file in part.files for name, _ in file.partition} - known
    for table in tables:
        yield table.drop_columns([name for name in table.column_names if name in named])


def _labelled(table: pa.Table, bundle: Bundle, source: str) -> pa.Table:
    """Name a file's outcomes as the log does: they are its column `outcome`, or the target's."""
    target = bundle.contract.target
    name = OUTCOME if OUTCOME in table.column_names else target
    if name not in table.column_names:
        return table
    found, missing = arrow.numbers(table[name])
    if (np.isnan(found) & ~missing).any() or not np.isin(found[~missing], (0, 1)).all():
        raise Refusal(f"{source}: column {name!r} should hold true, false or nothing")
    if target in table.column_names:
        table = table.drop_columns(target)
    if OUTCOME in table.column_names:
        table = table.drop_columns(OUTCOME)
    return table.append_column(OUTCOME, pa.array(found, from_pandas=True))


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _first(choose: Any, one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment]
    return choose(known) if known else None
