"""Off-policy evaluation: what another policy would have been worth, from the log of this one.

Inverse propensity scores (IPS; Horvitz and Thompson, 1952), self-normalised ones (SNIPS;
Swaminathan and Joachims, The self-normalized estimator for counterfactual learning, 2015) and the
doubly robust estimate (Dudík, Langford, Li, Doubly robust policy evaluation and learning, 2011).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shared.errors import Refusal
from shared.policies.policy_log import PolicyLog
from shared.policies.support import NORMAL_95, Support, cluster_error, weight_support
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
    _check_shares("outcome", log.outcome)
    if clip is not None and not clip > 0:
        raise Refusal(f"weights are clipped at a number above 0, not {clip:g}")
    weights = position_weights(log.target, log.propensity)
    above = np.ones(len(weights))
    if given_above:
        weights, above = slate_weights(weights, log.slate, log.position)
    known = ~np.isnan(log.outcome)
    if not known.any():
        raise Refusal(f"none of {len(known):,} rows has an outcome: nothing can be estimated yet")
    outcome, cluster, full = log.outcome[known], log.cluster[known], weights[known]
    clipped = full if clip is None else np.minimum(full, clip)
    support = weight_support(full, clipped, cluster)
    reason = support.unsupported()
    found: list[Estimate] = []
    if reason is None:
        found = [_ips(outcome, clipped, cluster), _snips(outcome, clipped, cluster)]
        if log.predicted is not None and log.expected is not None:
            predicted, expected = log.predicted[known], log.expected[known]
            _check_predicted(predicted, expected)
            found.append(_robust(outcome, clipped, predicted, above[known] * expected, cluster))
    return OffPolicyValue(
        logged=_snips(outcome, np.ones(len(outcome)), cluster)._replace(name="logged"),
        estimates=tuple(e._replace(name=_clipped_name(e.name, clip)) for e in found),
        unsupported=reason,
        support=support,
        positions=len(known) / int(np.count_nonzero(np.bincount(log.slate))),
        unknown=int(np.count_nonzero(~known)),
    )


def _ips(outcome: np.ndarray, weights: np.ndarray, cluster: np.ndarray) -> Estimate:
    each = weights * outcome
    value, rows = float(each.mean()), len(each)
    error = cluster_error((each - value) / rows, cluster)
    # Were the click rate the same everywhere, its error would be that of so many rows.
    effective = float(weights.sum()) * rows / float(np.square(weights).sum())
    return _estimate("IPS", value, error, effective)


def _snips(outcome: np.ndarray, weights: np.ndarray, cluster: np.ndarray) -> Estimate:
    total = float(weights.sum())
    value = float((weights * outcome).sum()) / total
    error = cluster_error(weights * (outcome - value) / total, cluster)
    return _estimate("SNIPS", value, error, total**2 / float(np.square(weights).sum()))


def _robust(
    outcome: np.ndarray,
    weights: np.ndarray,
    predicted: np.ndarray,
    direct: np.ndarray,
    cluster: np.ndarray,
) -> Estimate:
    each = direct + weights * (outcome - predicted)
    value, rows = float(each.mean()), len(each)
    error = cluster_error((each - value) / rows, cluster)
    # What clicks would vary by if the model were right, also where none was seen.
    squares = np.square(weights)
    spread = float((squares * predicted * (1 - predicted)).sum()) / rows**2
    effective = float(weights.sum()) ** 2 / float(squares.sum())
    if 0 < value < 1 and spread > 0:
        effective = value * (1 - value) / spread
    return _estimate("doubly robust", value, error, effective)


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


def _clipped_name(name: str, clip: float | None) -> str:
    return name if clip is None else f"{name}, weights clipped at {clip:g}"


def _check_shares(name: str, values: np.ndarray) -> None:
    odd = (values < 0) | (values > 1)
    if odd.any():
        row = int(odd.argmax())
        raise Refusal(f"each {name} is from 0 to 1 (a click is 1): row {row} has {values[row]:g}")


def _check_predicted(predicted: np.ndarray, expected: np.ndarray) -> None:
    _check_shares("predicted outcome", predicted)
    _check_shares("expected outcome", expected)
    if np.isnan(predicted).any() or np.isnan(expected).any():
        raise Refusal("a predicted or expected outcome is missing: give both for every row")
