"""What is held against a threshold: of each column, how far a profile is from another one.

Every statistic is 0 where the two are alike, and grows with how unlike they are. All are computed
for many profiles at once, along the leading axes of their counts.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from shared.profiles import dependence, gram
from shared.profiles.counting_plan import CountingPlan, Dependence, NumberPlan
from shared.profiles.counts import LOST, Counts
from shared.profiles.gram import HOUR, GramLayout

Check = Literal[
    "missing",
    "unreadable",
    "new",
    "unseen",
    "values",
    "spike",
    "fewer",
    "distance",
    "linear dependence",
    "dependence",
    "volume",
    "silence",
]
# Those that are shares of rows; what chance makes of the others shrinks with the root of the rows.
SHARES = ("missing", "unreadable", "new", "unseen")
SAMPLES, ROWS_PER_SAMPLE = 300, 1_000


class Statistic(NamedTuple):
    """A check of a column."""

    check: Check
    column: str


class Noise(NamedTuple):
    """What chance alone makes of a statistic, times the root of the rows: on average, at most."""

    mean: float
    most: float


def measure(
    now: Counts,
    before: Counts,
    plan: CountingPlan,
    inverse: np.ndarray | None = None,
) -> dict[Statistic, np.ndarray]:
    """Measure how far counts are from others, along their leading axes.

    `inverse` is the precision matrix of what the columns told of each other before, computed from
    `before` when it is not given.

    - missing, unreadable: by how much the share of such rows has changed, or grown.
    - new: the share of values in a category that was not there before, or far out of the range.
    - unseen: of a number with few distinct values, the share of others within their range.
    - values: of a number with many, the total variation distance of how often exact ones come.
    - spike: the largest share that one value has gained.
    - fewer: the effect size (Cohen's w) of what one category has lost: by so much fewer of the rows
      have it, divided by the root of its share. 0.1 is called small, 0.3 medium, 0.5 large (Cohen,
      Statistical Power Analysis for the Behavioral Sciences, 1988, section 7.2).
    - distance: for numbers the mean difference of the two distribution functions, over the values
      of `before` (the first Wasserstein distance between ranks: 0 to 0.5); for categories, and the
      hour of the day, the total variation distance (0 to 1).
    - relation: by how many times its usual distance a column leaves what the others tell, less 1.
    - dependence: how little is left of a column's dependence on the others, in any form, as a
      logarithm (0 to 4), where it was counted.
    """
    found: dict[Statistic, np.ndarray] = {}
    for column in plan.columns:
        name = column.name
        lost = _per_row(now[f"lost {name}"], now["rows"]) - _per_row(
            before[f"lost {name}"], before["rows"]
        )
        found[Statistic("missing", name)] = np.abs(lost[..., LOST.index("missing")])
        bins, once = shares(now[f"bins {name}"]), shares(before[f"bins {name}"])
        if isinstance(column, NumberPlan):
            unreadable = np.maximum(lost[..., LOST.index("unreadable")], 0)
            exact, exact_once = shares(now[f"exact {name}"]), shares(before[f"exact {name}"])
            found[Statistic("unreadable", name)] = unreadable
            found[Statistic("new", name)] = bins[..., 0] + bins[..., -1]
            if column.values is None:
                found[Statistic("values", name)] = total_variation(exact, exact_once)
            else:
                unseen = now[f"unseen {name}"][..., 0]
                found[Statistic("unseen", name)] = unseen / _all(now[f"bins {name}"])
            found[Statistic("spike", name)] = _gain(exact, exact_once)
            found[Statistic("distance", name)] = rank_distance(bins, once)
        else:
            found[Statistic("new", name)] = np.where(once == 0, bins, 0).sum(axis=-1)
            found[Statistic("spike", name)] = _gain(bins, once)
            found[Statistic("fewer", name)] = _loss(bins, once)
            found[Statistic("distance", name)] = total_variation(bins, once)
    hours = shares(now[f"bins {HOUR}"]), shares(before[f"bins {HOUR}"])
    found[Statistic("distance", HOUR)] = total_variation(*hours)
    groups = GramLayout(plan).groups
    inverse = gram.precision(before["gram"]) if inverse is None else inverse
    over = np.sqrt(np.maximum(gram.left_over(now["gram"], inverse, groups), 1)) - 1
    found |= {Statistic("linear dependence", name): over[..., at] for at, name in enumerate(groups)}
    return found | lost_dependence(now, before, plan)


def lost_dependence(now: Counts, before: Counts, plan: CountingPlan) -> dict[Statistic, np.ndarray]:
    """Measure how little is left of columns' dependences on others, where it was counted."""
    found = {}
    for dependent in plan.dependences:
        if (named := dependence.named(dependent.column)) in now:
            known = dependence.dependence_model(before[named], dependent)
            found[Statistic("dependence", dependent.column)] = dependence.lost(now[named], known)
    return found


def noise(
    before: Counts, plan: CountingPlan, chance: float, spread: Mapping[str, float]
) -> dict[Statistic, Noise]:
    """Return what rows sampled at random from those counted before make of each statistic.

    The most is passed with about this `chance`. `spread` is the standard deviation, over rows, of
    each column's squared residual. Statistics that are shares of rows are not among them.
    """
    far, rng = -float(special.ndtri(chance)), np.random.default_rng(0)
    found = {
        Statistic("linear dependence", name): Noise(0, far * s / 2) for name, s in spread.items()
    }
    hours = before[f"bins {HOUR}"]
    found[Statistic("distance", HOUR)] = _sampled(hours, total_variation, chance, rng)
    for dependent in plan.dependences:
        found[Statistic("dependence", dependent.column)] = _sampled_dependence(
            before, dependent, chance, rng
        )
    for column in plan.columns:
        name, number = column.name, isinstance(column, NumberPlan)
        bins = before[f"bins {name}"]
        exact = before[f"exact {name}"] if number else bins
        apart = rank_distance if number else total_variation
        found[Statistic("distance", name)] = _sampled(bins, apart, chance, rng)
        found[Statistic("spike", name)] = _sampled(exact, _gain, chance, rng)
        if not number:
            found[Statistic("fewer", name)] = _sampled(bins, _loss, chance, rng)
        if isinstance(column, NumberPlan) and column.values is None:
            found[Statistic("values", name)] = _sampled(exact, total_variation, chance, rng)
    return found


def share_noise(share: float, counted: int, rows: np.ndarray, chance: float) -> np.ndarray:
    """Return by how much a share of so many rows passes what was counted, with this chance."""
    rows, expected = np.maximum(rows, 1), (share * counted + 0.5) / (counted + 1)
    most = np.ceil(special.bdtrik(1 - chance, rows, expected))
    less = np.maximum(most - 1, 0)
    most = np.where(special.bdtrc(less, rows, expected) <= chance, less, most)
    return most / rows - share


def shares(counts: np.ndarray) -> np.ndarray:
    """Return counts as shares of their sum over the last axis; zeros where there are none."""
    return counts / _all(counts)[..., None]


def rank_distance(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return the mean difference of two distribution functions, weighted by the second."""
    gap = bins - once
    middle = np.cumsum(gap, axis=-1) - gap / 2
    known = bins.sum(axis=-1) > 0
    return np.where(known, (np.abs(middle) * once).sum(axis=-1), 0)


def total_variation(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    """Return half the summed differences of two sets of shares, from 0 (alike) to 1 (disjoint).

    See Gibbs and Su (2002), On choosing and bounding probability metrics, section 2.
    """
    known = (bins.sum(axis=-1) > 0) & (once.sum(axis=-1) > 0)
    return np.where(known, np.abs(bins - once).sum(axis=-1) / 2, 0)


def _gain(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    return np.maximum((bins - once).max(axis=-1), 0)


def _loss(bins: np.ndarray, once: np.ndarray) -> np.ndarray:
    less = (once - bins) / np.sqrt(np.maximum(once, 1e-9))
    return np.where(bins.sum(axis=-1) > 0, np.maximum(less.max(axis=-1), 0), 0)


def _all(counts: np.ndarray) -> np.ndarray:
    return np.maximum(counts.sum(axis=-1), 1)


def _per_row(counts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return counts / np.maximum(rows, 1)[..., None]


def _sampled_dependence(
    before: Counts, dependent: Dependence, chance: float, rng: np.random.Generator
) -> Noise:
    counted = before[dependence.named(dependent.column)]
    # What leaves tell was learnt from few rows as well: other ones would have told it differently.
    if not counted.sum():
        return Noise(0, 0)
    shares_of = counted / counted.sum()
    known = dependence.dependence_model(
        rng.multinomial(counted.sum(), shares_of, SAMPLES), dependent
    )
    left = dependence.left(rng.multinomial(ROWS_PER_SAMPLE, shares_of, SAMPLES), known)
    return Noise(0, -float(special.ndtri(chance)) * float(left.std()) * ROWS_PER_SAMPLE**0.5)


def _sampled(
    counts: np.ndarray,
    measured: Callable[[np.ndarray, np.ndarray], np.ndarray],
    chance: float,
    rng: np.random.Generator,
) -> Noise:
    once = shares(counts.astype("float64"))
    if not once.sum():
        return Noise(0, 0)
    sampled = measured(shares(rng.multinomial(ROWS_PER_SAMPLE, once / once.sum(), SAMPLES)), once)
    mean, variance = float(sampled.mean()), float(sampled.var())
    if not variance:
        return Noise(0, 0)
    # Of few categories a distance is like the size of a normal number, of many like a gamma one.
    folded = -special.ndtri(chance / 2) * np.sqrt(mean**2 + variance)
    spread = special.gammainccinv(mean**2 / variance, chance) * variance / mean
    root = float(np.sqrt(ROWS_PER_SAMPLE))
    return Noise(root * mean, root * float(min(folded, spread)))
