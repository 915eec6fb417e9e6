"""The summary card: the verdict first, then what it rests on, and where to look deeper."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from shared import cards
from shared.events import announce
from shared.events.alerts import VARIABLE, Alert
from shared.model.verdict import MOODS, Reason, Verdict
from shared.monitoring import incidents, reason_rows
from shared.monitoring.card_parts import card_sections, feedback_card, pictures, selection_card
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.wording.units import in_words, number_in
from shared.sections.operation import Monitor

Components = list[Any]
FIRST_KEYS = 5
REPORTS = {
    "data_summary": "Data summary: every column's values, next to the reference's",
    "data_drift": "Data drift: inputs and answers, column by column",
    "quality": "Quality of answers: on the rows whose outcomes have arrived",
}


def summary(
    case: Case, findings: Findings, verdict: Verdict, earlier: Sequence[Verdict]
) -> Components:
    """Draw a verdict with its findings, beside the verdicts before it."""
    pictured = pictures.columns(verdict.reasons, case)
    return [
        *cards.headline(MOODS[verdict.level], verdict.words, _first_reason(verdict)),
        cards.facts(_facts(verdict)),
        *cards.section("Reasons", _false_alarms(case.baseline.false_alarms)),
        *cards.first_rows([_reason_row(reason) for reason in verdict.reasons]),
        *([cards.picture(pictured)] if pictured else []),
        *_notes([*verdict.notes, *verdict.blind]),
        *_incidents(verdict, incidents.trail(verdict, earlier)),
        *card_sections.quality(findings.quality, case.bundle.task),
        *card_sections.refused_outcomes(findings.refused_outcomes, case.bundle.contract),
        *card_sections.added_up(verdict),
        *feedback_card.feedback(verdict, earlier),
        *selection_card.selection(verdict),
        *card_sections.challengers(findings.challengers),
        *card_sections.agreement(findings.agreement),
        *card_sections.deviations(findings),
        *card_sections.service(findings.service),
    ]


def alerts(
    verdict: Verdict, sent: list[Alert], events: Sequence[dict[str, Any]] = ()
) -> Components:
    """Draw the alerts that were sent, what has not reached people yet, and the run's events."""
    waiting = [alert for alert in sent if alert.error]
    text = "every alert was delivered" if sent else "nobody was alerted"
    if sent and not waiting:
        mood = "good"
    elif waiting:
        mood, text = (
            "warn",
            f"{len(waiting)} of {len(sent)} alerts are waiting; the next run tries again",
        )
    else:
        mood = "quiet"
    rows = [
        {
            "To": alert.shown,
            "What": alert.message.title,
            "Run": alert.run,
            "Tries": alert.tries,
            "State": alert.error or "delivered",
        }
        for alert in sent
    ]
    where = (
        f"Alerts go to the addresses in `{VARIABLE}`: mailto, slack or whatever else Apprise "
        "supports."
    )
    return [
        *cards.headline(mood, text.capitalize(), f"{verdict.words}. {where}"),
        *([cards.table(rows)] if rows else []),
        *announce.components(events),
    ]


def links(run: str, found: pd.DataFrame, case: Case) -> Components:
    """Link to the rows that show a run's reasons, and to its reports, given its id."""
    return [*rows(run, found, case), *_reports(run, case.monitor)]


def _reports(run: str, monitor: Monitor) -> Components:
    links = [
        f"- [{words}](MonitorFlow-{run}-report-{card}.html), the card `{card}`"
        for card, words in REPORTS.items()
    ]
    text = (
        f"By Evidently, from at most {monitor.sample_rows:,} rows of the window and as many of "
        "the reference. The links work in the pages that `millrace cards` writes."
    )
    return [*cards.section("Reports", text), cards.note("\n".join(links))]


def rows(run: str, found: pd.DataFrame, case: Case) -> Components:
    """Link to the rows that show the reasons of a run, given its id; nothing where none does."""
    if found.empty:
        return []
    address = f"/runs/MonitorFlow/{run}/artifacts/judge/reason_rows"
    text = (
        f"{reason_rows.words(found, case)}: their keys are the artifact `reason_rows` of the step "
        f"`judge`, a Parquet file; on the board, [{address}]({address})."
    )
    shown = [
        {
            "What": of_reason["what"].iloc[0],
            "Rows": len(of_reason),
            "The first keys": ", ".join(map(str, of_reason["key"].dropna()[:FIRST_KEYS])) or None,
            "In the log": reason_rows.query(of_reason[:FIRST_KEYS], case),
        }
        for _, of_reason in found.groupby("reason")
    ]
    return [*cards.section("Rows that show the reasons", text), cards.table(shown)]


def _incidents(verdict: Verdict, trail: list[Verdict]) -> Components:
    rows = [
        {
            "Incident": incident.subject,
            "Level": f"{cards.MARKS[MOODS[incident.level]]} {incident.level}",
            "Now": incident.change,
            "Since": (incident.since or "")[:16].replace("T", " "),
            "Windows": incident.windows,
            "What": incident.what,
        }
        for incident in verdict.incidents or ()
    ]
    if not rows and len(trail) < 2:
        return []
    text = "A problem that lasts is one incident. The first window without it closes it."
    return [
        *cards.section("Incidents and earlier windows", text),
        *(cards.first_rows(rows) if rows else []),
        cards.picture(pictures.timeline(trail)),
    ]


def _false_alarms(rate: float) -> str:
    return (
        "The thresholds come from how much this problem's own history varies: at most "
        f"{100 * rate:.2g}% of normal windows raise an alarm, over all columns and checks."
    )


def _first_reason(verdict: Verdict) -> str:
    first = ""
    if verdict.reasons:
        reason = verdict.reasons[0]
        first = (
            f"{reason.what}: **{number_in(reason.unit, reason.number)}** {reason.unit}, "
            f"threshold **{number_in(reason.unit, reason.threshold)}**"
            f"{'; ' + reason.baseline if reason.baseline else ''}. "
            f"{'Likely cause: ' + reason.likely_cause + '. ' if reason.likely_cause else ''}"
        )
    return f"{first}**Next:** {verdict.next_action}"


def _facts(verdict: Verdict) -> dict[str, Any]:
    span = [(getattr(verdict, end) or "")[:16].replace("T", " ") for end in ("start", "until")]
    return {
        "window": f"{span[0]} to {span[1]} UTC" if verdict.start else None,
        "rows": verdict.rows,
        "read from": verdict.source,
        "bundle": verdict.bundle[:12],
        "judged at": cards.moment(verdict.judged_at),
    }


def _reason_row(reason: Reason) -> dict[str, Any]:
    why = [reason.baseline, f"likely cause: {reason.likely_cause}" if reason.likely_cause else None]
    return {
        "Level": f"{cards.MARKS[MOODS[reason.level]]} {reason.level}",
        "What": reason.what,
        "Value": in_words(reason.unit, reason.number),
        "Threshold": number_in(reason.unit, reason.threshold),
        "Baseline, and likely cause": "; ".join(text for text in why if text) or None,
        "Next": reason.next_step,
    }


def _notes(notes: Sequence[str]) -> Components:
    if not notes:
        return []
    return [*cards.section("Notes"), cards.note("\n".join(f"- {note}" for note in notes))]
