"""The reports on a window: the drill-down below the verdict."""

from shared.monitoring import pages
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.judge import WORDS
from shared.monitoring.pages import DRIFT, QUALITY, SUMMARY, Reports


def write(case: Case, findings: Findings) -> Reports:
    """Return the reports on a window beside its bundle's reference."""
    if not case.profile.size:
        lines = [f"{WORDS[findings.state][0].capitalize()}: there is nothing to show."]
        return Reports(*(pages.plain(title, lines) for title in (SUMMARY, DRIFT, QUALITY)))
    # Evidently takes seconds to import.
    from shared.monitoring import report

    return report.evidently_reports(case, findings)
