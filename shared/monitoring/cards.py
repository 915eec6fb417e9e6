"""The summary card: the verdict first, then what it rests on, and where to look deeper."""

from typing import Any

from shared import cards, scores
from shared.monitoring import incidents, notes, pictures, reasons
from shared.monitoring.alerts import VARIABLE, Alert
from shared.monitoring.findings import Findings
from shared.monitoring.quality import BIAS, Quality
from shared.monitoring.service import Service
from shared.monitoring.window import Window
from shared.packaging.bundle import Bundle
from shared.profiles.deviations import Deviation
from shared.settings import Monitor, Settings

Components = list[Any]
MOODS = {"ok": "good", "watch": "warn", "act": "bad"}
MOST_BARS = 12
MOST_TIMES = 5
REPORTS = {
    "data_summary": "Data summary: every column's values, beside the reference's",
    "data_drift": "Data drift: inputs and probability, column by column",
    "quality": "Classification quality: on the rows whose outcomes have come",
}


def summary(
    verdict: dict[str, Any],
    earlier: list[dict[str, Any]],
    found: Findings,
    window: Window,
    bundle: Bundle,
    settings: Settings,
) -> Components:
    """Draw a verdict with its findings, beside the verdicts before it."""
    pictured = pictures.columns(verdict["reasons"], window, bundle)
    return [
        *cards.headline(MOODS[verdict["verdict"]], verdict["words"], _told(verdict)),
        cards.facts(_facts(verdict)),
        *cards.section("Reasons", _promise(settings.monitor)),
        cards.table([_reason_row(reason) for reason in verdict["reasons"]]),
        *([cards.picture(pictured)] if pictured else []),
        *_notes(verdict["notes"]),
        *_incidents(verdict, incidents.trail(verdict, earlier)),
        *_quality(found.quality),
        *_rivals(found),
        *_deviations(found),
        *_service(found.service),
    ]


def alerts(verdict: dict[str, Any], sent: list[Alert]) -> Components:
    """Draw what people were told, and what has not reached them yet."""
    waiting = [alert for alert in sent if alert.error]
    text = "every alert was delivered" if sent else "nobody had to be told anything"
    if sent and not waiting:
        mood = "good"
    elif waiting:
        mood, text = "warn", f"{len(waiting)} of {len(sent)} alerts wait; the next run tries again"
    else:
        mood = "quiet"
    rows = [
        {
            "To": alert.shown,
            "What": alert.message.title,
            "Of": alert.run,
            "Tries": alert.tries,
            "State": alert.error or "delivered",
        }
        for alert in sent
    ]
    where = f"Addresses are those of `{VARIABLE}`, as Apprise writes them."
    return [
        *cards.headline(mood, text.capitalize(), f"{verdict['words']}. {where}"),
        *([cards.table(rows)] if rows else []),
    ]


def reports(run: str, monitor: Monitor) -> Components:
    """Link to the cards with Evidently's reports of a run, given its id."""
    links = [
        f"- [{words}](MonitorFlow-{run}-report-{card}.html), the card `{card}`"
        for card, words in REPORTS.items()
    ]
    told = (
        f"Evidently's, on at most {monitor.sample_rows:,} rows of the window and as many of the "
        "reference. The links work among the pages that `millrace cards` writes."
    )
    return [*cards.section("Reports", told), cards.note("\n".join(links))]


def _incidents(verdict: dict[str, Any], trail: list[dict[str, Any]]) -> Components:
    rows = [
        {
            "Incident": incident["subject"],
            "Level": f"{cards.MARKS[MOODS[incident['level']]]} {incident['level']}",
            "Now": incident["change"],
            "Since": (incident["since"] or "")[:16].replace("T", " "),
            "Windows": incident["windows"],
            "What": incident["what"],
        }
        for incident in verdict["incidents"]
    ]
    if not rows and len(trail) < 2:
        return []
    told = "A problem that lasts is one incident; it is closed by the first window without it."
    return [
        *cards.section("Incidents, and the windows before", told),
        *([cards.table(rows)] if rows else []),
        cards.picture(pictures.timeline(trail)),
    ]


def _promise(monitor: Monitor) -> str:
    return (
        "The thresholds are learnt from how this problem's own history varies: so that of "
        f"{1 / monitor.false_alarms:,.0f} ordinary windows one, at most, is not `ok`, over all "
        "columns and checks together."
    )


def _told(verdict: dict[str, Any]) -> str:
    first = ""
    if verdict["reasons"]:
        reason = verdict["reasons"][0]
        first = (
            f"{reason['what']}: **{_number(reason['number'])}** {reason['unit']}, "
            f"where the threshold is **{_number(reason['threshold'])}**"
            f"{'; ' + reason['usual'] if reason['usual'] else ''}. "
            f"{'Likely ' + reason['likely'] + '. ' if reason['likely'] else ''}"
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
    number, threshold = (_number(reason[name]) for name in ("number", "threshold"))
    why = [reason["usual"], f"likely {reason['likely']}" if reason["likely"] else None]
    return {
        "Level": f"{cards.MARKS[MOODS[reason['level']]]} {reason['level']}",
        "What": reason["what"],
        "Number, and threshold": f"{number}, {threshold} {reason['unit']}",
        "Usual, and likely": "; ".join(text for text in why if text) or None,
        "Next": reason["next_step"],
    }


def _number(value: float) -> str:
    return f"{value:.3g}"


def _notes(notes: list[str]) -> Components:
    if not notes:
        return []
    return [*cards.section("Notes"), cards.note("\n".join(f"- {note}" for note in notes))]


def _deviations(found: Findings) -> Components:
    worst: dict[str, Deviation] = {}
    for deviation in found.deviations:
        worst.setdefault(deviation.statistic.column, deviation)
    shown = list(worst.values())[:MOST_BARS]
    if not shown:
        return []
    told = f"The {len(shown)} columns that are the farthest, each by the check that says most."
    rows = [
        {
            "Column": deviation.statistic.column,
            "Check": deviation.statistic.check,
            "Number": _number(deviation.number),
            "Threshold": _number(deviation.threshold),
            "Usual": reasons.beside(deviation),
        }
        for deviation in shown
    ]
    return [
        *cards.section("Beside what is usual, in thresholds", told),
        cards.picture(_bars(shown, found)),
        cards.table(rows),
    ]


def _bars(shown: list[Deviation], found: Findings) -> Any:
    named = [f"{d.statistic.column}: {d.statistic.check}" for d in shown][::-1]
    excess = [d.excess for d in shown][::-1]
    figure, axes = cards.figure(10, 0.26 * len(shown) + 0.8)
    colours = [cards.WARN if times > 1 else cards.ACCENT for times in excess]
    axes.barh(named, [min(times, MOST_TIMES) for times in excess], color=colours)
    axes.axvline(1, color=cards.INK, lw=0.8, ls=":")
    axes.set_xlabel(f"number divided by its threshold (dotted), drawn up to {MOST_TIMES}")
    return figure


def _quality(quality: Quality) -> Components:
    coverage = f"{quality.received / quality.due:.1%}" if quality.due else None
    rows = [
        {
            "Metric": scores.words(name),
            "On the outcomes": str(quality.scores.get(name, "—")),
            "Estimated from the probabilities alone": str(quality.estimated.get(name, "—")),
            "Promised": str(promised),
        }
        for name, promised in quality.promised.items()
    ]
    told = (
        "On rows with an outcome; intervals are 95 % bootstrap. The estimate needs no outcome: it "
        "is what the probabilities let expect, if they are as calibrated as they were."
    )
    return [
        *cards.section("Quality", told),
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
        *([cards.picture(pictures.quality(quality))] if quality.scores else []),
        *_losses(quality),
    ]


def _losses(quality: Quality) -> Components:
    rows = [
        {
            "Of": loss.slice or "all rows",
            "Metric": "observed share" if loss.metric == BIAS else scores.words(loss.metric),
            "Now": loss.now,
            "Predicted, or promised": loss.promised,
            "Lost": loss.loss,
            "Threshold": loss.threshold,
        }
        for loss in sorted(quality.losses, key=lambda loss: -loss.loss / loss.threshold)
    ]
    return [cards.table(rows[:MOST_BARS])] if rows else []


def _rivals(found: Findings) -> Components:
    drawn: Components = []
    for rival in found.rivals:
        rows = [
            {
                "Metric": scores.words(name),
                "This bundle": str(rival.own[name]),
                "The challenger": str(rival.theirs[name]),
                "Challenger less bundle": str(apart),
            }
            for name, apart in rival.differences.items()
        ]
        title = f"Beside the challenger {rival.challenger[:12]}, on the same rows"
        drawn += cards.section(title, notes.told(rival))
        drawn += [cards.table(rows)] if rows else []
    return drawn


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
                "most rows on disk for the log": service.spool_rows,
            }
        ),
    ]


def _kinds(service: Service) -> str | None:
    counts = [f"{kind.replace('_', ' ')} {count:,}" for kind, count in service.kinds if count]
    return ", ".join(counts) or None
