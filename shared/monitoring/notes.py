"""The states of a window that deserve words without being a reason for alarm."""

from shared.baseline import baseline_profile
from shared.model.bundle import Bundle
from shared.monitoring.challengers import Comparison
from shared.monitoring.findings import Findings
from shared.monitoring.quality import Quality
from shared.monitoring.scope import Scope
from shared.monitoring.service import Service
from shared.monitoring.window import Window
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import OUTCOME
from shared.settings import Monitor
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
            f"Shares and distances are judged from {monitor.minimum_rows:,} rows on; the contract, "
            "the service and any outcomes were checked."
        )
    if window.others:
        told.append(
            f"{window.others:,} rows of the span were answered by other bundles: left out here."
        )
    if window.unscored:
        told.append(f"The model could not answer the file's rows: {window.unscored}.")
    return told


def _of_columns(found: Findings, window: Window, scope: Scope, bundle: Bundle) -> list[str]:
    told = []
    learnt = baseline_profile.read_baseline_profile(bundle.profile)
    if found.state == "judged" and not learnt.spans:
        told.append(
            f"The model's history spans {learnt.hours:,.0f} hours: too few to tell how it varies, "
            "so the thresholds are what chance alone makes of so few rows."
        )
    if scope.file:
        contract = {column.name for column in bundle.contract.columns} | ANSWERS | {INDEX}
        if added := sorted(window.profile.kinds.keys() - contract):
            told.append(f"The window has columns that the contract does not: {', '.join(added)}.")
    return told


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
        "none came": [f"Quality is not judged: of {due:,} rows due, none has an outcome."],
        "too few": [
            f"Quality is not judged: {quality.received:,} outcomes have come, and it takes "
            f"{monitor.minimum_outcomes:,}."
        ],
        "one class": [
            f"Quality is not judged: all {quality.received:,} outcomes are of one class, so no "
            "order can be right or wrong."
        ],
    }[quality.state]


def told(rival: Comparison) -> str:
    """Tell how a challenger does beside the bundle that was judged, on the rows of both."""
    named = f"The challenger {rival.challenger[:12]} scored {rival.rows:,} of the same rows"
    if not rival.differences:
        return f"{named}; of {rival.received:,} an outcome has come, which is too few to compare."
    better, worse = (
        ", ".join(metrics.words(m) for m in names) for names in (rival.better, rival.worse)
    )
    found = [f"surely better by {better}"] if better else []
    found += [f"surely worse by {worse}"] if worse else []
    return (
        f"{named}; on the {rival.received:,} with an outcome it is "
        + (" and ".join(found) or "neither surely better nor worse")
        + "."
    )


def _of_service(service: Service | None) -> list[str]:
    if service is None or not service.silent_minutes:
        return []
    return [
        f"The service reported nothing in {service.silent_minutes:,} minutes between the first "
        "and the last of the window."
    ]
