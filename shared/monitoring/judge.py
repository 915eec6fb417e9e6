"""The verdict on a window's findings: `ok`, `watch` or `act`, for reasons put in order."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import get_args

from shared import problem_commands
from shared.model.verdict import SERIOUS, Evidence, Level, Reason, Stage, State, Verdict
from shared.monitoring import evidence, loss_advice, objectives
from shared.monitoring.case import Case
from shared.monitoring.causes.outcomes import lost_outcomes, repeated_losses
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks import contract_check
from shared.monitoring.outcomes import far_outcomes, feedback, lacking_outcomes, selection
from shared.monitoring.windows import logged_answers
from shared.monitoring.wording import (
    evidence_reasons,
    feed_reasons,
    feedback_reasons,
    notes,
    refused_reasons,
    selection_reasons,
)
from shared.monitoring.wording.blind_checks import blind_notes
from shared.monitoring.wording.deviation_reasons import FAR_BEYOND
from shared.policies.feedback_checks import FeedbackCheck

# Causes before what follows from them: a broken feed moves inputs, and these move predictions.
STAGES: tuple[Stage, ...] = get_args(Stage)


def judge(case: Case, findings: Findings, earlier: Sequence[Verdict] = ()) -> Verdict:
    """Reach the verdict, by what the `earlier` ones have of the windows before, too.

    It has none of the incidents yet that these make of it.
    """
    added = evidence.add_up(
        *(findings.quality.traits, case, findings.hours, earlier, feedback.tolerated(case)),
        few=findings.quality.few,
    )
    checks = feedback.check(findings.feedback, case, earlier)
    selected = selection.check(findings.selection, case, earlier)
    fewest, quality = case.monitor.minimum_outcomes, findings.quality
    arriving = lacking_outcomes.arriving_share(case, earlier)
    contract, refused = case.bundle.contract, findings.refused_outcomes
    lacks = lacking_outcomes.lacking_reasons(quality, arriving, fewest, added)
    found = [
        *_reasons(case, findings, added, checks),
        *lacks,
        *lost_outcomes.lost_reasons(case, quality, arriving, added, said=bool(lacks)),
        *selection_reasons.selection_reasons(selected, findings.selection, case.settings.train),
    ]
    lacking = quality.due - quality.received
    found = refused_reasons.with_refused_outcomes(found, refused, lacking, contract)
    raised = in_order(_with_causes_raised(case, findings, found))
    reasons, is_believable = loss_advice.advised(case, findings, raised, earlier)
    reasons = in_order(reasons)
    level = reached_level(findings.state, reasons)
    words, step = summary(findings.state, reasons, of_file=bool(case.scope.file))
    return Verdict(
        level=level,
        words=f"{level.capitalize()}: {words}",
        reasons=tuple(reasons),
        next_action=step,
        comparisons=findings.challengers,
        notes=(
            *notes.verdict_notes(case, findings),
            *selection_reasons.selection_notes(selected, findings.selection),
            *refused_reasons.outcome_notes(refused, reasons, contract),
        ),
        blind=tuple(blind_notes(case, findings)),
        state=findings.state,
        problem=case.settings.name,
        bundle=case.bundle.digest,
        source=case.scope.source,
        start=_iso(case.start),
        until=_iso(case.until),
        rows=case.profile.size,
        other_rows=case.window.others,
        judged_at=case.scope.read_at.isoformat(),
        agreement=findings.agreement,
        believable=is_believable,
        evidence=added,
        arrived=lacking_outcomes.arrived_share(quality, fewest),
        feedback=findings.feedback,
        feedback_checks=checks,
        selection=findings.selection,
        selection_check=selected,
    )


def in_order(reasons: list[Reason]) -> list[Reason]:
    """Return the most serious reasons first, and those of one level from cause to consequence."""
    return sorted(reasons, key=lambda r: (SERIOUS.index(r.level), STAGES.index(r.stage)))


def reached_level(state: State, reasons: list[Reason]) -> Level:
    """Return the level of the most serious reason; a window that was not judged is not ok."""
    levels: list[Level] = [r.level for r in reasons] + ["ok" if state == "judged" else "watch"]
    return min(levels, key=SERIOUS.index)


def summary(state: State, reasons: list[Reason], of_file: bool = False) -> tuple[str, str]:
    """Return a verdict's words and its next action, given its reasons in order."""
    if not reasons and of_file and state == "empty":
        return "the file has no rows", "Check what writes it: nothing could be judged."
    if not reasons:
        what, then = WORDS[state]
        return what, then.format(serve=problem_commands.make_command("serve"))
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return reasons[0].what + more, reasons[0].next_step


def _reasons(
    case: Case,
    findings: Findings,
    added: tuple[Evidence, ...],
    checks: tuple[FeedbackCheck, ...],
) -> list[Reason]:
    """Name what passed its threshold; of too few rows it is what they prove."""
    shown = findings.state in ("judged", "too few rows")
    feed = feed_reasons.feed_reasons(case, findings) if shown else []
    # A lost feed breaks a contract that demands values, too: one reason is enough.
    serious = [reason for reason in feed if reason.level == "act"]
    lost = {name for reason in serious for name in (reason.column, *reason.beside)}
    faults = {*case.window.faults, *case.window.left}
    violations = [
        each
        for each in findings.violations
        if each.column not in lost or (each.column, each.problem) in faults
    ]
    return [
        *contract_check.contract_reasons(violations, faults, case.bundle.settings.source),
        *refused_reasons.refused_reasons(findings.service, case.monitor, case.bundle.contract),
        *logged_answers.answer_reasons(findings.agreement, case),
        *feed,
        *objectives.service_reasons(findings.service, case.monitor),
        *far_outcomes.far_reasons(findings.quality.far),
        *objectives.quality_reasons(
            findings.quality, findings.challengers, case.monitor, case.bundle.task.words
        ),
        *evidence_reasons.evidence_reasons(added, findings.quality),
        *feedback_reasons.feedback_reasons(
            checks, findings.feedback, case.settings.explore, case.settings.train
        ),
    ]


def _with_causes_raised(case: Case, findings: Findings, reasons: list[Reason]) -> list[Reason]:
    """Make causes as serious as a loss of quality over all rows: a shift that costs is no trifle.

    So what is to be mended stands before what came of it. How many rows came, and when, costs none,
    but rows that repeat may, and that of a slice alone, too.
    """
    lost = [r for r in reasons if r.stage == "quality" and r.level == "act"]
    if not lost:
        return reasons
    answers = case.baseline.plan.watched
    columns = (
        {*case.bundle.contract.features, *answers} if not all(r.column for r in lost) else set()
    )
    causes = [r for r in reasons if r.column in columns and _is_cause(r, findings, answers)]
    if findings.repeated and repeated_losses.explain(case, findings):
        said = feed_reasons.repeats_words(findings.repeated)
        causes += [r for r in reasons if r.what == said]
    return [r.model_copy(update={"level": "act"}) if r in causes else r for r in reasons]


def _is_cause(reason: Reason, findings: Findings, answers: Collection[str]) -> bool:
    """Say whether a reason may be what costs: answers that move a little only follow."""
    far = findings.excess(reason.column or "") >= FAR_BEYOND
    return reason.stage in loss_advice.CAUSES and (reason.column not in answers or far)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


WORDS: dict[State, tuple[str, str]] = {
    "judged": ("nothing exceeded its threshold", "Nothing to do."),
    "no log": (
        "the prediction log is empty, as if nothing was served yet",
        "Serve the champion first (`{serve}`), or let MILLRACE_LOG name the log that its "
        "servers write to.",
    ),
    "empty": (
        "the window is empty",
        "Check whether the service got any requests in this time. If it should have, look at its "
        "address and at what calls it.",
    ),
    "other bundles": (
        "this bundle answered none of the window's rows",
        "Judge the bundle that answered (`--bundle`), or check why the service runs another one.",
    ),
    "too few rows": (
        "too few rows to judge",
        "Judge a longer window (`window_days` in the settings), or wait for more.",
    ),
}
