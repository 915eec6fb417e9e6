"""What is held against a threshold: of each column, how far a profile is from another one.

Every statistic is 0 where the two are alike, and grows with how unlike they are. All are computed
for many profiles at once, along the leading axes of their counts.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from shared.baseline.clock_gains import clock_gains
from shared.profiles import dependence, gram, unseen_names
from shared.profiles.counting_plan import CategoryPlan, CountingPlan, NumberPlan
from shared.profiles.counts import LOST, Counts
from shared.profiles.gram import HOUR, GramLayout

Check = Literal[
    "missing",
    "unreadable",
    "new",
    "range",
    "unseen",
    "values",
    "spike",
    "lead",
    "fewer",
    "distance",
    "linear dependence",
    "dependence",
    "clock",
    "volume",
    "silence",
]
# Those that are shares of rows; what chance makes of the others shrinks with the root of the rows.
SHARES = ("missing", "unreadable", "new", "range", "unseen")


# A value that more of the rows had before may well be nearly all of them for a while.
RARE = 0.25
# A day of a week may be beyond all of history; where more values are, that is no odd day.
FEW_BEYOND = 0.15


class Statistic(NamedTuple):
    """A check of a column."""

    check: Check
    column: str


def measure(
    now: Counts,
    before: Counts,
    plan: CountingPlan,
    inverse: np.ndarray | None = None,
) -> dict[Statistic, np.ndarray]:
    """Measure how far counts are from others, along their leading axes.

    `inverse` is the precision matrix of the columns' features before, computed from `before` when
    it is not given.

    - missing, unreadable: by how much the share of such rows has changed, or grown.
    - new: the share of values in a category that was not there before, or far out of the range.
    - range: the share of values of a number below or above all that were there before.
    - unseen: of a number with few distinct values, the share of others within their range.
    - values: of a number with many, the total variation distance of how often exact ones come.
    - spike: the largest share that one value has gained, though history had none of it.
    - lead: of a number of which no value was frequent, by how much more one value has gained than
      the next. What moves with the season moves several; what is stuck has one value.
    - fewer: the effect size (Cohen's w) of what one category has lost: by so much fewer of the rows
      have it, divided by the root of its share. 0.1 is called small, 0.3 medium, 0.5 large (Cohen,
      Statistical Power Analysis for the Behavioral Sciences, 1988, section 7.2).
    - distance: for numbers the mean difference of the two distribution functions, over the values
      of `before` (the first Wasserstein distance between ranks: 0 to 0.5); for categories, and the
      hour of the day, the total variation distance (0 to 1).
    - linear dependence: how many times as far as before a column is from what the others predict,
      less 1. Where others are beyond all of history, a straight line may go on, or have ended: the
      less counts.
    - dependence: how little is left of a column's dependence on the others, in any form, as a
      logarithm (0 to 4), where it was counted.
    - clock: how much likelier a row is with the time so many whole hours earlier or later, by the
      hours at which rows came and by the columns that depend on them: a logarithm, never negative.
    """
    found: dict[Statistic, np.ndarray] = {}
    for column in plan.columns:
        if isinstance(column, NumberPlan):
            checks = _number_checks(column, now, before)
        else:
            checks = _category_checks(column, now, before)
        found |= {Statistic(check, column.name): number for check, number in checks.items()}
    hours = shares(now[f"bins {HOUR}"]), shares(before[f"bins {HOUR}"])
    found[Statistic("distance", HOUR)] = total_variation(*hours)
    groups = GramLayout(plan).groups
    inverse = gram.precision(before["gram"]) if inverse is None else inverse
    far = gram.relative_residuals(now["gram"], inverse, groups)
    if "held gram" in now and _few_are_beyond(found, now):
        sums = now["gram"], now["held gram"], now["own gram"]
        held = [gram.residuals_by_held(*sums, inverse, at) for at in groups.values()]
        far = np.minimum(far, held)
    over = np.sqrt(np.maximum(far, 1)) - 1
    found |= {Statistic("linear dependence", name): over[..., at] for at, name in enumerate(groups)}
    turned_back = clock_gains(now, before, plan, inverse)
    found[Statistic("clock", HOUR)] = np.maximum(turned_back.most(), 0)
    return found | lost_dependence(now, before, plan)


def _few_are_beyond(found: Mapping[Statistic, np.ndarray], now: Counts) -> bool:
    """Say whether numbers are beyond all of history in some rows, and of no column in many."""
    shares_beyond = [share for statistic, share in found.items() if statistic.check == "range"]
    some = not np.array_equal(now["held gram"], now["gram"])
    return some and bool(max(shares_beyond, default=0.0) <= FEW_BEYOND)


def lost_dependence(now: Counts, before: Counts, plan: CountingPlan) -> dict[Statistic, np.ndarray]:
    """Measure how little is left of columns' dependences on others, where it was counted."""
    found = {}
    for dependent in plan.dependences:
        if (named := dependence.count_name(dependent.column)) in now:
            known = dependence.dependence_model(before[named], dependent)
            found[Statistic("dependence", dependent.column)] = dependence.loss(now[named], known)
    return found


def shares(counts: np.ndarray) -> np.ndarray:
    """Return counts as shares of their sum over the last axis; zeros where there are none."""
    return counts / _total(counts)[..., None]


def rank_distance(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return the mean difference of two distribution functions, weighted by the second."""
    gap = bins - once
    middle = np.cumsum(gap, axis=-1) - gap / 2
    known = bins.sum(axis=-1) > 0
    # Rounding brings it no farther than it can be.
    return np.where(known, np.minimum((np.abs(middle) * once).sum(axis=-1), 0.5), 0)


def total_variation(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return half the summed differences of two sets of shares, from 0 (alike) to 1 (disjoint).

    See Gibbs and Su (2002), On choosing and bounding probability metrics, section 2.
    """
    known = (bins.sum(axis=-1) > 0) & (once.sum(axis=-1) > 0)
    return np.where(known, np.minimum(np.abs(bins - once).sum(axis=-1) / 2, 1), 0)


def largest_gain(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return the most that one share has grown, of shares of shape (..., bins); never negative."""
    return (bins - once).max(axis=-1, initial=0)


def lead(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return by how much the most that one share has grown is more than any other has.

    Shares have the shape (..., bins). It is 0 where one of them was no longer rare before.
    """
    gained = np.sort(np.maximum(bins - once, 0), axis=-1)
    return np.where(once.max(axis=-1) < RARE, gained[..., -1] - gained[..., -2], 0)


def largest_loss(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return the largest effect size of one share's loss, over shares of shape (..., bins)."""
    less = (once - bins) / np.sqrt(np.maximum(once, 1e-9))
    return np.where(bins.sum(axis=-1) > 0, np.maximum(less.max(axis=-1), 0), 0)


def _number_checks(column: NumberPlan, now: Counts, before: Counts) -> dict[Check, np.ndarray]:
    name = column.name
    lost = _growth_of_lost(name, now, before)
    bins, once = shares(now[f"bins {name}"]), shares(before[f"bins {name}"])
    exact, exact_once = shares(now[f"exact {name}"]), shares(before[f"exact {name}"])
    unseen = now[f"unseen {name}"][..., 0] / _total(now[f"bins {name}"])
    few = column.values is not None
    return {
        "missing": np.abs(lost[..., LOST.index("missing")]),
        "unreadable": np.maximum(lost[..., LOST.index("unreadable")], 0),
        "new": bins[..., 0] + bins[..., -1],
        "range": bins.sum(axis=-1) - bins[..., 2:-2].sum(axis=-1),
        **({"unseen": unseen} if few else {"values": total_variation(exact, exact_once)}),
        "spike": largest_gain(exact, exact_once),
        "lead": lead(exact, exact_once),
        "distance": rank_distance(bins, once),
    }


def _category_checks(column: CategoryPlan, now: Counts, before: Counts) -> dict[Check, np.ndarray]:
    name = column.name
    bins, once = shares(now[f"bins {name}"]), shares(before[f"bins {name}"])
    spike = largest_gain(bins[..., :-1], once[..., :-1])
    if (unseen := unseen_names.count_name(name)) in now:
        spike = np.maximum(spike, now[unseen][..., 0] / np.maximum(now[unseen][..., 1], 1))
    return {
        "missing": np.abs(_growth_of_lost(name, now, before)[..., LOST.index("missing")]),
        "new": np.where(once == 0, bins, 0).sum(axis=-1),
        "spike": spike,
        "fewer": largest_loss(bins, once),
        "distance": total_variation(bins, once),
    }


def _growth_of_lost(name: str, now: Counts, before: Counts) -> np.ndarray:
    """Return by how much the share of each kind of lost value has grown; (..., kinds)."""
    return _per_row(now[f"lost {name}"], now["rows"]) - _per_row(
        before[f"lost {name}"], before["rows"]
    )


def _total(counts: np.ndarray) -> np.ndarray:
    return np.maximum(counts.sum(axis=-1), 1)


def _per_row(counts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return counts / np.maximum(rows, 1)[..., None]
