"""Rows that come again: their keys, all of them, or their features side by side or from history."""

from typing import Literal, NamedTuple

import numpy as np

from shared.baseline.known_rows import FEWEST
from shared.baseline.noise import share_noise
from shared.monitoring.case import Case

# Of a smaller share of repeated rows nobody has to know.
REPEATED = 0.01
# Features may be alike by chance: by so much more of them than ever before, it is none.
MORE = 0.1
# Where features repeat more often than not, that is what these rows are like.
COMMON = 0.5


class Repeat(NamedTuple):
    """The share of a window's rows that repeat something, where that is more than the threshold.

    `features` are those of another row of the window, `history` those of a row that the model was
    trained or judged on.
    """

    of: Literal["key", "row", "features", "history"]
    share: float
    threshold: float


def find(case: Case, by_policy: bool = False) -> Repeat | None:
    """Return what repeats, the most certain first; None where it is as usual.

    Rows that lack a feature's column are alike in more than history's were: their keys alone count.
    Where slates are chosen `by_policy`, who comes again is shown what is best for them again: that
    features repeat is its doing.
    """
    profile, baseline = case.profile, case.baseline
    found = [Repeat("key", profile.keys.repeated, REPEATED)]
    if profile.kinds.keys() >= {*case.bundle.contract.features}:
        found.append(Repeat("row", profile.rows.repeated, REPEATED + 2 * baseline.repeated))
        if not by_policy:
            found += filter(None, (_of_history(case), _side_by_side(case)))
    return next((repeat for repeat in found if repeat.share > repeat.threshold), None)


def _of_history(case: Case) -> Repeat | None:
    known = case.baseline.known_rows
    if known is None or known.returning > COMMON or _is_in_history(case):
        return None
    looked_at, had = known.seen(case.profile.timeless)
    if looked_at < FEWEST:
        return None
    return Repeat(
        "history", had / looked_at, _threshold(known.returning, known.later, looked_at, case)
    )


def _side_by_side(case: Case) -> Repeat | None:
    known, rows = case.baseline.known_rows, case.profile.size
    if known is None or rows < FEWEST:
        return None
    expected, timeless = known.usually_repeated(rows), case.profile.timeless
    if expected is None or expected > COMMON:
        return None
    threshold = _threshold(expected, known.rows, timeless.rows, case)
    return Repeat("features", timeless.repeated, threshold)


def _threshold(expected: float, counted: int, rows: int, case: Case) -> float:
    """Return what a share of so many rows may be that was so much of those counted."""
    chance = share_noise(expected, counted, np.array(rows), case.baseline.chance)
    return expected + MORE + max(0.0, float(chance))


def _is_in_history(case: Case) -> bool:
    """Tell whether a window is one of the history itself, of which all rows are known."""
    start, until = case.start, case.baseline.until
    return bool(start and until and start.timestamp() <= until)
