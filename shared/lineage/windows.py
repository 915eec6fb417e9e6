"""What the latest monitoring runs made of their windows: verdicts, and alerts that wait."""

import itertools
from typing import Any

from shared.lineage import run_artifacts, run_history
from shared.model.verdict import Verdict, read_verdict


def verdicts(problem: str, most: int = 40) -> list[Verdict]:
    """Return what a problem's latest monitoring runs made of their windows, the newest first."""
    latest = itertools.islice(run_history.runs("MonitorFlow", problem, successful=False), most)
    judged = (run_artifacts.kept_of(run, "judge", "verdict") for run in latest)
    return [read_verdict(made["verdict"]) for made in judged if made]


def waiting_alerts(problem: str) -> list[Any]:
    """Return the alerts that the latest monitoring run which sent any could not deliver."""
    for run in run_history.runs("MonitorFlow", problem, successful=False):
        if made := run_artifacts.kept_of(run, "act", "alerts"):
            return [alert for alert in made["alerts"] if alert.error]
    return []
