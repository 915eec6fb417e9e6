"""The parts of the summary card that show what was measured, below the verdict."""

from collections.abc import Sequence
from typing import Any

from shared import cards
from shared.kinds import metric_name
from shared.log.refused_rows import Place, RowFault
from shared.model.comparisons.agreement import Agreement
from shared.model.verdict import ChallengerComparison, Verdict
from shared.monitoring import evidence
from shared.monitoring.card_parts import pictures
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.outcomes.losses import BIAS, SHARE, Loss
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.outcomes.refused_outcomes import RefusedOutcomes
from shared.monitoring.service import Service
from shared.monitoring.windows import logged_answers
from shared.monitoring.wording import evidence_reasons, notes, refused_reasons
from shared.monitoring.wording.deviation_reasons import threshold_source
from shared.monitoring.wording.units import UNITS, number_in
from shared.schema.contract import Contract
from shared.tasks.multiclass.class_shares import share_words
from shared.tasks.task import Task
from shared.words import number_of

Components = list[Any]
MOST_BARS = 12
MOST_TIMES = 5
MOST_FAULTS = 20
HOW = {BIAS: "by how much it is off", SHARE: "by how many times as many came"}


def deviations(findings: Findings) -> Components:
    """Draw what is the farthest from the baseline."""
    worst: dict[str, Deviation] = {}
    for deviation in findings.deviations:
        worst.setdefault(deviation.statistic.column, deviation)
    shown = list(worst.values())[:MOST_BARS]
    if not shown:
        return []
    text = (
        f"The {number_of(len(shown), 'column')} farthest from the baseline, each by its "
        "strongest check."
    )
    rows = [
        {
            "Column": deviation.statistic.column,
            "Check": deviation.statistic.check,
            "Value": number_in(unit, deviation.number),
            "Threshold": number_in(unit, deviation.threshold),
            "Baseline": threshold_source(
                deviation.blocks, deviation.hours, deviation.largest, unit
            ),
        }
        for deviation in shown
        for unit in [UNITS[deviation.statistic.check]]
    ]
    return [
        *cards.section("Distance from the baseline, in thresholds", text),
        cards.picture(_bars(shown)),
        cards.table(rows),
    ]


def _bars(shown: list[Deviation]) -> Any:
    named = [f"{d.statistic.column}: {d.statistic.check}" for d in shown][::-1]
    excess = [d.excess for d in shown][::-1]
    figure, axes = cards.figure(10, 0.26 * len(shown) + 0.8)
    colours = [cards.WARN if times > 1 else cards.ACCENT for times in excess]
    axes.barh(named, [min(times, MOST_TIMES) for times in excess], color=colours)
    axes.axvline(1, color=cards.INK, lw=0.8, ls=":")
    axes.set_xlabel(f"number divided by its threshold (dotted line), cut at {MOST_TIMES}")
    return figure


def quality(judged: Quality, task: Task) -> Components:
    """Draw the model's scores next to the expected ones."""
    words = task.words
    share = f"{judged.received / judged.due:.1%}" if judged.due else None
    of = f" share of {share_words(judged.of)}" if judged.of else ""
    rows = [
        {
            "Metric": metric_name(name),
            "On the outcomes": str(judged.scores.get(name, "—")),
            f"Estimated from the {words.scores} alone": str(judged.estimated.get(name, "—")),
            "Expected": str(expected),
        }
        for name, expected in judged.expected.items()
    ]
    text = (
        "On rows with an outcome, with 95% bootstrap intervals. The estimate needs no outcome: it "
        f"follows from the {words.scores}, if they are {words.as_before}, goes as far from the "
        "expected score as later rows bore out in training, and is given where it came as near."
    )
    shown = words.shown if judged.of_slates else ""
    return [
        *cards.section("Quality", f"{text} {shown}".rstrip()),
        cards.facts(
            {
                "rows due": judged.due,
                "with an outcome": judged.received,
                "share with an outcome": share,
                "not due yet": judged.pending,
                f"observed{of}": judged.observed,
                f"predicted{of}": judged.predicted,
            }
        ),
        *([cards.table(rows)] if rows else []),
        *([cards.picture(pictures.quality(judged, task.judged))] if judged.scores else []),
        *_losses(judged, words.observed),
    ]


def _measured(loss: Loss, observed: str) -> str:
    """Name what a loss is of; that of one share may be measured in two ways."""
    if loss.metric in HOW:
        return f"{loss.of_bias(observed)} ({HOW[loss.metric]})"
    return metric_name(loss.metric)


def _losses(quality: Quality, observed: str) -> Components:
    rows = [
        {
            "Rows": loss.slice or "all rows",
            "Metric": _measured(loss, observed),
            "Now": loss.now,
            "Expected": loss.expected,
            "Loss": loss.loss,
            "Threshold": loss.threshold,
        }
        for loss in sorted(quality.losses, key=lambda loss: -loss.loss / loss.threshold)
    ]
    return [cards.table(rows[:MOST_BARS])] if rows else []


def added_up(verdict: Verdict) -> Components:
    """Draw what adds up over windows, beside the model's history."""
    rows = [
        {
            "Trait": one.trait,
            "This window": one.shown(one.value),
            "Mean over windows": f"{one.shown(one.mean)} ({one.windows})",
            "History": one.shown(one.expected),
            "In thresholds": one.excess,
        }
        for one in sorted(verdict.evidence, key=lambda one: -one.excess)
    ]
    if not rows:
        return []
    worst = max(verdict.evidence, key=lambda one: one.excess)
    text = (
        f"How outcomes follow the answers, over up to {evidence.WINDOWS} windows in a row: what is "
        "chance in one is proof in three. The farthest from the model's history: "
        f"{evidence_reasons.evidence_words(worst)}."
    )
    return [*cards.section("Evidence over windows", text), cards.table(rows)]


def challengers(comparisons: Sequence[ChallengerComparison]) -> Components:
    """Draw each challenger beside the bundle."""
    sections: Components = []
    for comparison in comparisons:
        rows = [
            {
                "Metric": metric_name(name),
                "This bundle": str(comparison.own[name]),
                "The challenger": str(comparison.theirs[name]),
                "Difference": str(difference),
            }
            for name, difference in comparison.differences.items()
        ]
        title = f"Compared with the challenger {comparison.challenger[:12]} on the same rows"
        sections += cards.section(title, notes.challenger_note(comparison))
        sections += [cards.table(rows)] if rows else []
    return sections


def agreement(found: Agreement | None) -> Components:
    """Draw how the answers of the window agree with the model's, and the first that differ."""
    if found is None:
        return []
    rows = [
        {
            "Key": one.key,
            "Time": cards.moment(one.time) if one.time else None,
            "Column": one.column,
            "In the window": one.written[0],
            "By the model": one.written[1],
        }
        for one in found.first
    ]
    words = logged_answers.agreement_words(found)
    return [
        *cards.section("The answers and the model", words),
        *([cards.table(rows)] if rows else []),
    ]


def service(did: Service | None) -> Components:
    """Draw how the service did."""
    if did is None:
        return cards.section("Service", "A file says nothing about the service.")
    if not did.minutes:
        return cards.section("Service", "The log has no service minutes for this window.")
    return [
        *cards.section("Service", "From the first answer of the window to the last."),
        cards.facts(
            {
                "minutes": did.minutes,
                "requests": did.requests,
                "rows": did.rows,
                "refused (4xx)": did.rejected,
                "failed (5xx)": did.errors,
                "refused and failed, by kind": _kinds(did),
                "median minute's p50 (ms)": did.p50_ms,
                "worst minute's p99 (ms)": did.p99_ms,
                "rows of refused requests": did.refused_rows,
                "silent minutes": did.silent_minutes,
                "most rows that waited": did.queue_rows,
                "most rows on disk for the log": did.spool_rows,
            }
        ),
        *_faults(did.row_faults, "Rows"),
    ]


def refused_outcomes(refused: RefusedOutcomes | None, contract: Contract) -> Components:
    """Say which outcomes were refused, and why."""
    if refused is None:
        return []
    words = refused_reasons.outcome_words(refused, contract)
    return [
        *cards.section("Outcomes that were refused", f"{words}."),
        *_faults(refused.faults, "Outcomes"),
    ]


def _faults(faults: Sequence[tuple[Place, RowFault]], of: str) -> Components:
    """Say of which columns rows or outcomes were refused, and why."""
    rows = [
        {
            "Column": column or "the request",
            "What was wrong": rule,
            of: fault.rows,
            "Such as": fault.example,
        }
        for (column, rule), fault in faults[:MOST_FAULTS]
    ]
    return [cards.table(rows)] if rows else []


def _kinds(service: Service) -> str | None:
    counts = [f"{kind.replace('_', ' ')} {count:,}" for kind, count in service.kinds if count]
    return ", ".join(counts) or None
