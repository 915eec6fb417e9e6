"""The columns that are to blame, each as a reason by what says most of it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from shared.model.verdict import Level, Reason, Stage
from shared.monitoring.case import Case
from shared.monitoring.causes.diagnosis import Cause, Precision
from shared.monitoring.causes.numbers.stand_ins import stand_in_words
from shared.monitoring.causes.rows.new_rows import with_new_first
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.input_checks.equal_columns import equal_column
from shared.monitoring.objectives import LARGE_SLICE
from shared.monitoring.wording import column_words, telling
from shared.monitoring.wording.column_words import BROKEN, STUCK
from shared.monitoring.wording.deviation_reasons import FAR_BEYOND, deviation_reason
from shared.monitoring.wording.units import unit_of
from shared.profiles.gram import HOUR

# A feature with so large a share of the model's ranking is an important one; less is not named.
IMPORTANT, LEAST_NAMED = 0.1, 0.005
# Columns are missing together when so many of the rows in which one is have neither.
TOGETHER = 0.8
KNOWN: dict[Precision, str] = {
    "exact": "exactly that",
    "likely": "likely that, though values were rounded since",
    "one of several": "one of these",
    "about": "about that",
}
ODD = ("missing", "new", "spike", "lead", "fewer", "unseen")
# Checks of values that the model never learnt; what so large a share of its rows had, it did.
UNLEARNT, LEARNT = ("missing", "new"), 0.01


def column_reasons(case: Case, findings: Findings) -> list[Reason]:
    """Name the columns that are to blame, the worst first, but for new categories before others."""
    reasons: list[Reason] = []
    time = case.baseline.plan.time
    causes = {column: cause for cause in findings.causes for column in cause.columns}
    for name in _blamed(findings, time):
        column = time if name == HOUR else name
        beyond = findings.beyond(name)
        # What cannot be read breaks the contract, which says so.
        deviation = None
        if "unreadable" not in beyond:
            deviation = telling.most_telling(beyond, column_words.is_missing_less(name, case))
        if deviation is None:
            continue
        cause = causes.get(column)
        if cause and not equal_column(name, case) and not _is_filled_in(cause, name, case):
            # Of two that changed places, one reason is enough.
            if all(cause.columns[0] != reason.column for reason in reasons):
                reasons.append(_cause_reason(cause, deviation, case, findings))
            continue
        beside: list[str] = []
        is_answer = name in case.baseline.plan.watched
        if not is_answer and deviation.statistic.check == "missing":
            deviation, *others = _missing_with(deviation, case, findings)
            column, beside = deviation.statistic.column, [d.statistic.column for d in others]
        if all(reason.column != column for reason in reasons):
            reasons.append(_column_reason(column, beside, deviation, case, findings))
    return with_new_first(reasons, findings.new_explain)


def _is_filled_in(cause: Cause, name: str, case: Case) -> bool:
    """Say whether a change of some size or other is told by one value that stands for nothing."""
    return cause.precision == "about" and stand_in_words(name, case) is not None


def _blamed(findings: Findings, time: str) -> list[str]:
    """Return the columns of the likely cause, and then the other culprits, as they are checked."""
    names = [HOUR if name == time else name for name in findings.caused]
    return list(dict.fromkeys([*names, *findings.culprits]))


def _missing_with(deviation: Deviation, case: Case, findings: Findings) -> list[Deviation]:
    """Return a missing column and those that are missing in its rows, in the contract's order."""
    missing = case.profile.sample.isna()
    every = {
        d.statistic.column: d
        for d in findings.deviations
        if d.beyond and d.statistic.check == "missing"
    }
    together = [
        every[other]
        for other in missing
        if other in every
        and other not in case.baseline.plan.watched
        and _are_together(missing[deviation.statistic.column], missing[other])
    ]
    return together or [deviation]


def _are_together(missing: pd.Series, other: pd.Series) -> bool:
    return bool((missing & other).sum() >= TOGETHER * (missing | other).sum())


def _cause_reason(cause: Cause, deviation: Deviation, case: Case, findings: Findings) -> Reason:
    used = sum(findings.importance.get(each, 0.0) for each in cause.columns) >= LEAST_NAMED
    least = LARGE_SLICE if used else BROKEN
    level: Level = "act" if cause.share >= least and not cause.due else "watch"
    reason = deviation_reason(
        level,
        "feed",
        cause.words + (f", in {cause.share:.0%} of the rows" if cause.share < 1 else ""),
        cause.columns[0],
        deviation,
        unit_of(deviation.statistic, case.baseline.plan),
        f"Ask whoever feeds {' and '.join(cause.columns)} what changed, and change it back.",
        f"{KNOWN[cause.precision]}: with the change undone, {' and '.join(cause.columns)} "
        f"{'are' if len(cause.columns) > 1 else 'is'} normal again",
    )
    return reason.model_copy(update={"beside": cause.columns[1:]})


def _column_reason(
    name: str, beside: Sequence[str], deviation: Deviation, case: Case, findings: Findings
) -> Reason:
    """Write the reason for a column, and those `beside` it that are missing in the same rows."""
    if name in case.baseline.plan.watched:
        return _answer_reason(name, deviation, case, findings)
    check, beyond = deviation.statistic.check, findings.beyond(name)
    more = telling.beside(deviation, beyond)
    what, step, likely = column_words.column_words(name, beside, deviation, more, case)
    importance = sum(findings.importance.get(each, 0.0) for each in (name, *beside))
    # What is likely done to a column was done before it came.
    stage: Stage = "feed" if check in ODD or likely else "inputs"
    if importance >= LEAST_NAMED:
        them = "them" if beside else "it"
        step = f"{step} {importance:.0%} of the model's ranking depends on {them}."
    level = _level(name, check, importance, case, findings)
    unit = unit_of(deviation.statistic, case.baseline.plan)
    reason = deviation_reason(level, stage, what, name, deviation, unit, step, likely)
    return reason.model_copy(update={"beside": tuple(beside)})


def _level(name: str, check: str, importance: float, case: Case, findings: Findings) -> Level:
    """Return how serious it is that a column of such importance is odd, by what it may cost.

    Where the model is asked about values that it never learnt, how many rows have one decides: as
    many as a slice whose loss wakes a person. Any other oddness may be a shift that costs nothing,
    but for one far beyond its threshold in an important column. Half of a column is a broken feed.
    """
    beyond = findings.beyond(name)
    if any(one.number >= BROKEN for odd, one in beyond.items() if odd in ODD):
        return "act"
    unlearnt = _unlearnt_share(name, beyond, case)
    if unlearnt is not None and check in UNLEARNT:
        return "act" if unlearnt >= LARGE_SLICE and importance >= LEAST_NAMED else "watch"
    return "act" if importance >= IMPORTANT and findings.excess(name) >= FAR_BEYOND else "watch"


def _unlearnt_share(name: str, beyond: Mapping[str, Deviation], case: Case) -> float | None:
    """Return which share of the rows has a value that the model never learnt; None without any.

    It is none of the history's names, beyond its range, or missing where next to none was.
    """
    shares = [beyond["new"].number] if "new" in beyond else []
    if "missing" in beyond:
        now, once = column_words.missing_shares(name, case)
        shares += [now] if once < LEARNT else []
    return max(shares, default=None)


def _answer_reason(name: str, deviation: Deviation, case: Case, findings: Findings) -> Reason:
    check = deviation.statistic.check
    beyond = findings.beyond(name)
    stuck = any(beyond[each].number >= BROKEN for each in STUCK if each in beyond)
    what = "the score is stuck" if stuck else "the score has shifted"
    if check == "missing":
        what = "the share of rows without a score has changed"
    step = "Look for what moved the inputs"
    step += "." if findings.quality.scores else ", and once outcomes arrive, check what it cost."
    level: Level = "act" if stuck else "watch"
    unit = unit_of(deviation.statistic, case.baseline.plan)
    return deviation_reason(level, "predictions", what, name, deviation, unit, step)
