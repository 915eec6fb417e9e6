"""What chance alone makes of statistics: how far rows sampled from a history are from it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from shared.baseline.statistics import (
    Statistic,
    largest_gain,
    largest_loss,
    lead,
    rank_distance,
    shares,
    total_variation,
)
from shared.profiles import dependence
from shared.profiles.counting_plan import CountingPlan, Dependence, NumberPlan
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR

SAMPLES, ROWS_PER_SAMPLE = 300, 1_000


class Noise(NamedTuple):
    """What chance alone makes of a statistic, times the root of the rows: on average, at most."""

    mean: float
    most: float


def sampling_noise(
    before: Counts, plan: CountingPlan, chance: float, spread: Mapping[str, float]
) -> dict[Statistic, Noise]:
    """Return what rows sampled at random from those counted before make of each statistic.

    The most is passed with about this `chance`. `spread` is the standard deviation, over rows, of
    each column's squared residual. Statistics that are shares of rows are not among them.
    """
    from scipy import special

    far, rng = -float(special.ndtri(chance)), np.random.default_rng(0)
    found = {
        Statistic("linear dependence", name): Noise(0, far * s / 2) for name, s in spread.items()
    }
    hours = before[f"bins {HOUR}"]
    found[Statistic("distance", HOUR)] = _sampled_noise(hours, total_variation, chance, rng)
    for dependent in plan.dependences:
        found[Statistic("dependence", dependent.column)] = _dependence_noise(
            before, dependent, chance, rng
        )
    for column in plan.columns:
        name, number = column.name, isinstance(column, NumberPlan)
        bins = before[f"bins {name}"]
        exact = before[f"exact {name}"] if number else bins
        apart = rank_distance if number else total_variation
        found[Statistic("distance", name)] = _sampled_noise(bins, apart, chance, rng)
        found[Statistic("spike", name)] = _sampled_noise(exact, largest_gain, chance, rng)
        if number:
            found[Statistic("lead", name)] = _sampled_noise(exact, lead, chance, rng)
        else:
            found[Statistic("fewer", name)] = _sampled_noise(bins, largest_loss, chance, rng)
        if isinstance(column, NumberPlan) and column.values is None:
            found[Statistic("values", name)] = _sampled_noise(exact, total_variation, chance, rng)
    return found


def share_noise(share: float, counted: int, rows: np.ndarray, chance: float) -> np.ndarray:
    """Return by how much a share of other rows passes the `share` of those counted, by chance.

    `rows` are how many the others are, which gives the result its shape.
    """
    from scipy import special

    rows, expected = np.maximum(rows, 1), (share * counted + 0.5) / (counted + 1)
    most = np.ceil(special.bdtrik(1 - chance, rows, expected))
    less = np.maximum(most - 1, 0)
    most = np.where(special.bdtrc(less, rows, expected) <= chance, less, most)
    return most / rows - share


def _dependence_noise(
    before: Counts, dependent: Dependence, chance: float, rng: np.random.Generator
) -> Noise:
    from scipy import special

    counted = before[dependence.count_name(dependent.column)]
    # The model was learnt from few rows as well: other ones would have made another.
    if not counted.sum():
        return Noise(0, 0)
    shares_of = counted / counted.sum()
    known = dependence.dependence_model(
        rng.multinomial(counted.sum(), shares_of, SAMPLES), dependent
    )
    left = dependence.share_left(rng.multinomial(ROWS_PER_SAMPLE, shares_of, SAMPLES), known)
    return Noise(0, -float(special.ndtri(chance)) * float(left.std()) * ROWS_PER_SAMPLE**0.5)


def _sampled_noise(
    counts: np.ndarray,
    measured: Callable[[np.ndarray, np.ndarray], np.ndarray],
    chance: float,
    rng: np.random.Generator,
) -> Noise:
    from scipy import special

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
