"""Support: a log that cannot tell of a policy says why."""

import numpy as np
import pytest

from shared.policies.clusters import Clusters
from shared.policies.support import ratio, weight_support


def said(weights: np.ndarray, clip: float = np.inf) -> str | None:
    rows = np.arange(len(weights))
    return weight_support(weights, np.minimum(weights, clip), Clusters(rows)).unsupported()


def test_weights_about_one_can_tell() -> None:
    assert said(np.tile([0.5, 1.5], 100)) is None


def test_few_effective_rows_unsupported() -> None:
    assert said(np.array([1.0] * 900 + [300.0])) == (
        "cannot tell: 901 rows count as 15.8 under the target policy, and 100 are needed; one "
        "row has 25% of all weight"
    )


def test_a_policy_that_shows_other_things_than_the_log_cannot_be_told_of() -> None:
    assert said(np.tile([0.5, 0.3], 500)) == (
        "cannot tell: the log shows 40% of what the target policy would show (95 % interval 39% to "
        "41%), and 90% are needed"
    )
    assert said(np.zeros(500)) == (
        "cannot tell: the target policy would have shown nothing of what the log shows"
    )


def test_weights_well_above_one_are_no_weights() -> None:
    assert said(np.tile([2.0, 1.0], 500)) == (
        "cannot tell: the weights' mean is 1.50 (95 % interval 1.47 to 1.53) and not 1: a "
        "propensity or a target is not the chance it is said to be"
    )


def test_clipping_most_of_the_weight_away_unsupported() -> None:
    assert said(np.tile([0.2, 0.2, 0.2, 3.4], 500), clip=1) == (
        "cannot tell: clipping leaves 40% of all weight, and 90% are needed: clip at more"
    )


def test_the_largest_weights_and_their_share_are_kept() -> None:
    support = weight_support(np.arange(8.0), np.arange(8.0), Clusters(np.arange(8)))
    assert support.largest == (7, 6, 5, 4, 3)
    assert support.largest_share == 0.25


@pytest.mark.parametrize("rows", [3, 5_000, 20_000])
def test_the_largest_of_many_are_found_whatever_stands_beside_them(rows: int) -> None:
    # Of few values most are equal.
    for weights in np.random.default_rng(0).integers(0, 2_000, (20, rows)).astype("float64"):
        found = weight_support(weights, weights, Clusters(np.arange(rows)))
        assert found.largest == tuple(sorted(weights.tolist(), reverse=True)[:5])


def test_the_error_of_a_mean_is_that_of_its_rows_and_those_left_out_do_not_count() -> None:
    values = np.append(np.random.default_rng(0).normal(size=50), 0)
    rows = np.append(np.ones(50), 0)
    expected = values[:50].mean(), values[:50].std(ddof=1) / 50**0.5
    assert ratio(values, rows) == pytest.approx(expected)
