"""What a window shows, compared with the contract, the baseline and the expected quality."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from threadpoolctl import threadpool_limits

from shared.baseline.statistics import Statistic
from shared.model.bundle import Bundle
from shared.model.comparisons.agreement import Agreement
from shared.model.verdict import ChallengerComparison, State
from shared.monitoring import service
from shared.monitoring.case import Case
from shared.monitoring.causes import culprits, diagnosis
from shared.monitoring.causes.diagnosis import Cause
from shared.monitoring.causes.numbers import lost_digits
from shared.monitoring.causes.rows import clock_faults, new_rows, repeated_rows
from shared.monitoring.input_checks import contract_check, few_rows, repeats
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.monitoring.input_checks.repeats import Repeat
from shared.monitoring.outcomes import (
    challengers,
    feedback,
    quality,
    refused_outcomes,
    selection,
)
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.outcomes.refused_outcomes import RefusedOutcomes
from shared.monitoring.service import Service
from shared.monitoring.windows import astray, logged_answers
from shared.monitoring.windows.astray import Astray
from shared.policies.feedback_measures import WindowFeedback
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR
from shared.schema.violations import Violation
from shared.tasks.binary.selective_labels import WindowSelection
from shared.tasks.choice import answer_counts

# Checks of a column by itself, by which it is to blame for certain.
ALONE = (
    *("unreadable", "missing", "new", "range", "unseen", "values"),
    *("spike", "lead", "fewer", "distance"),
)


@dataclass(frozen=True)
class Findings:
    """What was found in a window whose rows span `hours` hours.

    `deviations` are all that was measured, by how far beyond its threshold it is; those of columns
    in `culprits`, the worst first, are to blame for the others, and `causes` say how, where that
    is known. `repeated` are rows that come again, where that is unusual, and `repeats_explain` the
    columns that are odd with them alone; `new_explain` those that are with rows of a new category.
    `challengers` are those that scored the same rows, and `agreement` is that of the answers with
    the model's own. A window without rows has none of these, and one from a file has no service.
    `astray` are rows far from a log's window, `feedback` is what its slates show, `selection` which
    outcomes the answers hide, and `refused_outcomes` those that the server took none of.
    """

    state: State
    hours: float
    violations: tuple[Violation, ...]
    deviations: tuple[Deviation, ...]
    culprits: tuple[str, ...]
    causes: tuple[Cause, ...]
    repeated: Repeat | None
    quality: Quality
    challengers: tuple[ChallengerComparison, ...]
    service: Service | None
    astray: Astray
    importance: dict[str, float]
    agreement: Agreement | None = None
    feedback: WindowFeedback | None = None
    selection: WindowSelection | None = None
    repeats_explain: tuple[str, ...] = ()
    new_explain: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused_outcomes: RefusedOutcomes | None = None

    @property
    def caused(self) -> tuple[str, ...]:
        """The columns of the likely causes."""
        return tuple(column for cause in self.causes for column in cause.columns)

    def beyond(self, column: str) -> dict[str, Deviation]:
        """Return a column's deviations beyond their thresholds, by check."""
        return {
            deviation.statistic.check: deviation
            for deviation in self.deviations
            if deviation.beyond and deviation.statistic.column == column
        }

    def excess(self, column: str) -> float:
        """Return how many times its threshold a column's worst number is."""
        return max((d.excess for d in self.beyond(column).values()), default=0.0)


def find(case: Case) -> Findings:
    """Compare a window with what its bundle knows."""
    state, hours = _state(case), case.hours
    deviations: tuple[Deviation, ...] = ()
    blamed: list[str] = []
    causes: tuple[Cause, ...] = ()
    chosen = feedback.chosen_columns(case)
    repeated = repeats.find(case, bool(chosen)) if state == "judged" else None
    explained: tuple[str, ...] = ()
    by_new: dict[str, tuple[str, ...]] = {}
    if state == "too few rows":
        deviations = few_rows.proven(_detector(case), case.profile.counts, hours)
        blamed = list(dict.fromkeys(deviation.statistic.column for deviation in deviations))
        repeated = few_rows.proven_repeats(
            repeats.find(case, bool(chosen)), case.baseline, case.profile.size
        )
    if state == "judged":
        # Products of small matrices in many threads only stand in each other's way.
        with threadpool_limits(1, user_api="blas"):
            detector = _detector(case)
            rows = case.profile.sample
            counts = detector.with_dependences(case.profile.counts, rows)
            deviations = _deviations(case, detector, counts, hours, chosen)
            if any(d.beyond and d.statistic.column in detector.known for d in deviations):
                # What is odd in spite of the window's age is explained by what is odd without it.
                sharp = detector.without_gap()
                found = culprits.find(sharp, counts, hours)
                weighed = repeated_rows.weigh(case, repeated, sharp, found)
                explained, rows = weighed.explained, weighed.rows
                blamed = [name for name in weighed.blamed if name not in chosen]
                deviations = with_the_worst(deviations, sharp.measure(counts, hours), blamed)
                clock = clock_faults.find(sharp, counts, hours, deviations, blamed, rows)
                if clock:
                    blamed, rows = clock.left(rows, sharp, hours, blamed), clock.undo(rows)
                by_new = new_rows.explained_columns(case, sharp, blamed)
                certain = _certain(blamed, deviations)
                if blamed:
                    causes = diagnosis.find_each(rows, sharp, hours, blamed, certain)
                if clock:
                    blamed, causes = [HOUR, *blamed], (clock.cause, *causes)
            rounded = lost_digits.find(case, {*blamed, *chosen})
            deviations = with_others(deviations, rounded)
            blamed += [deviation.statistic.column for deviation in rounded]
    return Findings(
        state=state,
        hours=hours,
        violations=tuple(contract_check.contract_violations(case.window, case.bundle.contract)),
        deviations=deviations,
        culprits=tuple(blamed),
        causes=causes,
        repeated=repeated,
        repeats_explain=explained,
        new_explain=by_new,
        quality=quality.judge(case, hours),
        challengers=tuple(_challengers(case)),
        service=service.read(case),
        astray=astray.read(case),
        importance=_importance(case.bundle),
        agreement=logged_answers.check(case),
        feedback=feedback.read(case),
        selection=selection.read(case),
        refused_outcomes=refused_outcomes.read(case),
    )


def _state(case: Case) -> State:
    if not case.profile.size:
        if case.window.others:
            return "other bundles"
        return "no log" if not case.scope.file and case.scope.newest is None else "empty"
    return "too few rows" if case.profile.size < case.monitor.minimum_rows else "judged"


def _detector(case: Case) -> DriftDetector:
    without = (case.baseline.plan.time, HOUR) if case.is_time_made else ()
    return DriftDetector(case.baseline, case.gap, without, case.days)


def _certain(blamed: list[str], deviations: Iterable[Deviation]) -> str | None:
    """Return the column that is most to blame, if it is odd by itself."""
    odd = {d.statistic.column for d in deviations if d.beyond and d.statistic.check in ALONE}
    return next((name for name in blamed[:1] if name in odd), None)


def _deviations(
    case: Case, detector: DriftDetector, counts: Counts, hours: float, chosen: Collection[str]
) -> tuple[Deviation, ...]:
    measured = {
        statistic: deviation
        for statistic, deviation in detector.measure(counts, hours).items()
        if statistic.column not in chosen
    }
    if case.due_span and case.due_span[1] > case.due_span[0]:
        # Rows of other bundles came, too: that they are not here is no loss of them.
        whole = case.scope.file is None and not case.window.others
        if case.scope.file is not None or whole:
            measured |= detector.arrivals(case.profile.arrived, *case.due_span, whole)
    return tuple(sorted(measured.values(), key=lambda deviation: -deviation.excess))


def with_the_worst(
    deviations: tuple[Deviation, ...], sharp: dict[Statistic, Deviation], blamed: list[str]
) -> tuple[Deviation, ...]:
    """Return the deviations, those of the column most to blame without the window's age.

    Where they are beyond with it, they stay: others that are odd may only follow from it.
    """
    if not blamed or any(d.beyond for d in deviations if d.statistic.column == blamed[0]):
        return deviations
    changed = [sharp[d.statistic] if d.statistic.column == blamed[0] else d for d in deviations]
    return tuple(sorted(changed, key=lambda deviation: -deviation.excess))


def with_others(
    deviations: tuple[Deviation, ...], others: Iterable[Deviation]
) -> tuple[Deviation, ...]:
    """Return deviations with others in place of those of the same checks, the farthest first."""
    found = {deviation.statistic: deviation for deviation in (*deviations, *others)}
    return tuple(sorted(found.values(), key=lambda deviation: -deviation.excess))


def _challengers(case: Case) -> list[ChallengerComparison]:
    counter = answer_counts(case.baseline.plan.answers)
    return challengers.compare(case.window.pairs, counter, case.bundle.task, case.settings)


def _importance(bundle: Bundle) -> dict[str, float]:
    """Return the share of the model's order that each feature carries, from 0 to 1."""
    rows = bundle.evaluation.importance
    total = sum(max(row.loss, 0) for row in rows)
    return {row.feature: max(row.loss, 0) / total for row in rows} if total else {}
