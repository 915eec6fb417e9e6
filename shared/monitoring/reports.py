"""The reports on a window: the drill-down below the verdict."""

from dataclasses import dataclass

from shared.monitoring import pages
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.judge import WORDS

SUMMARY, DRIFT, QUALITY = "Data summary", "Data drift", "Quality of answers"


@dataclass(frozen=True)
class Reports:
    """Three pages (HTML): Evidently's report, or the state that leaves nothing to report."""

    data_summary: str
    data_drift: str
    quality: str


def write(case: Case, findings: Findings) -> Reports:
    """Return the reports on a window beside its bundle's reference."""
    if not case.profile.size:
        lines = [f"{WORDS[findings.state][0].capitalize()}: there is nothing to show."]
        return Reports(*(pages.plain(title, lines) for title in (SUMMARY, DRIFT, QUALITY)))
    # Evidently takes seconds to import.
    from shared.monitoring import report

    return report.evidently_reports(case, findings)
