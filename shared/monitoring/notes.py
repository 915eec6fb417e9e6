"""The states of a window that deserve words without being a reason for alarm."""

from shared.data.checks import Breach
from shared.monitoring.findings import Findings
from shared.monitoring.quality import Quality
from shared.monitoring.reasons import NOT_UNIQUE, PREDICTION
from shared.monitoring.service import Service
from shared.monitoring.window import Window
from shared.settings import Monitor


def of(found: Findings, window: Window, monitor: Monitor) -> list[str]:
    """Tell what the verdict does not cover, and why, in a sentence each."""
    return [
        *_of_window(found, window, monitor),
        *_of_columns(found, monitor),
        *of_quality(found.quality, monitor),
        *_of_service(found.service),
    ]


def _of_window(found: Findings, window: Window, monitor: Monitor) -> list[str]:
    told = []
    if found.state == "no log":
        told.append(f"There is no prediction in {window.source}.")
    if found.state == "empty" and window.newest:
        told.append(f"The newest row of the log is of {window.newest:%Y-%m-%d %H:%M} UTC.")
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


def _of_columns(found: Findings, monitor: Monitor) -> list[str]:
    told = [
        f"{shift.column} cannot be compared: the reference holds no value of it."
        for shift in found.shifts
        if shift.state == "unknown"
    ]
    if any(s.column == PREDICTION and s.state == "empty" for s in found.shifts):
        told.append("No row has a probability.")
    return told + [f"{breach}." for breach in found.breaches if _tolerated(breach, found, monitor)]


def _tolerated(breach: Breach, found: Findings, monitor: Monitor) -> bool:
    if breach.enforced:
        return breach.problem == NOT_UNIQUE
    return found.state != "judged" or breach.share <= monitor.unseen_share


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


def _of_service(service: Service | None) -> list[str]:
    if service is None or not service.silent_minutes:
        return []
    return [
        f"The service reported nothing in {service.silent_minutes:,} minutes between the first "
        "and the last of the window."
    ]
