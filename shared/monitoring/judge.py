"""The verdict on a window's findings: `ok`, `watch` or `act`, for reasons put in order."""

from datetime import datetime

from shared.model.bundle import Bundle
from shared.model.verdict import SERIOUS, Level, Reason, State, Verdict
from shared.monitoring import findings, notes, objectives, reasons
from shared.monitoring.findings import Findings
from shared.monitoring.scope import Scope
from shared.monitoring.window import Window
from shared.profiles.counting_plan import SCORE
from shared.sections import Monitor
from shared.settings import Settings

# Causes before what follows from them: a broken feed moves inputs, and these move predictions.
STAGES = ("contract", "feed", "service", "inputs", "predictions", "outcomes", "quality")
# What moves the quality of a model shows first in these.
CAUSES = ("feed", "inputs", "predictions")


def judge(
    found: Findings, window: Window, scope: Scope, bundle: Bundle, settings: Settings
) -> Verdict:
    """Reach the verdict, without the incidents that earlier verdicts make of it."""
    causes = {*bundle.contract.features, SCORE}
    told = in_order(_costly(_reasons(found, window, bundle, settings.monitor), causes))
    start, until = findings.span(window, scope)
    level = reached_level(found.state, told)
    words, step = summary(found.state, told)
    return Verdict(
        level=level,
        words=f"{level.capitalize()}: {words}",
        reasons=tuple(told),
        next_action=step,
        comparisons=found.rivals,
        notes=tuple(notes.of(found, window, scope, bundle, settings.monitor)),
        state=found.state,
        problem=settings.name,
        bundle=bundle.digest,
        source=scope.source,
        start=_iso(start),
        until=_iso(until),
        rows=window.profile.size,
        other_rows=window.others,
        judged_at=scope.read_at.isoformat(),
    )


def in_order(reasons: list[Reason]) -> list[Reason]:
    """Return the most serious reasons first, and those of one level from cause to consequence."""
    return sorted(reasons, key=lambda r: (SERIOUS.index(r.level), STAGES.index(r.stage)))


def reached_level(state: State, reasons: list[Reason]) -> Level:
    """Return the level of the most serious reason; a window that was not judged is not ok."""
    levels: list[Level] = [r.level for r in reasons] + ["ok" if state == "judged" else "watch"]
    return min(levels, key=SERIOUS.index)


def summary(state: State, reasons: list[Reason]) -> tuple[str, str]:
    """Return a verdict's words and its next action, given its reasons in order."""
    if not reasons:
        return WORDS[state]
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return reasons[0].what + more, reasons[0].next_step


def _reasons(found: Findings, window: Window, bundle: Bundle, monitor: Monitor) -> list[Reason]:
    """Name what passed its threshold. Too few rows have no shares to hold against one."""
    columns: list[Reason] = []
    if found.state == "judged":
        columns = reasons.of_feed(found, window, bundle.baseline)
    # A lost feed breaks a contract that demands values, too: it is told once.
    serious = [reason for reason in columns if reason.level == "act"]
    lost = {name for reason in serious for name in (reason.column, *reason.beside)}
    return [
        *reasons.of_contract(each for each in found.violations if each.column not in lost),
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
    return [
        r.model_copy(update={"level": "act"}) if cause else r
        for r, cause in zip(told, raised, strict=True)
    ]


def _leads(reason: Reason) -> bool:
    """Tell whether a reason may be what costs: a score that moves a little only follows."""
    return reason.column != SCORE or reason.number >= reasons.BEYOND * reason.threshold


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


WORDS: dict[State, tuple[str, str]] = {
    "judged": ("nothing passed its threshold", "Nothing to do."),
    "no log": (
        "the prediction log is empty",
        "Check whether the service writes to this log: its MILLRACE_LOG must name the same one.",
    ),
    "empty": (
        "the window is empty",
        "Check whether the service got any requests in this time. If it should have, look at its "
        "address and at what calls it.",
    ),
    "other bundles": (
        "this bundle answered no row of the window",
        "Judge the bundle that answered (`--bundle`), or check why the service runs another one.",
    ),
    "too few rows": (
        "too few rows to judge",
        "Judge a longer window (`window_days` in the settings), or wait for more.",
    ),
}
