"""The verdict on a window's findings, as the plain values that a run keeps."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from shared.model.bundle import Bundle
from shared.monitoring import findings, notes, objectives, reasons, verdict
from shared.monitoring.findings import Findings
from shared.monitoring.scope import Scope
from shared.monitoring.verdict import Reason
from shared.monitoring.window import Window
from shared.profiles.counting_plan import SCORE
from shared.settings import Monitor, Settings

# Where what moves the quality of a model shows first.
CAUSES = ("feed", "inputs", "predictions")


def judge(
    found: Findings, window: Window, scope: Scope, bundle: Bundle, settings: Settings
) -> dict[str, Any]:
    """Reach the verdict; the keys beside `verdict` tell why, on what, and what to do next."""
    causes = {*bundle.contract.features, SCORE}
    told = _costly(_reasons(found, window, bundle, settings.monitor), causes)
    reached = verdict.reach(found.state, told)
    start, until = findings.span(window, scope)
    return {
        "verdict": reached.level,
        "words": f"{reached.level.capitalize()}: {reached.words}",
        "reasons": [asdict(reason) for reason in reached.reasons],
        "next_action": reached.next_action,
        "challengers": [asdict(rival) for rival in found.rivals],
        "notes": notes.of(found, window, scope, bundle, settings.monitor),
        "state": found.state,
        "problem": settings.name,
        "bundle": bundle.digest,
        "source": scope.source,
        "start": _iso(start),
        "until": _iso(until),
        "rows": window.profile.size,
        "other_rows": window.others,
        "judged_at": _iso(scope.read_at),
    }


def _reasons(found: Findings, window: Window, bundle: Bundle, monitor: Monitor) -> list[Reason]:
    """Name what passed its threshold. Too few rows have no shares to hold against one."""
    columns: list[Reason] = []
    if found.state == "judged":
        columns = reasons.of_feed(found, window, bundle.baseline)
    # A lost feed breaks a contract that demands values, too: it is told once.
    serious = [reason for reason in columns if reason.level == "act"]
    lost = {name for reason in serious for name in (reason.column, *reason.beside)}
    return [
        *reasons.of_contract(breach for breach in found.breaches if breach.column not in lost),
        *columns,
        *objectives.of_service(found.service, monitor),
        *objectives.of_quality(found.quality, found.rivals, monitor),
    ]


def _costly(told: list[Reason], causes: set[str]) -> list[Reason]:
    """Make causes as serious as a loss of quality over all rows: a shift that costs is no trifle.

    So what is to be mended stands before what came of it. How many rows came, and when, costs none.
    """
    if not any(r.stage == "quality" and r.level == "act" and not r.column for r in told):
        return told
    raised = [r.stage in CAUSES and r.column in causes and _leads(r) for r in told]
    return [replace(r, level="act") if cause else r for r, cause in zip(told, raised, strict=True)]


def _leads(reason: Reason) -> bool:
    """Tell whether a reason may be what costs: a score that moves a little only follows."""
    return reason.column != SCORE or reason.number >= reasons.BEYOND * reason.threshold


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
