"""What few rows prove: nearly all of them are wrong in a way that history hardly ever was.

Shares and distances of few rows say little. That all values are missing, equal, new or beyond all
of history is told by an exact test, as far as ordinary spans of history never came near to it.
"""

import numpy as np

from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.statistics import Check, Statistic
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.monitoring.input_checks.repeats import Repeat
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.counts import LOST, Counts

FEWEST = 5
# So large a share of the rows is wrong, or of them repeats others.
MOST: dict[Check, float] = {"missing": 0.5, "new": 0.8, "range": 0.8, "spike": 0.0}
REPEATED = 0.4
# Of fewer rows some may be alike: those of one event.
FEWEST_ALIKE = 20
# A window that is shorter than such a part of the shortest span of history is like none of them.
SHORTEST = 0.5


def proven(detector: DriftDetector, counts: Counts, hours: float) -> tuple[Deviation, ...]:
    """Return the deviations that a window of few rows proves, the farthest first."""
    spans = detector.baseline.spans
    if counts["rows"] < FEWEST or (spans and hours < SHORTEST * spans[0].hours):
        return ()
    found = []
    for statistic, deviation in detector.measure(counts, hours).items():
        if statistic.check not in MOST or statistic.column in detector.baseline.plan.watched:
            continue
        alone = statistic.check == "spike"
        # Of one value alone chance is known exactly.
        one = detector.without_chance(deviation, hours) if alone else deviation
        if one.beyond and one.number >= MOST[statistic.check]:
            found += [one] if _is_no_chance(statistic, detector, counts) else []
    return tuple(sorted(found, key=lambda deviation: -deviation.excess))


def proven_repeats(found: Repeat | None, baseline: BaselineProfile, rows: int) -> Repeat | None:
    """Return the keys or rows that repeat others, if they are many of the few."""
    if found is None or found.of not in ("key", "row") or rows < FEWEST:
        return None
    known = baseline.known_rows
    expected = (known and known.usually_repeated(rows)) or 0.0
    if found.of == "row" and (rows < FEWEST_ALIKE or found.share < REPEATED + expected):
        return None
    return found if found.share >= REPEATED else None


def _is_no_chance(statistic: Statistic, detector: DriftDetector, counts: Counts) -> bool:
    """Say whether so many of the rows would be wrong by chance less often than is allowed."""
    from scipy import special

    rows, wrong, share = _wrong(statistic, detector.history, counts, detector)
    by_chance = special.bdtrc(wrong - 1, rows, share) if rows >= FEWEST else 1.0
    return bool(by_chance <= detector.baseline.chance)


def _wrong(
    statistic: Statistic, before: Counts, now: Counts, detector: DriftDetector
) -> tuple[int, int, float]:
    """Return how many rows a check looks at, how many are wrong, and history's share of these."""
    check, name = statistic
    bins, number = now[f"bins {name}"], isinstance(detector.baseline.plan[name], NumberPlan)
    if check == "missing":
        at, counted = LOST.index("missing"), int(before["rows"])
        once = (before[f"lost {name}"][at] + 0.5) / (counted + 1)
        return int(now["rows"]), int(now[f"lost {name}"][at]), float(once)
    rows, counted = int(bins.sum()), int(before[f"bins {name}"].sum())
    if check == "spike":
        kind = "exact" if number else "bins"
        counts = now[f"{kind} {name}"] if number else bins[:-1]
        at = int(np.argmax(counts))
        once = (before[f"{kind} {name}"][at] + 0.5) / (counted + 1)
        # One value alone is the whole of it; fewer are for more rows to tell.
        return rows if counts[at] == rows else 0, int(counts[at]), float(once)
    if check == "range":
        return rows, int(bins.sum() - bins[2:-2].sum()), 2 / (counted + 1)
    if number:
        return rows, int(bins[0] + bins[-1]), 0.5 / (counted + 1)
    # As many rows bring a new name as names came once (Good, The population frequencies of species,
    # 1953).
    had = before[f"bins {name}"]
    return rows, int(bins[had == 0].sum()), float((had == 1).sum() + 0.5) / (counted + 1)
