"""What to do about a loss of quality: train again, or first look whether rows can be believed."""

from collections.abc import Sequence

from shared.model.verdict import Reason, Verdict
from shared.monitoring import evidence
from shared.monitoring.case import Case
from shared.monitoring.causes import idle_columns, suspects
from shared.monitoring.findings import Findings
from shared.monitoring.wording import retraining
from shared.monitoring.wording.deviation_reasons import FAR_BEYOND
from shared.monitoring.wording.retraining import TRAIN_AGAIN

# What moves the quality of a model shows first in these.
CAUSES = ("feed", "inputs", "predictions")
# Where so large a share of the rows violates the contract, what is learnt of them is in doubt.
LARGE_SHARE = 0.05
MEND_FIRST = "Mend the feed first: it may be all of the loss, and training would learn from it."
NEW_FIRST = (
    "Mend the feed first, if the new categories of {column} are known ones written otherwise: they "
    "may be all of the loss, and training would learn them. If they are right, "
    f"{TRAIN_AGAIN}."
)
SHIFTED_FIRST = (
    "Mend the feed first, if {column} comes wrong since it shifted at once: it may be all of the "
    f"loss, and training would learn from it. If it is right, {TRAIN_AGAIN}."
)
CHECK_FIRST = "Check first what feeds the outcomes: {fault}, and are not to be learnt."
CHECK_OR_TRAIN = (
    "Check first what feeds the outcomes: {fault}, while {inputs}. "
    f"If they are right, {TRAIN_AGAIN}."
)


def advised(
    case: Case, findings: Findings, reasons: list[Reason], earlier: Sequence[Verdict]
) -> tuple[list[Reason], bool]:
    """Advise on a loss of quality; return also whether the rows are to be believed.

    It may be all that of rows which are not: of values that came wrong it is not known what
    outcomes have to do with them.
    """
    first = _before_training(case, reasons, findings, evidence.windows_before(case, earlier))
    lost = any(reason.stage == "quality" and reason.level == "act" for reason in reasons)
    suspect = None
    if lost and first is None:
        suspect = suspects.find(case, findings) or idle_columns.find(case, findings)
    if suspect:
        reasons = suspect.among(reasons, case.baseline.plan)
        first = suspect.next_step
    step, changes = first or _doubt_of_outcomes(case, findings, reasons), dict[str, str | None]()
    if step:
        changes["next_step"] = step
    if suspect or step == MEND_FIRST:
        changes["likely_cause"] = None
    advised = [r.model_copy(update=changes) if r.stage == "quality" else r for r in reasons]
    if step is None and (near := suspects.near_words(case, findings, suspects.TELLING)):
        advised = [_beside(reason, near) for reason in advised]
    return [retraining.with_command(reason, case) for reason in advised], first is None


def _before_training(
    case: Case, reasons: list[Reason], findings: Findings, before: Sequence[Verdict]
) -> str | None:
    """Return what is to be done before anything is learnt from the rows; None if nothing is."""
    serious = [reason for reason in reasons if reason.level == "act"]
    unread = [r for r in serious if r.stage == "contract" and r.number >= LARGE_SHARE]
    odd = [reason for reason in serious if reason.stage == "feed"]
    if unread or not all(_is_new(reason, case, findings) for reason in odd):
        return MEND_FIRST
    if odd:
        return NEW_FIRST.format(column=odd[0].column)
    shifted = [r for r in serious if r.stage == "inputs" and _began_at_once(r, findings, before)]
    if shifted:
        return SHIFTED_FIRST.format(column=shifted[0].column)
    fault = findings.quality.fault
    return CHECK_FIRST.format(fault=fault.words) if fault and fault.plain else None


def _beside(reason: Reason, near: str) -> Reason:
    """Return a loss of quality whose likely cause says how near inputs are to their thresholds."""
    if reason.stage != "quality" or reason.level != "act":
        return reason
    likely = "; ".join(filter(None, (reason.likely_cause, near)))
    return reason.model_copy(update={"likely_cause": likely})


def _doubt_of_outcomes(case: Case, findings: Findings, reasons: list[Reason]) -> str | None:
    """Return what to check before training where outcomes alone are other than they were.

    Where inputs or answers are odd, too, the world is likelier to be another one.
    """
    columns = {*case.bundle.contract.features, *case.baseline.plan.watched}
    odd = any(reason.stage in CAUSES and reason.column in columns for reason in reasons)
    fault, inputs = findings.quality.fault, suspects.near_words(case, findings)
    if odd or fault is None or fault.changed or inputs is None:
        return None
    return CHECK_OR_TRAIN.format(fault=fault.words, inputs=inputs)


def _began_at_once(reason: Reason, findings: Findings, before: Sequence[Verdict]) -> bool:
    """Say whether an input was far beyond its threshold in the first window that showed it.

    What drifts is a little beyond it first. The verdicts `before` are the latest first.
    """
    excess = findings.excess(reason.column or "")
    for verdict in before:
        shown = [one for one in verdict.reasons if one.column == reason.column and one.threshold]
        if not shown:
            break
        excess = shown[0].number / shown[0].threshold
    return excess >= FAR_BEYOND


def _is_new(reason: Reason, case: Case, findings: Findings) -> bool:
    """Say whether a reason is categories that may be as new as they look."""
    new = findings.beyond(reason.column or "").get("new")
    unknown = new is not None and reason.number == new.number and reason.likely_cause is None
    return unknown and reason.column in case.profile.unseen
