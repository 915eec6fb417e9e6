"""The verdict on a window's findings, as the plain values that a run keeps."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.monitoring import notes, reasons, verdict
from shared.monitoring.findings import Findings
from shared.monitoring.verdict import Reason
from shared.monitoring.window import Window
from shared.settings import Monitor, Settings


def judge(found: Findings, window: Window, digest: str, settings: Settings) -> dict[str, Any]:
    """Reach the verdict; the keys beside `verdict` tell why, on what, and what to do next."""
    reached = verdict.reach(found.state, _reasons(found, settings.monitor))
    return {
        "verdict": reached.level,
        "words": f"{reached.level.capitalize()}: {reached.words}",
        "reasons": [asdict(reason) for reason in reached.reasons],
        "next_action": reached.next_action,
        "notes": notes.of(found, window, settings.monitor),
        "state": found.state,
        "problem": settings.name,
        "bundle": digest,
        "source": window.source,
        "start": _iso(window.start),
        "until": _iso(window.until),
        "rows": len(window.rows),
        "other_rows": window.others,
        "judged_at": _iso(window.read_at),
    }


def _reasons(found: Findings, monitor: Monitor) -> list[Reason]:
    """Name what passed its threshold. Too few rows have no shares to hold against one."""
    columns = []
    if found.state == "judged":
        columns = reasons.of_columns(found.shifts, monitor)
        columns += reasons.of_ranges(found.breaches, monitor)
    # A lost feed breaks a contract that demands values, too: it is told once.
    lost = {reason.column for reason in columns if reason.level == "act"}
    return [
        *reasons.of_contract(breach for breach in found.breaches if breach.column not in lost),
        *columns,
        *reasons.of_service(found.service, monitor),
        *reasons.of_quality(found.quality, monitor),
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
