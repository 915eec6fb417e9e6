"""The verdict on a window: `ok`, `watch` or `act`, for reasons that are put in order."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "watch", "act"]
State = Literal["judged", "no log", "empty", "other bundles", "too few rows"]
Stage = Literal["contract", "feed", "service", "inputs", "predictions", "outcomes", "quality"]

# Causes before what follows from them: a broken feed moves inputs, and these move predictions.
STAGES = ("contract", "feed", "service", "inputs", "predictions", "outcomes", "quality")
SERIOUS = ("act", "watch", "ok")


@dataclass(frozen=True)
class Reason:
    """One thing that passed its threshold.

    `what` names it in a few words, `column` the culprit where there is one, and `beside` the
    columns that have it in the same rows; `check` is the column's statistic. `number` and
    `threshold` are in `unit`, `usual` tells where the threshold comes from, `likely` what is
    probably behind it, and `next_step` what a person does about it.
    """

    level: Level
    stage: Stage
    what: str
    column: str | None
    number: float
    threshold: float
    unit: str
    next_step: str
    usual: str | None = None
    likely: str | None = None
    beside: tuple[str, ...] = ()
    check: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What to make of a window: the level, in words, why, and what to do next."""

    level: Level
    words: str
    reasons: tuple[Reason, ...]
    next_action: str


def reach(state: State, reasons: list[Reason]) -> Verdict:
    """Reach a verdict: as serious as its most serious reason, which stands first.

    Reasons of one level are ordered from cause to consequence, and else stay as they are given. A
    window that could not be judged is at least `watch`.
    """
    ranked = sorted(
        reasons,
        key=lambda r: (SERIOUS.index(r.level), STAGES.index(r.stage)),
    )
    words, step = WORDS[state]
    if ranked:
        more = f", and {len(ranked) - 1} more" if len(ranked) > 1 else ""
        words, step = ranked[0].what + more, ranked[0].next_step
    levels: list[Level] = [r.level for r in ranked] + ["ok" if state == "judged" else "watch"]
    return Verdict(min(levels, key=SERIOUS.index), words, tuple(ranked), step)


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
