"""Off-policy evaluation: what another policy would have been worth, from the log of this one.

Inverse propensity scores (IPS; Horvitz and Thompson, 1952), self-normalised ones (SNIPS;
Swaminathan and Joachims, The self-normalized estimator for counterfactual learning, 2015) and the
doubly robust estimate (Dudík, Langford, Li, Doubly robust policy evaluation and learning, 2011).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from shared.errors import Refusal
from shared.policies.clusters import Clusters
from shared.policies.policy_log import PolicyLog
from shared.policies.support import NORMAL_95, Support, ratio, weight_support
from shared.policies.weights import position_weights, slate_weights


class Estimate(NamedTuple):
    """A value (outcomes a shown position) with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class OffPolicyValue:
    """What a target policy would be worth: no estimates where the log cannot tell, and why.

    `logged` is what the log's own policy was worth. A value times `positions`, the rows of a slate,
    is that of a slate. `unknown` rows have no outcome yet and are left out.
    """

    logged: Estimate
    estimates: tuple[Estimate, ...]
    unsupported: str | None
    support: Support
    positions: float
    unknown: int


def off_policy_value(
    log: PolicyLog, given_above: bool = True, clip: float | None = None
) -> OffPolicyValue:
    """Return what the target policy would be worth by IPS, SNIPS and, with a model, doubly robust.

    With `given_above` chances are given what is shown above and multiply down a slate; without it
    each position stands for itself. Weights above `clip` count as that many: less variance, and an
    unknown bias, which the estimates' names say.

    Intervals are by the delta method over clusters (SNIPS with both of its sums), on Wilson's scale
    for shares, and never narrower than those of as many rows as the effective sample size: where
    large weights have seen no click yet, resampling sees no variance (compare Korn and Graubard,
    Confidence intervals for proportions with small expected number of positive counts, 1998).
    Raises `Refusal` when a value is not what it must be.
    """
    rows = _weighted_rows(log, given_above, clip)
    support = rows.support
    unsupported = support.unsupported()
    return OffPolicyValue(
        logged=rows.logged(),
        estimates=() if unsupported else tuple(rows.estimates()),
        unsupported=unsupported,
        support=support,
        positions=len(log.outcome) / rows.slates,
        unknown=len(log.outcome) - len(rows.outcome),
    )


def value_difference(own: PolicyLog, other: PolicyLog) -> Estimate:
    """Return what a target policy is worth less another, by SNIPS of the same rows.

    The interval is made of those of both values and of how their errors go together (Zou and
    Donner, Construction of confidence limits about effect measures: a general approach, 2008), so
    that it counts unseen clicks as these do. Raises `Refusal` as `off_policy_value` does.
    """
    sides = [_weighted_rows(log, given_above=True, clip=None) for log in (own, other)]
    (mine, my_off), (theirs, their_off) = (rows.snips() for rows in sides)
    spread = float(np.sqrt((my_off @ my_off) * (their_off @ their_off)))
    together = float(my_off @ their_off) / spread if spread else 0.0

    def reach(up: float, down: float) -> float:
        return float(np.sqrt(max(up**2 + down**2 - 2 * together * up * down, 0)))

    value = mine.value - theirs.value
    low = value - reach(mine.value - mine.low, theirs.high - theirs.value)
    high = value + reach(mine.high - mine.value, theirs.value - theirs.low)
    return Estimate("SNIPS", value, low, high)


def _weighted_rows(log: PolicyLog, given_above: bool, clip: float | None) -> "_WeightedRows":
    if clip is not None and not clip > 0:
        raise Refusal(f"weights are clipped at a number above 0, not {clip:g}")
    weights = position_weights(log.target, log.propensity)
    above = None
    if given_above:
        weights, above = slate_weights(weights, log.slate, log.position)
    return _WeightedRows(log, weights, above, clip)


class _WeightedRows:
    """The rows whose outcomes are known, their weights, and their sums by cluster."""

    def __init__(
        self,
        log: PolicyLog,
        weights: np.ndarray,
        above: np.ndarray | None,
        clip: float | None,
    ) -> None:
        known = _known(log.outcome)

        def of_known(values: np.ndarray) -> np.ndarray:
            return values if known is None else values[known]

        self.outcome = of_known(log.outcome)
        _check_shares("outcome", self.outcome)
        self.clusters = Clusters(of_known(log.cluster))
        self.slates = (self.clusters if log.slate is log.cluster else Clusters(log.slate)).count
        self.weights, self.above = of_known(weights), None if above is None else of_known(above)
        self.clipped = self.weights if clip is None else np.minimum(self.weights, clip)
        self.suffix = "" if clip is None else f", weights clipped at {clip:g}"
        self.models = None
        if log.predicted is not None and log.expected is not None:
            self.models = of_known(log.predicted), of_known(log.expected)
        self.support = weight_support(self.weights, self.clipped, self.clusters)

    @cached_property
    def rewards(self) -> np.ndarray:
        return np.asarray(self.clipped * self.outcome)

    @cached_property
    def reward_sums(self) -> np.ndarray:
        return self.clusters.sums(self.rewards)

    @cached_property
    def weight_sums(self) -> np.ndarray:
        return self.clusters.sums(self.clipped)

    def logged(self) -> Estimate:
        found = ratio(self.clusters.sums(self.outcome), self.clusters.rows)
        return _estimate("logged", *found, len(self.outcome))

    def estimates(self) -> Iterator[Estimate]:
        yield self.ips()
        yield self.snips()[0]
        if self.models:
            yield self.doubly_robust(*self.models)

    def ips(self) -> Estimate:
        # Were the click rate the same everywhere, an error would be that of so many rows.
        rows = self.support.effective_rows * len(self.outcome) / float(self.weight_sums.sum())
        return _estimate(f"IPS{self.suffix}", *ratio(self.reward_sums, self.clusters.rows), rows)

    def snips(self) -> tuple[Estimate, np.ndarray]:
        """Return the self-normalised estimate, and how far each cluster is off it."""
        value, error = ratio(self.reward_sums, self.weight_sums)
        found = _estimate(f"SNIPS{self.suffix}", value, error, self.support.effective_rows)
        return found, self.reward_sums - value * self.weight_sums

    def doubly_robust(self, predicted: np.ndarray, expected: np.ndarray) -> Estimate:
        _check_shares("predicted outcome", predicted)
        _check_shares("expected outcome", expected)
        foretold = self.clipped * predicted
        # What clicks would vary by were the model right, also where none was seen.
        spread = float(foretold @ self.clipped - foretold @ foretold) / len(foretold) ** 2
        # In the same place: memory that is new takes longer than to subtract.
        each = np.subtract(self.rewards, foretold, out=foretold)
        each += expected if self.above is None else self.above * expected
        value, error = ratio(self.clusters.sums(each), self.clusters.rows)
        is_share = 0 < value < 1 and spread > 0
        rows = value * (1 - value) / spread if is_share else self.support.effective_rows
        return _estimate(f"doubly robust{self.suffix}", value, error, rows)


def _estimate(name: str, value: float, error: float, effective: float) -> Estimate:
    """Return a share with Wilson's interval of as many rows as have the standard error.

    They are at most `effective`.
    """
    inside = min(max(value, 0.0), 1.0)
    rows = min(effective, inside * (1 - inside) / error**2) if error else effective
    if inside in {0.0, 1.0}:
        rows = effective
    spread = NORMAL_95**2 / rows
    middle = (inside + spread / 2) / (1 + spread)
    reach = np.sqrt(spread * inside * (1 - inside) + spread**2 / 4) / (1 + spread)
    return Estimate(name, value, float(middle - reach), float(middle + reach))


def _known(outcome: np.ndarray) -> np.ndarray | None:
    """Return which rows have an outcome; None where all have one."""
    known = ~np.isnan(outcome)
    if not known.any():
        raise Refusal(f"none of {len(known):,} rows has an outcome: nothing can be estimated yet")
    return None if known.all() else known


def _check_shares(name: str, values: np.ndarray) -> None:
    if values.min() >= 0 and values.max() <= 1:
        return
    if np.isnan(values).any():
        raise Refusal("a predicted or expected outcome is missing: give both for every row")
    row = int(((values < 0) | (values > 1)).argmax())
    raise Refusal(f"each {name} is from 0 to 1 (a click is 1): row {row} has {values[row]:g}")
