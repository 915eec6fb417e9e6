"""Sums by cluster are the same however rows stand, and the row counts with them."""

import numpy as np
import pytest

from shared.policies.clusters import Clusters


@pytest.mark.parametrize("codes", [[0, 0, 1, 3, 3], [3, 0, 3, 1, 0], [2, 2, 2], [4, 0]])
def test_sums_are_those_of_each_clusters_rows(codes: list[int]) -> None:
    found, values = Clusters(np.array(codes)), np.arange(len(codes)) + 0.5
    there = sorted(set(codes))
    sums = [values[np.array(codes) == code].sum() for code in there]
    assert found.count == len(there)
    assert found.sums(values)[found.rows > 0].tolist() == sums
    assert found.rows[found.rows > 0].tolist() == [codes.count(code) for code in there]


def test_of_no_rows_there_is_no_cluster() -> None:
    found = Clusters(np.array([], "int64"))
    assert (found.count, found.sums(np.array([])).tolist()) == (0, [])


def test_the_order_of_rows_does_not_matter() -> None:
    random = np.random.default_rng(0)
    codes, values = np.sort(random.integers(0, 50, 2_000)), random.random(2_000)
    order = random.permutation(2_000)
    one, other = Clusters(codes), Clusters(codes[order])
    assert one.sums(values) == pytest.approx(other.sums(values[order]), rel=1e-12)
    assert one.rows.tolist() == other.rows.tolist()
