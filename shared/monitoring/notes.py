"""The states of a window that deserve words without being a reason for alarm."""

from shared.model.bundle import Bundle
from shared.model.verdict import ChallengerComparison
from shared.monitoring.findings import Findings
from shared.monitoring.quality import Quality
from shared.monitoring.scope import Scope
from shared.monitoring.service import Service
from shared.monitoring.window import Window
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import OUTCOME
from shared.sections import Monitor
from shared.tasks import metrics

ANSWERS = {SCORE, OUTCOME, "prediction"}
# How pandas writes the index of a frame that was cut out of another.
INDEX = "__index_level_0__"


def of(
    found: Findings, window: Window, scope: Scope, bundle: Bundle, monitor: Monitor
) -> list[str]:
    """Tell what the verdict does not cover, and why, in a sentence each."""
    return [
        *_of_window(found, window, scope, monitor),
        *_of_columns(found, window, scope, bundle),
        *_of_false_alarms(bundle, monitor),
        *of_quality(found.quality, monitor),
        *(told(rival) for rival in found.rivals),
        *_of_service(found.service),
    ]


def _of_window(found: Findings, window: Window, scope: Scope, monitor: Monitor) -> list[str]:
    told = []
    if found.state == "no log":
        told.append(f"There is no prediction in {scope.source}.")
    if found.state == "empty" and scope.newest:
        told.append(f"The newest row of the log is of {scope.newest:%Y-%m-%d %H:%M} UTC.")
    if found.state == "too few rows":
        told.append(
            f"Columns are judged from {monitor.minimum_rows:,} rows up. The contract, the service "
            "and any outcomes were checked."
        )
    if window.others:
        told.append(
            f"{window.others:,} rows of the window were answered by other bundles and are left out."
        )
    if window.unscored:
        told.append(f"The model could not answer the file's rows: {window.unscored}.")
    return told


def _of_columns(found: Findings, window: Window, scope: Scope, bundle: Bundle) -> list[str]:
    told = []
    learnt = bundle.baseline
    if found.state == "judged" and not learnt.spans:
        told.append(
            f"The model's history covers {learnt.hours:,.0f} hours: too few to learn more. "
            "The thresholds allow for chance alone."
        )
    if scope.file:
        contract = {column.name for column in bundle.contract.columns} | ANSWERS | {INDEX}
        if added := sorted(window.profile.kinds.keys() - contract):
            told.append(f"The window has columns that are not in the contract: {', '.join(added)}.")
    return told


def _of_false_alarms(bundle: Bundle, monitor: Monitor) -> list[str]:
    learnt = bundle.baseline.false_alarms
    if monitor.false_alarms == learnt:
        return []
    return [
        f"The settings now ask for false_alarms = {monitor.false_alarms:g}; the model's thresholds "
        f"were learnt for {learnt:g}. Train again to change them."
    ]


def of_quality(quality: Quality, monitor: Monitor) -> list[str]:
    """Tell why quality is not judged, where it is not."""
    due = quality.due
    if quality.state == "judged" or not (due or quality.pending):
        return []
    first = f", the first at {quality.next_due:%Y-%m-%d %H:%M} UTC" if quality.next_due else ""
    return {
        "unscored": ["Quality is not judged: the rows have no probability."],
        "no outcomes in the file": ["Quality is not judged: the file has no outcomes."],
        "not due": [f"Quality is not judged yet: no outcome is due{first}."],
        "none came": [f"Quality is not judged: none of the {due:,} rows due has an outcome."],
        "too few": [
            f"Quality is not judged: {quality.received:,} outcomes have arrived, and at least "
            f"{monitor.minimum_outcomes:,} are needed."
        ],
        "one class": [
            f"Quality is not judged: all {quality.received:,} outcomes are of one class."
        ],
    }[quality.state]


def told(rival: ChallengerComparison) -> str:
    """Tell how a challenger does beside the bundle that was judged, on the rows of both."""
    named = f"The challenger {rival.challenger[:12]} scored {rival.rows:,} of the same rows"
    if not rival.differences:
        return f"{named}. Only {rival.received:,} of them have an outcome: too few to compare."
    better, worse = (
        ", ".join(metrics.metric_name(m) for m in names) for names in (rival.better, rival.worse)
    )
    found = [f"better by {better} (95 % interval)"] if better else []
    found += [f"worse by {worse} (95 % interval)"] if worse else []
    return (
        f"{named}. On the {rival.received:,} with an outcome it is "
        + (" and ".join(found) or "neither better nor worse (95 % interval)")
        + "."
    )


def _of_service(service: Service | None) -> list[str]:
    if service is None or not service.silent_minutes:
        return []
    return [f"The service was silent for {service.silent_minutes:,} minutes of the window."]
