"""The metrics of impressions, for many weightings of the same rows at once.

Each slate is put in the order of its chances, once, and has its own value of each metric; a
weighting is of users, as slates of the same user are not independent of each other.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from shared.kinds import METRICS, Metric
from shared.policies.exposure import gini
from shared.tasks.binary import binary_metrics
from shared.tasks.metrics import Weights


def measure(
    target: np.ndarray,
    measured: np.ndarray,
    weights: Weights,
    held: np.ndarray | None = None,
    *,
    top: int,
    names: Collection[Metric] = METRICS["ranking"],
) -> dict[Metric, np.ndarray]:
    """Return each of the metrics by weighting: shape (resamples,), NaN where it is not defined.

    `target` is of zeros and ones, shape (rows,); `measured` has chances and the numbers of user,
    slate and item, shape (rows, 4). Metrics of slates look at the first `top` places, and are means
    over slates with a click: NDCG (Järvelin and Kekäläinen 2002), average precision over as many
    clicks as there is room for, the reciprocal rank of the first click, whether there is one, and
    the share of the clicks. Of chances that are alike, chance decides which is first.
    Coverage is the share of the rows' items that are among the first places of a slate, Gini's
    coefficient how unequally these fall on items, and novelty the mean of -log2 of how often rows
    have what stands there.
    """
    if not len(target):
        return {name: np.full(len(weights), np.nan) for name in names}
    chance, user, slate, item = measured.T
    by_user = _of_users(weights, user)
    of_chances = [name for name in names if name in METRICS["binary"]]
    found = binary_metrics.measure(target, chance, by_user, held, of_chances)
    if len(of_chances) == len(names):
        return found
    slates = _in_order(target, chance, slate, top)
    for name, values in _of_slates(slates, top).items():
        known = ~np.isnan(values)
        found[name] = _mean(values[known], by_user[:, slates.first[known]])
    found |= _exposure(item, slates, by_user)
    return {name: found[name] for name in names}


def _of_users(weights: Weights, user: np.ndarray) -> Weights:
    """Return weights by which a user's rows count alike: those of the first row of each.

    How often a row is counted is nearly Poisson's with a mean of 1, and nearly independent of
    others: that is a bootstrap of users (Owen and Eckles 2012). A weighting that leaves out all is
    of all.
    """
    _, first, places = np.unique(user, return_index=True, return_inverse=True, equal_nan=False)
    found = weights[:, first[places]]
    found[~found.any(axis=1)] = 1.0
    return found


@dataclass(frozen=True)
class _Slates:
    """Rows of slates: `rows` are their places, slate by slate, and `rank` counts from 0 in each.

    `starts` and `sizes` are where slates begin there, and how many rows each has; `first` is a row
    of each; `clicks` are those of the rows, and `shown` which of them are among the first places.
    """

    rows: np.ndarray
    rank: np.ndarray
    starts: np.ndarray
    first: np.ndarray
    clicks: np.ndarray
    shown: np.ndarray


def _in_order(target: np.ndarray, chance: np.ndarray, slate: np.ndarray, top: int) -> _Slates:
    any_order = np.random.default_rng(0).permutation(len(target))
    order = np.lexsort((any_order, -chance, slate))
    rows = order[~np.isnan(slate[order])]
    starts = np.flatnonzero(np.r_[True, np.diff(slate[rows]) > 0]) if len(rows) else rows
    sizes = np.diff(np.r_[starts, len(rows)])
    rank = np.arange(len(rows)) - np.repeat(starts, sizes)
    return _Slates(rows, rank, starts, rows[starts], target[rows], rank < top)


def _of_slates(slates: _Slates, top: int) -> dict[Metric, np.ndarray]:
    """Return what each slate has of each metric; NaN of one without a click."""
    if not len(slates.rows):
        return dict.fromkeys(("ndcg", "map", "mrr", "hit_rate", "recall"), np.empty(0))

    def total(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, slates.starts)

    clicks, hits = total(slates.clicks), slates.clicks * slates.shown
    caught = total(hits)
    gains = 1 / np.log2(np.arange(top) + 2)
    ideal = np.r_[0, np.cumsum(gains)]
    room = np.minimum(clicks, top).astype("int64")
    place = np.minimum(slates.rank, top - 1)
    # Clicks so far within the slate.
    before = np.cumsum(hits)
    size = np.diff(np.r_[slates.starts, len(slates.rows)])
    so_far = before - np.repeat((before - hits)[slates.starts], size)
    is_first = hits * (so_far == 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "ndcg": total(hits * gains[place]) / ideal[room],
            "map": total(hits * so_far / (slates.rank + 1)) / room,
            "mrr": np.where(clicks > 0, total(is_first / (slates.rank + 1)), np.nan),
            "hit_rate": np.where(clicks > 0, caught > 0, np.nan),
            "recall": caught / clicks,
        }


def _mean(values: np.ndarray, weights: Weights) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights * values).sum(axis=1) / weights.sum(axis=1))


def _exposure(item: np.ndarray, slates: _Slates, weights: Weights) -> dict[Metric, np.ndarray]:
    """Return the metrics of which items have the first places."""
    different, places, rows = np.unique(
        item[slates.rows], return_inverse=True, return_counts=True, equal_nan=False
    )
    held, most = places[slates.shown], len(different)
    if not most:
        names = ("item_coverage", "exposure_gini", "novelty")
        return dict.fromkeys(names, np.full(len(weights), np.nan))
    order = np.argsort(held, kind="stable")
    there, starts = np.unique(held[order], return_index=True)
    counted = weights[:, slates.rows[slates.shown][order]]
    exposed = np.zeros((len(weights), most))
    exposed[:, there] = np.add.reduceat(counted, starts, axis=1)
    surprise = -np.log2(rows / rows.sum())
    return {
        "item_coverage": (exposed > 0).mean(axis=1),
        "exposure_gini": gini(exposed),
        "novelty": _mean(surprise, exposed),
    }
