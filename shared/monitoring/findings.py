"""What a window shows, held against the bundle's contract, what is usual, and the promise."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from threadpoolctl import threadpool_limits

from shared.baseline import arrivals
from shared.baseline.baseline_profile import BaselineProfile
from shared.model.bundle import Bundle
from shared.model.verdict import ChallengerComparison, State
from shared.monitoring import challengers, contract_check, diagnosis, quality, service
from shared.monitoring.detection import Deviation, DriftDetector
from shared.monitoring.diagnosis import Cause
from shared.monitoring.quality import Quality
from shared.monitoring.scope import Scope
from shared.monitoring.service import Service
from shared.monitoring.window import Window
from shared.profiles.counts import Counts
from shared.schema.violations import Violation
from shared.settings import Settings

# Of a smaller share of repeated rows nobody has to be told.
REPEATED = 0.01
# Checks of a column by itself, by which it is surely to blame.
ALONE = ("unreadable", "missing", "new", "spike", "fewer", "unseen", "values", "distance")


@dataclass(frozen=True)
class Findings:
    """What was found in a window whose rows span `hours` hours.

    `deviations` are all that was measured, by how far beyond its threshold it is; those of columns
    in `culprits`, the worst first, are to blame for the others, and `cause` says how, where that
    is known. `repeated` is the share of rows that repeat a key or a row, where that is unusual.
    `rivals` are the challengers that scored the same rows. A window without rows has none of these,
    and one from a file has no service.
    """

    state: State
    hours: float
    violations: tuple[Violation, ...]
    deviations: tuple[Deviation, ...]
    culprits: tuple[str, ...]
    cause: Cause | None
    repeated: tuple[str, float] | None
    quality: Quality
    rivals: tuple[ChallengerComparison, ...]
    service: Service | None
    importance: dict[str, float]


def find(window: Window, scope: Scope, bundle: Bundle, settings: Settings) -> Findings:
    """Compare a window with what its bundle knows."""
    state = _state(window, scope, settings)
    learnt = bundle.baseline
    hours = _hours(window, learnt)
    judged: tuple[Deviation, ...] = ()
    culprits: list[str] = []
    cause = None
    if state == "judged":
        # Products of small matrices in many threads only stand in each other's way.
        with threadpool_limits(1, user_api="blas"):
            detector = DriftDetector(learnt)
            counts = detector.tied(window.profile.counts, window.profile.sample)
            judged = _deviations(window, scope, detector, counts, hours)
            if any(d.beyond and d.statistic.column in detector.known for d in judged):
                culprits = detector.culprits(counts, hours)
                sure = _sure(culprits, judged)
                cause = diagnosis.find(window.profile.sample, detector, hours, sure)
    return Findings(
        state=state,
        hours=hours,
        violations=tuple(contract_check.contract_violations(window, bundle.contract)),
        deviations=judged,
        culprits=tuple(culprits),
        cause=cause,
        repeated=_repeated(window, bundle, learnt) if state == "judged" else None,
        quality=quality.judge(
            window, scope, hours, bundle.evaluation, settings, learnt.false_alarms
        ),
        rivals=tuple(challengers.compare(window.pairs, settings)),
        service=service.read(window, scope, bundle, settings),
        importance=_importance(bundle),
    )


def span(window: Window, scope: Scope) -> tuple[datetime | None, datetime | None]:
    """Return the window's span: that of the log, or from a file's first row to its last."""
    return scope.start or window.first, scope.until or window.last


def _hours(window: Window, learnt: BaselineProfile) -> float:
    """Return how many hours the rows stand for.

    Rows of a day in a window of a week vary as days do; that the rest lacks is for the arrivals.
    """
    first, last = window.first, window.last
    if not first or not last:
        return 0.0
    return arrivals.hours_covered(np.array(learnt.per_hour), first.timestamp(), last.timestamp())


def _sure(culprits: list[str], judged: Iterable[Deviation]) -> str | None:
    """Return the column that is most to blame, if it is odd by itself."""
    odd = {d.statistic.column for d in judged if d.beyond and d.statistic.check in ALONE}
    return next((name for name in culprits[:1] if name in odd), None)


def _state(window: Window, scope: Scope, settings: Settings) -> State:
    if not window.profile.size:
        if window.others:
            return "other bundles"
        return "no log" if not scope.file and scope.newest is None else "empty"
    return "too few rows" if window.profile.size < settings.monitor.minimum_rows else "judged"


def _deviations(
    window: Window, scope: Scope, detector: DriftDetector, counts: Counts, hours: float
) -> tuple[Deviation, ...]:
    found = detector.measure(counts, hours)
    start, until = span(window, scope)
    if start and until and until > start:
        # Rows of other bundles came, too: that they are not here is no loss of them.
        whole = scope.file is None and not window.others
        ends = start.timestamp(), until.timestamp()
        if scope.file is not None or whole:
            found |= detector.arrivals(window.profile.arrived, *ends, whole)
    return tuple(sorted(found.values(), key=lambda deviation: -deviation.excess))


def _repeated(window: Window, bundle: Bundle, learnt: BaselineProfile) -> tuple[str, float] | None:
    if window.profile.keys.repeated > REPEATED:
        return bundle.contract.key, window.profile.keys.repeated
    share = window.profile.rows.repeated
    return ("row", share) if share > REPEATED + 2 * learnt.repeated else None


def _importance(bundle: Bundle) -> dict[str, float]:
    """Return the share of the model's order that each feature carries, from 0 to 1."""
    rows = bundle.evaluation.importance
    total = sum(max(row.roc_auc, 0) for row in rows)
    return {row.feature: max(row.roc_auc, 0) / total for row in rows} if total else {}
