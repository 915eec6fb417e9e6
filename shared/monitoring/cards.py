"""The summary card: the verdict first, then what it rests on, and where to look deeper."""

from typing import Any

from shared import cards
from shared.monitoring import reasons
from shared.monitoring.drift import Shift
from shared.monitoring.findings import Findings
from shared.monitoring.quality import Quality
from shared.monitoring.service import Service
from shared.settings import Monitor

Components = list[Any]
MOODS = {"ok": "good", "watch": "warn", "act": "bad"}
MOST_BARS = 12
REPORTS = {
    "data_summary": "Data summary: every column's values, beside the reference's",
    "data_drift": "Data drift: inputs and probability, column by column",
    "quality": "Classification quality: on the rows whose outcomes have come",
}


def summary(verdict: dict[str, Any], found: Findings, monitor: Monitor, run: str) -> Components:
    """Draw a verdict with its findings; `run` is the id of the run whose reports to link to."""
    return [
        *cards.headline(MOODS[verdict["verdict"]], verdict["words"], _told(verdict)),
        cards.facts(_facts(verdict)),
        *cards.section("Reasons", THRESHOLDS),
        cards.table([_reason_row(reason) for reason in verdict["reasons"]]),
        *_notes(verdict["notes"]),
        *_drift(found.shifts, monitor),
        *_quality(found.quality),
        *_service(found.service),
        *_reports(run, monitor),
    ]


THRESHOLDS = (
    "The thresholds are simple ones: fixed numbers from the settings (`[monitor]`), not calibrated "
    "on how this problem varies by itself."
)


def _told(verdict: dict[str, Any]) -> str:
    first = ""
    if verdict["reasons"]:
        reason = verdict["reasons"][0]
        first = (
            f"{reason['what']}: **{_number(reason['number'])}** {reason['unit']}, "
            f"where the threshold is **{_number(reason['threshold'])}**. "
        )
    return f"{first}**Next:** {verdict['next_action']}"


def _facts(verdict: dict[str, Any]) -> dict[str, Any]:
    span = [(verdict[end] or "")[:16].replace("T", " ") for end in ("start", "until")]
    return {
        "window": f"{span[0]} to {span[1]} UTC" if verdict["start"] else None,
        "rows": verdict["rows"],
        "read from": verdict["source"],
        "bundle": verdict["bundle"][:12],
        "judged at": f"{verdict['judged_at'][:16].replace('T', ' ')} UTC",
    }


def _reason_row(reason: dict[str, Any]) -> dict[str, Any]:
    return {
        "Level": f"{cards.MARKS[MOODS[reason['level']]]} {reason['level']}",
        "What": reason["what"],
        "Number": _number(reason["number"]),
        "Threshold": _number(reason["threshold"]),
        "In": reason["unit"],
        "Next": reason["next_step"],
    }


def _number(value: float) -> str:
    return f"{value:.3g}"


def _notes(notes: list[str]) -> Components:
    if not notes:
        return []
    return [*cards.section("Notes"), cards.note("\n".join(f"- {note}" for note in notes))]


def _drift(shifts: tuple[Shift, ...], monitor: Monitor) -> Components:
    compared = [s for s in shifts if s.distance is not None]
    if not compared:
        return []
    told = f"The farthest {min(MOST_BARS, len(compared))} columns, each by its own threshold."
    return [
        *cards.section("Distance from the reference, in thresholds", told),
        cards.picture(_bars(compared, monitor)),
    ]


def _bars(compared: list[Shift], monitor: Monitor) -> Any:
    excess = {s.column: (s.distance or 0.0) / reasons.threshold(s, monitor)[0] for s in compared}
    shown = sorted(excess, key=lambda name: -excess[name])[:MOST_BARS][::-1]
    figure, axes = cards.figure(10, 0.26 * len(shown) + 0.8)
    colours = [cards.WARN if excess[name] > 1 else cards.ACCENT for name in shown]
    axes.barh(shown, [excess[name] for name in shown], color=colours)
    axes.axvline(1, color=cards.INK, lw=0.8, ls=":")
    axes.set_xlabel("distance divided by the threshold (dotted: the threshold)")
    return figure


def _quality(quality: Quality) -> Components:
    coverage = f"{quality.received / quality.due:.1%}" if quality.due else None
    rows = [
        {
            "Metric": name.replace("_", " ").replace("roc auc", "ROC AUC"),
            "Window": str(now),
            "Promised": str(quality.promised[name]),
        }
        for name, now in quality.scores.items()
    ]
    return [
        *cards.section("Quality", "On rows with an outcome; intervals are 95 % bootstrap."),
        cards.facts(
            {
                "rows due": quality.due,
                "with an outcome": quality.received,
                "coverage": coverage,
                "not due yet": quality.pending,
                "observed": quality.observed,
                "predicted": quality.predicted,
            }
        ),
        *([cards.table(rows)] if rows else []),
    ]


def _service(service: Service | None) -> Components:
    if service is None:
        return cards.section("Service", "A file tells nothing of the service.")
    if not service.minutes:
        return cards.section("Service", "The log holds no minute of the service for this window.")
    return [
        *cards.section("Service", "In the minutes between the window's first and last answer."),
        cards.facts(
            {
                "minutes": service.minutes,
                "requests": service.requests,
                "rows": service.rows,
                "refused (4xx)": service.rejected,
                "failed (5xx)": service.errors,
                "of both, by kind": _kinds(service),
                "median minute's p50 (ms)": service.p50_ms,
                "worst minute's p99 (ms)": service.p99_ms,
                "silent minutes": service.silent_minutes,
                "most rows that waited": service.queue_rows,
            }
        ),
    ]


def _kinds(service: Service) -> str | None:
    counts = [f"{kind.replace('_', ' ')} {count:,}" for kind, count in service.kinds if count]
    return ", ".join(counts) or None


def _reports(run: str, monitor: Monitor) -> Components:
    links = [
        f"- [{words}](MonitorFlow-{run}-report-{card}.html), the card `{card}`"
        for card, words in REPORTS.items()
    ]
    told = (
        f"Evidently's, on at most {monitor.sample_rows:,} rows of the window and as many of the "
        "reference. The links work among the pages that `millrace cards` writes."
    )
    return [*cards.section("Reports", told), cards.note("\n".join(links))]
