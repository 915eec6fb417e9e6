"""The states of a window that deserve words without being a reason for alarm."""

from collections.abc import Sequence

from shared.baseline.arrivals import WEEK_HOURS
from shared.log_columns import OUTCOME
from shared.model.verdict import ChallengerComparison
from shared.monitoring import evidence
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.service import Service
from shared.monitoring.windows import logged_answers
from shared.monitoring.windows.answer_columns import BUNDLE
from shared.monitoring.windows.astray import Astray
from shared.monitoring.windows.column_faults import Fault
from shared.monitoring.wording import feedback_reasons
from shared.monitoring.wording.holiday_notes import holiday_notes
from shared.monitoring.wording.refused_reasons import refused_notes
from shared.monitoring.wording.volume_notes import volume_notes
from shared.sections.operation import Monitor
from shared.tasks.choice import answer_counts
from shared.words import list_of, number_of

# How pandas writes the index of a frame that was cut out of another.
INDEX = "__index_level_0__"


def verdict_notes(case: Case, findings: Findings) -> list[str]:
    """Say what the verdict does not cover, and why, in a sentence each."""
    return [
        *_window_notes(case, findings),
        *_column_notes(case, findings),
        *_answer_notes(case),
        *logged_answers.answer_notes(findings.agreement),
        *_stray_notes(case, findings.astray),
        *_false_alarm_notes(case),
        *holiday_notes(case),
        *volume_notes(case, findings),
        *quality_notes(findings.quality, case.monitor),
        *_evidence_notes(case, findings),
        *filter(None, [feedback_reasons.unknown_note(findings.feedback)]),
        *_outcome_notes(case, findings.quality),
        *(challenger_note(comparison) for comparison in findings.challengers),
        *refused_notes(findings.service, case.monitor, case.bundle.contract),
        *_service_notes(findings.service),
    ]


def _window_notes(case: Case, findings: Findings) -> list[str]:
    notes = []
    if findings.state == "no log":
        notes.append(f"There is no prediction in {case.scope.source}.")
    if findings.state == "empty" and case.scope.newest:
        notes.append(f"The newest row of the log is from {case.scope.newest:%Y-%m-%d %H:%M} UTC.")
    if findings.state == "too few rows":
        notes.append(
            f"Columns are judged from {number_of(case.monitor.minimum_rows, 'row')} up. Of fewer "
            "it is told only where nearly all values of one are missing, equal, new or beyond all "
            "of history, or rows are repeated. The contract, the service and any outcomes were "
            "checked."
        )
    if others := case.window.others:
        left_out = "it is" if others == 1 else "they are"
        notes.append(
            f"Other bundles answered {number_of(others, 'row')} of the window; {left_out} left out."
        )
    if case.window.unscored:
        notes.append(f"The model could not answer the file's rows: {case.window.unscored}.")
    return notes


def _column_notes(case: Case, findings: Findings) -> list[str]:
    notes = []
    if findings.state == "judged" and not case.baseline.spans:
        notes.append(
            f"The model's history covers {case.baseline.hours:,.0f} hours: too few to learn more. "
            "The thresholds allow for chance alone."
        )
    if findings.state == "judged" and case.gap > case.baseline.tried_gap > 0:
        notes.append(
            f"The model's history ended {_time(case.gap)} before the window, and no more than "
            f"{_time(case.baseline.tried_gap)} could be tried: thresholds go on as they grew, and "
            "shifts of season are judged less sharply."
        )
    if case.scope.file:
        known = {column.name for column in case.bundle.contract.columns}
        known |= {BUNDLE, OUTCOME, INDEX, *(column.name for column, _ in case.bundle.task.columns)}
        names = ", ".join(sorted(case.profile.kinds.keys() - known.union(case.settings.ignored)))
        if names:
            notes.append(f"The window has columns that are not in the contract: {names}.")
    return notes


def _time(hours: float) -> str:
    weeks, days = round(hours / WEEK_HOURS), round(hours / 24)
    return f"{weeks} weeks" if weeks >= 2 else f"{days} day{'s' if days != 1 else ''}"


def _answer_notes(case: Case) -> list[str]:
    """Say which of a file's columns were taken for answers and outcomes, and which were not."""
    taken, notes = sorted(case.window.taken), []
    if taken:
        notes.append(f"The file's own {list_of(taken)} {_are(taken)} judged.")
    notes += [
        f"The file's {name} is not taken for the log's: {_why(words, fault)}."
        for (name, words), fault in case.window.left.items()
        if name not in case.window.taken
    ]
    return notes


def _why(words: str, fault: Fault) -> str:
    return f"{words} in {fault.words}" if fault.examples else words


def _are(names: Sequence[str]) -> str:
    return "are" if len(names) > 1 else "is"


def _stray_notes(case: Case, astray: Astray) -> list[str]:
    """Name the rows whose times are far from all the others."""
    if case.scope.file:
        kept = "the window's span is that of the others"
        early, late = (case.strays.before, case.window.first), (case.strays.after, case.window.last)
    else:
        kept = "the window is that of the others"
        early = len(astray.before), min(astray.before, default=None)
        late = len(astray.after), max(astray.after, default=None)
    return [
        f"{rows:,} row{'s have times' if rows > 1 else ' has a time'} far {side} all the others, "
        f"such as {moment:%Y-%m-%d %H:%M} UTC: {kept}."
        for side, (rows, moment) in (("before", early), ("after", late))
        if rows and moment
    ]


def _false_alarm_notes(case: Case) -> list[str]:
    asked, learnt = case.monitor.false_alarms, case.baseline.false_alarms
    if asked == learnt:
        return []
    return [
        f"The settings now ask for false_alarms = {asked:g}; the model's thresholds "
        f"were learnt for {learnt:g}. Train again to change them."
    ]


def quality_notes(quality: Quality, monitor: Monitor) -> list[str]:
    """Say why quality is not judged, where it is not."""
    due = quality.due
    if quality.state == "judged" or not (due or quality.pending):
        return []
    first = f"; the first is at {quality.next_due:%Y-%m-%d %H:%M} UTC" if quality.next_due else ""
    return {
        "unscored": ["Quality is not judged: the rows have no answers."],
        "no outcomes in the file": ["Quality is not judged: the file has no outcomes."],
        "not due": [f"Quality is not judged yet: no outcome is due{first}."],
        "none came": [
            f"Quality is not judged: none of the outcomes that are due has arrived ({due:,})."
        ],
        "too few": [
            f"Quality is not judged: {number_of(quality.received, 'outcome has', 'outcomes have')} "
            "arrived, and at least "
            f"{monitor.minimum_outcomes:,} are needed."
        ],
        "one class": [
            f"Quality is not judged: all {quality.received:,} outcomes are of "
            + (
                "classes that the model does not know."
                if sum(quality.unknown.values()) >= quality.received
                else "one class. Their share is judged instead."
            )
        ],
    }[quality.state]


def _evidence_notes(case: Case, findings: Findings) -> list[str]:
    tried = evidence.tried_gap(case, findings.hours)
    if findings.quality.state != "judged" or not case.gap > tried > 0:
        return []
    return [
        f"How outcomes follow the answers could be tried up to {_time(tried)} after a history, and "
        f"the model's ended {_time(case.gap)} before the window: it is judged less sharply."
    ]


def _outcome_notes(case: Case, quality: Quality) -> list[str]:
    if quality.far:
        return [quality.far.note]
    counter = answer_counts(case.baseline.plan.answers)
    note = counter.note(case.profile.counts["answers"], case.window.unknown)
    return [note] if note else []


def challenger_note(comparison: ChallengerComparison) -> str:
    """Say how a challenger does beside the bundle that was judged, on the rows of both."""
    scored = (
        f"The challenger {comparison.challenger[:12]} scored {comparison.rows:,} of the same rows"
    )
    if not comparison.differences:
        few = f"{scored}. Only {comparison.received:,} of them have an outcome"
        if comparison.weighed is not None:
            few += f", which count as {comparison.weighed:,.0f} by the chance that they had of it"
        return f"{few}: too few to compare."
    with_outcome = f"On the {comparison.received:,} with an outcome"
    found = f"{scored}. {with_outcome} it is {comparison.words(', but ')} (95% intervals)."
    return f"{found}{weighing_note(comparison)}"


def weighing_note(comparison: ChallengerComparison) -> str:
    """Say whether a comparison's rows weigh by the chance that they had to be seen."""
    if comparison.weighed is not None:
        return (
            " Rows weigh by 1 over the chance that they had to be seen, and count as "
            f"{comparison.weighed:,.0f}."
        )
    if comparison.unweighed is None:
        return ""
    why = comparison.unweighed.removeprefix("cannot tell: ")
    return f" Rows are not weighed by the chance that they had to be seen: {why}."


def _service_notes(service: Service | None) -> list[str]:
    if service is None or not service.silent_minutes:
        return []
    silent = number_of(service.silent_minutes, "minute")
    return [f"The service was silent for {silent} of the window."]
