"""Scores: metrics of answers with bootstrap intervals, by the formulas of a kind of answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from shared.kinds import Metric, higher_is_better, metric_range, metric_text

RESAMPLES = 200
CONFIDENCE = 0.95
NORMAL_95 = 1.96
# Metrics that resampled rows score worse than the rows that they are taken from.
BIASED: tuple[Metric, ...] = (
    *("calibration_error", "mean_error"),
    *("item_coverage", "exposure_gini"),
)
# So many weights are held at once: 32 MB.
_WEIGHTS_AT_ONCE = 4_000_000
# Of more rows than these, so many are resampled, in stretches, so that slates stay whole. There are
# more of them where a class would have fewer rows among them.
MOST_RESAMPLED, STRETCHES, FEWEST_OF_CLASS = 50_000, 10, 200
MOST_CLASSES = 50
# So many stay in a core's cache while several passes go over them.
WEIGHTS_IN_CACHE = 50_000

Weights = np.ndarray
"""How often each row counts in each resample: shape (resamples, rows)."""

Measured = Callable[[Weights], dict[Metric, np.ndarray]]
"""Gives each metric of some rows by weighting, shape (resamples,)."""

Places = np.ndarray | slice
"""Places of rows."""

Measure = Callable[[np.ndarray, np.ndarray, Weights, np.ndarray], dict[Metric, np.ndarray]]
"""Gives each metric by weighting, shape (resamples,), NaN where it is not defined.

It takes the target, shape (places,), the answers' scores, shape (places,) or (places, columns), the
weights, and how many rows each place holds, shape (places,).
"""


@dataclass(frozen=True)
class Score:
    """A metric on some rows, and the ends of its 95% bootstrap interval.

    The interval is between percentiles of what resampled rows score. Resampled, calibration is
    worse than it was, as chance adds to each bin's gap: there they are moved by that bias. Of very
    many rows a part is resampled: what they all vary by is less by the root of how many more.
    """

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error, by the width of the interval."""
        return (self.high - self.low) / (2 * NORMAL_95)

    @property
    def signed(self) -> str:
        """The score as a difference is written: with its sign."""
        return self._written("+")

    def __str__(self) -> str:
        return self._written("")

    def _written(self, sign: str) -> str:
        if np.isnan(self.value):
            return "not defined"
        if np.isnan(self.low):
            return "too few rows"
        value, *ends = (metric_text(each, 4, sign) for each in (self.value, self.low, self.high))
        return f"{value} [{', '.join(ends)}]"


def score(
    measure: Measure,
    target: np.ndarray,
    scores: np.ndarray,
    seed: int = 0,
    resamples: int = RESAMPLES,
    counts: np.ndarray | None = None,
) -> dict[Metric, Score]:
    """Score answers, shape (rows,) or (rows, columns), against a target, shape (rows,).

    Each row `counts` so much, shape (rows,); all alike where that is None. A metric that is not
    defined on the rows (ROC AUC of one class, anything of none) is NaN.
    """
    truth, given = _floats(target), _floats(scores)

    def measured(at: Places) -> Measured:
        held = np.ones(len(truth[at]))
        return lambda weights: measure(truth[at], given[at], _counted(weights, counts, at), held)

    return _bootstrap_rows(measured, truth, seed, resamples)


def standard_errors(
    measure: Measure,
    target: np.ndarray,
    scores: np.ndarray,
    resamples: int,
    seed: int = 0,
    most: int = MOST_RESAMPLED,
) -> dict[Metric, float]:
    """Return each metric's deviation over resamples of rows, which are as for `score`.

    It takes far fewer resamples than the ends of an interval do, and fewer rows: at `most` so many.
    """
    some = _stretches(len(target), most)
    truth, given = _floats(target[some]), _floats(scores[some])
    held, resample = np.ones(len(truth)), _row_resampling(len(truth), seed)
    found = _resampled(
        lambda weights: measure(truth, given, weights, held), len(truth), resample, resamples
    )
    known = {name: values[~np.isnan(values)] for name, values in found.items()}
    less = np.sqrt(len(truth) / max(len(target), 1))
    return {n: float(less * v.std(ddof=1)) if len(v) > 1 else np.nan for n, v in known.items()}


def score_counts(
    measure: Measure, target: np.ndarray, scores: np.ndarray, held: np.ndarray, seed: int = 0
) -> dict[Metric, Score]:
    """Score places that hold so many rows each: `held`, shape (places,).

    Counts need not be whole: expected ones give the scores that are to be expected.
    """
    there = held > 0
    truth, given, rows = target[there], scores[there], held[there].astype("float64")
    resample = _count_resampling(rows, seed)
    return _bootstrap(lambda weights: measure(truth, given, weights, rows), rows, resample)


def difference(
    measure: Measure,
    target: np.ndarray,
    scores: np.ndarray,
    other: np.ndarray,
    seed: int = 0,
    counts: np.ndarray | None = None,
    scored: tuple[Mapping[Metric, Score], Mapping[Metric, Score]] | None = None,
) -> dict[Metric, Score]:
    """Score some answers minus others of the same rows, each of which counts as for `score`.

    What each has been `scored` by itself is not measured again, where that is given.
    """
    truth, first, second = _floats(target), _floats(scores), _floats(other)
    whole: dict[Metric, np.ndarray] | None = None
    if scored:
        own, its = scored
        whole = {name: np.array([own[name].value - its[name].value]) for name in own}

    def measured(at: Places) -> Measured:
        held = np.ones(len(truth[at]))
        of_pair = _difference_of(measure, truth[at], (first[at], second[at]), held)
        return lambda weights: of_pair(_counted(weights, counts, at))

    return _bootstrap_rows(measured, truth, seed, least=-np.inf, whole=whole)


def difference_counts(
    measure: Measure,
    target: np.ndarray,
    pair: tuple[np.ndarray, np.ndarray],
    held: np.ndarray,
    seed: int = 0,
) -> dict[Metric, Score]:
    """Score the first of a pair of answers minus the second, at places of so many rows each."""
    rows = held.astype("float64")
    measured = _difference_of(measure, target, pair, rows)
    return _bootstrap(measured, rows, _count_resampling(rows, seed), least=-np.inf)


def gain(difference: Score, metric: Metric) -> tuple[float, float]:
    """Return the ends of a difference's interval, turned so that more is better."""
    sign = 1 if higher_is_better(metric) else -1
    low, high = sorted((sign * difference.low, sign * difference.high))
    return low, high


def _bootstrap_rows(
    measured: Callable[[Places], Measured],
    target: np.ndarray,
    seed: int,
    resamples: int = RESAMPLES,
    least: float = 0.0,
    whole: dict[Metric, np.ndarray] | None = None,
) -> dict[Metric, Score]:
    """Score rows by what measures those at some places, with intervals from resamples of them.

    `whole` is what that makes of all rows, where it is known.
    """
    rows = len(target)
    some = _stretches(rows, _most_resampled(target))
    held, resample = np.ones(len(some)), _row_resampling(len(some), seed)
    if len(some) == rows:
        return _bootstrap(measured(slice(None)), held, resample, resamples, least)
    of_some = measured(some)
    resampled = _resampled(of_some, len(some), resample, resamples)
    whole = whole or measured(slice(None))(np.ones((1, rows)))
    part = of_some(held[None])
    less = np.sqrt(len(some) / rows)
    moved = {name: whole[name] + less * (resampled[name] - part[name]) for name in whole}
    return _between(whole, moved, least)


def _bootstrap(
    measured: Measured,
    held: np.ndarray,
    resample: Callable[[int], Weights],
    resamples: int = RESAMPLES,
    least: float = 0.0,
) -> dict[Metric, Score]:
    """Score places that hold so many rows each, with intervals from resamples of the rows.

    No metric is below the `least`; a difference may be.
    """
    if not len(held):
        none = measured(np.ones((1, 0)))
        return {name: Score(np.nan, np.nan, np.nan) for name in none}
    resampled = _resampled(measured, len(held), resample, resamples)
    return _between(measured(held[None]), resampled, least)


def _most_resampled(target: np.ndarray) -> int:
    """Return how many rows are resampled, for the rarest class to be well among them."""
    classes, rows = np.unique(target, return_counts=True)
    if not 0 < len(classes) <= MOST_CLASSES:
        return MOST_RESAMPLED
    return max(MOST_RESAMPLED, round(FEWEST_OF_CLASS * len(target) / rows.min()))


def _stretches(rows: int, most: int) -> np.ndarray:
    """Return at most so many places of rows, in stretches that are evenly spread over them."""
    if rows <= most:
        return np.arange(rows)
    length = most // STRETCHES
    starts = np.linspace(0, rows - length, STRETCHES).astype(int)
    return (starts[:, None] + np.arange(length)).ravel()


def _resampled(
    measured: Measured,
    places: int,
    resample: Callable[[int], Weights],
    resamples: int,
) -> dict[Metric, np.ndarray]:
    """Measure each metric of so many resamples, shape (resamples,), as many at once as fit."""
    at_once = max(1, min(resamples, _WEIGHTS_AT_ONCE // places))
    blocks = [
        measured(resample(min(at_once, resamples - done))) for done in range(0, resamples, at_once)
    ]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _difference_of(
    measure: Measure, truth: np.ndarray, pair: tuple[np.ndarray, np.ndarray], held: np.ndarray
) -> Measured:
    def measured(weights: Weights) -> dict[Metric, np.ndarray]:
        first, second = (measure(truth, given, weights, held) for given in pair)
        return {name: first[name] - second[name] for name in first}

    return measured


def _counted(weights: Weights, counts: np.ndarray | None, at: Places) -> Weights:
    return weights if counts is None else weights * counts[at]


def _row_resampling(rows: int, seed: int) -> Callable[[int], Weights]:
    rng = np.random.default_rng(seed)

    def resample(count: int) -> Weights:
        sampled, few = np.empty((count, rows)), max(1, WEIGHTS_IN_CACHE // rows)
        for at in range(0, count, few):
            some = sampled[at : at + few]
            places = rng.integers(0, rows, some.shape) + rows * np.arange(len(some))[:, None]
            some.reshape(-1)[:] = np.bincount(places.ravel(), minlength=some.size)
        return sampled

    return resample


def _count_resampling(held: np.ndarray, seed: int) -> Callable[[int], Weights]:
    rng, rows = np.random.default_rng(seed), held.sum()
    return lambda count: rng.multinomial(round(rows), held / rows, count).astype("float64")


def _between(
    whole: dict[Metric, np.ndarray], of_resamples: dict[Metric, np.ndarray], least: float
) -> dict[Metric, Score]:
    tails, names = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], list(whole)
    resampled = np.stack([of_resamples[name] for name in names])
    known = ~np.isnan(resampled)
    always, ends = known.all(axis=1), np.full((2, len(names)), np.nan)
    ends[:, always] = np.quantile(resampled[always], tails, axis=1)
    for partly in np.flatnonzero(known.any(axis=1) & ~always):
        ends[:, partly] = np.quantile(resampled[partly, known[partly]], tails)
    scores: dict[Metric, Score] = {}
    for at, name in enumerate(names):
        value, (low, high) = float(whole[name][0]), ends[:, at]
        if name in BIASED and known[at].any():
            bias = resampled[at, known[at]].mean() - value
            most = metric_range(name)[1] if np.isfinite(least) else np.inf
            low, high = max(low - bias, least), min(high - bias, most)
        scores[name] = Score(value, float(low), float(high))
    return scores


def _floats(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype="float64")
