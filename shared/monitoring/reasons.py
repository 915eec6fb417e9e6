"""What is odd of the rows that came: what it is, how far, why probably, and what to do."""

from collections.abc import Iterable, Sequence

import pandas as pd

from shared.baseline.baseline_profile import BaselineProfile
from shared.model.verdict import Level, Reason, Stage
from shared.monitoring import column_reasons
from shared.monitoring.column_reasons import BROKEN
from shared.monitoring.detection import Deviation
from shared.monitoring.findings import Findings
from shared.monitoring.window import Window
from shared.profiles.counting_plan import SCORE
from shared.profiles.gram import HOUR
from shared.schema.violations import Violation

# The model leans on a feature that carries so much of its order.
LEANS = 0.1
BEYOND = 2.0
# Columns are missing together when so many of the rows in which one is have neither.
TOGETHER = 0.8
# The checks in the order in which they tell what is wrong: the first one names it.
TELLING = (
    "unreadable",
    "missing",
    "new",
    "spike",
    "fewer",
    "unseen",
    "values",
    "distance",
    "linear dependence",
    "dependence",
)
ODD = ("unreadable", "missing", "new", "spike", "fewer", "unseen")
SHARE = "of rows"
UNITS = {
    "missing": "of rows more, or fewer",
    "unreadable": SHARE,
    "new": SHARE,
    "unseen": SHARE,
    "spike": "of rows gained by one value",
    "fewer": "effect size (Cohen's w) of the lost rows of one value",
    "values": "of values would have to change (total variation)",
    "distance": "from history (mean difference of the distribution functions)",
    "linear dependence": "times its normal distance from what the other columns predict",
    "dependence": "of its dependence on the other columns lost, in natural logarithms",
    "volume": "in natural logarithms of the expected number of rows",
    "silence": "of a normal day's rows, with none arriving",
}
MOVED = "of rows would have to change (total variation)"


def of_contract(violations: Iterable[Violation]) -> list[Reason]:
    """Name each violation of the contract."""
    found = []
    for violation in violations:
        seen = f" ({', '.join(violation.examples)})" if violation.examples else ""
        what = f"{violation.column}: {violation.problem}{seen}"
        step = f"Fix what feeds {violation.column}: it violates the bundle's contract."
        found.append(
            Reason(
                level="act",
                stage="contract",
                what=what,
                column=violation.column,
                number=violation.share,
                threshold=0.0,
                unit=SHARE,
                next_step=step,
            )
        )
    return found


def of_feed(found: Findings, window: Window, usual: BaselineProfile) -> list[Reason]:
    """Name what is wrong with the rows that came, and then with their columns.

    Where rows of one category are lost, that is why there are fewer: it is named first.
    """
    arrivals, columns = of_arrivals(found), of_columns(found, window, usual)
    lost = {d.statistic.column for d in found.deviations if d.beyond and _of_lost(d)}
    if columns and columns[0].column in lost:
        silent = [reason for reason in arrivals if reason.unit != UNITS["volume"]]
        return silent + columns + [reason for reason in arrivals if reason not in silent]
    return arrivals + columns


def _of_lost(deviation: Deviation) -> bool:
    return deviation.statistic.check == "fewer"


def of_arrivals(found: Findings) -> list[Reason]:
    """Name rows that came too many, too few, twice, or not at all for a time."""
    reasons = []
    if found.repeated:
        name, share = found.repeated
        what = f"{share:.1%} of the rows repeat {'a key' if name != 'row' else 'another row'}"
        step = "Check whether a feed was sent twice, or callers repeat their requests."
        reasons.append(
            Reason(
                level="watch",
                stage="feed",
                what=what,
                column=name,
                number=share,
                threshold=0.01,
                unit=SHARE,
                next_step=step,
            )
        )
    for deviation in found.deviations:
        check, column = deviation.statistic
        if deviation.beyond and check in ("volume", "silence"):
            step = "Check whether rows were lost, or sent elsewhere, before they were answered"
            step += ", or whether the file is a sample." if not found.service else "."
            told = {
                "volume": "the number of rows is not normal",
                "silence": "no rows arrived for an unusually long time",
            }
            reasons.append(_reason("watch", "feed", told[check], column, deviation, step))
    return reasons


def of_columns(found: Findings, window: Window, usual: BaselineProfile) -> list[Reason]:
    """Name the columns that are to blame, the worst first, each by what tells most of it."""
    reasons: list[Reason] = []
    caused = found.cause.columns if found.cause else ()
    time = usual.plan.time
    culprits = [HOUR if name == time else name for name in caused]
    culprits += [name for name in found.culprits if name not in culprits]
    for name in culprits:
        beyond = {d.statistic.check: d for d in found.deviations if d.statistic.column == name}
        beyond = {check: d for check, d in beyond.items() if d.beyond}
        shown = time if name == HOUR else name
        first = next((beyond[check] for check in TELLING if check in beyond), None)
        if first is None or (reasons and shown in caused and shown == caused[-1]):
            # Of two that changed places, one reason is enough.
            continue
        if found.cause and shown in caused:
            reasons.append(_caused(found, first))
            continue
        beside: list[str] = []
        if name != SCORE and first.statistic.check == "missing":
            first, *others = _missing_with(first, found, window)
            shown, beside = first.statistic.column, [d.statistic.column for d in others]
        if all(reason.column != shown for reason in reasons):
            reasons.append(_of_column(shown, first, found, window, usual, beside))
    return reasons


def _missing_with(first: Deviation, found: Findings, window: Window) -> list[Deviation]:
    """Return a missing column and those that are missing in its rows, in the contract's order."""
    missing = window.profile.sample.isna()
    every = {d.statistic.column: d for d in found.deviations if d.beyond and _of_missing(d)}
    name = first.statistic.column
    together = [
        every[other]
        for other in missing
        if other in every and other != SCORE and _same(missing, name, other)
    ]
    return together or [first]


def _same(missing: pd.DataFrame, name: str, other: str) -> bool:
    either = (missing[name] | missing[other]).sum()
    return bool((missing[name] & missing[other]).sum() >= TOGETHER * either)


def _of_missing(deviation: Deviation) -> bool:
    return deviation.statistic.check == "missing"


def _caused(found: Findings, first: Deviation) -> Reason:
    assert found.cause
    name, share = found.cause.columns[0], found.cause.share
    what = found.cause.words + (f", in {share:.0%} of the rows" if share < 1 else "")
    step = f"Ask what feeds {' and '.join(found.cause.columns)} what changed, and change it back."
    level: Level = "act" if share >= BROKEN and not found.cause.due else "watch"
    likely = "exactly that: with the change undone, the window is normal again"
    reason = _reason(level, "feed", what, name, first, step, likely)
    return reason.model_copy(update={"beside": found.cause.columns[1:]})


def _of_column(
    name: str,
    first: Deviation,
    found: Findings,
    window: Window,
    usual: BaselineProfile,
    beside: Sequence[str] = (),
) -> Reason:
    check, number = first.statistic.check, first.number
    if name == SCORE:
        stuck = check == "spike" and number >= BROKEN
        what = "the score is stuck" if stuck else _SCORE.get(check, "the score has shifted")
        step = "Look for what moved the inputs"
        step += "." if found.quality.scores else ", and once outcomes arrive, check what it cost."
        return _reason("act" if stuck else "watch", "predictions", what, SCORE, first, step)
    what, step, likely = column_reasons.of_column(name, beside, first, window, usual)
    leans = sum(found.importance.get(each, 0.0) for each in (name, *beside))
    stage: Stage = "feed" if check in ODD else "inputs"
    level: Level = "watch"
    if (check in ODD and number >= BROKEN) or (leans >= LEANS and first.excess >= BEYOND):
        level = "act"
    if leans:
        own = "theirs" if beside else "its"
        likely = "; ".join(w for w in (likely, f"{leans:.0%} of the model's ranking is {own}") if w)
    reason = _reason(level, stage, what, name, first, step, likely)
    return reason.model_copy(update={"beside": tuple(beside)})


_SCORE = {"missing": "rows without a score have become more, or fewer"}


def _reason(
    level: Level,
    stage: Stage,
    what: str,
    column: str | None,
    deviation: Deviation,
    step: str,
    likely: str | None = None,
) -> Reason:
    unit = UNITS[deviation.statistic.check]
    if deviation.statistic.check == "distance" and deviation.statistic.column == HOUR:
        unit = MOVED
    return Reason(
        level=level,
        stage=stage,
        what=what,
        column=column,
        number=deviation.number,
        threshold=deviation.threshold,
        unit=unit,
        next_step=step,
        baseline=column_reasons.beside(deviation),
        likely_cause=likely,
        check=deviation.statistic.check,
    )
