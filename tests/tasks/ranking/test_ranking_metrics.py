"""Metrics of slates beside a plain slow reference, and beside scikit-learn's NDCG."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from shared.kinds import METRICS
from shared.tasks import metrics
from shared.tasks.ranking.ranking_metrics import measure

OF_SLATES = ("ndcg", "map", "mrr", "hit_rate", "recall")


def rows(seed: int, slates: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return clicks, and chances with user, slate and item, of slates of one to nine rows."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 10, slates)
    slate = np.repeat(np.arange(slates), sizes)
    user = rng.integers(0, 12, slates)[slate]
    item = np.concatenate([rng.permutation(15)[:size] for size in sizes])
    target = (rng.random(len(slate)) < 0.3).astype("float64")
    order = rng.permutation(len(slate))
    measured = np.column_stack([rng.random(len(slate)), user, slate, item])
    return target[order], measured[order]


def plainly(target: np.ndarray, measured: np.ndarray, top: int) -> dict[str, float]:
    """Return each metric of slates and of exposure, slate by slate, as a person would reckon it."""
    slates = defaultdict(list)
    for clicked, (chance, _, slate, item) in zip(target, measured, strict=True):
        slates[slate].append((-chance, clicked, item))
    found = defaultdict(list)
    shown: list[float] = []
    for each in slates.values():
        order = sorted(each)
        shown += [item for _, _, item in order[:top]]
        clicks = [clicked for _, clicked, _ in order]
        total, first = sum(clicks), clicks[:top]
        if not total:
            continue
        best = sorted(clicks, reverse=True)[:top]
        gain = sum(c / math.log2(at + 2) for at, c in enumerate(first))
        found["ndcg"].append(gain / sum(c / math.log2(at + 2) for at, c in enumerate(best)))
        precisions = [sum(first[: at + 1]) / (at + 1) for at, c in enumerate(first) if c]
        found["map"].append(sum(precisions) / min(total, top))
        ranks = [1 / (at + 1) for at, c in enumerate(first) if c]
        found["mrr"].append(max(ranks, default=0.0))
        found["hit_rate"].append(float(any(first)))
        found["recall"].append(sum(first) / total)
    seen = Counter(measured[:, 3])
    exposed = [Counter(shown)[item] for item in seen]
    apart = sum(abs(one - other) for one in exposed for other in exposed)
    surprise = [-math.log2(seen[item] / len(target)) for item in shown]
    return {
        **{name: float(np.mean(values)) for name, values in found.items()},
        "item_coverage": len({*shown}) / len(seen),
        "exposure_gini": apart / (2 * len(exposed) * sum(exposed)),
        "novelty": float(np.mean(surprise)),
    }


@pytest.mark.parametrize("top", [1, 3, 20])
@pytest.mark.parametrize("seed", range(5))
def test_metrics_are_those_of_a_plain_reference(seed: int, top: int) -> None:
    target, measured = rows(seed)
    found = measure(target, measured, np.ones((1, len(target))), top=top)
    assert tuple(found) == METRICS["ranking"]
    expected = plainly(target, measured, top)
    assert {name: found[name][0] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_ndcg_is_scikit_learns() -> None:
    rng = np.random.default_rng(3)
    clicks, chances = rng.random((30, 8)) < 0.3, rng.random((30, 8))
    clicks[:, 0] = True
    slate, item = np.repeat(np.arange(30), 8), np.tile(np.arange(8), 30)
    measured = np.column_stack([chances.ravel(), slate, slate, item])
    found = measure(clicks.ravel().astype("float64"), measured, np.ones((1, 240)), top=4)
    assert found["ndcg"][0] == pytest.approx(ndcg_score(clicks, chances, k=4), abs=1e-12)


def test_a_weighting_counts_users_as_often_as_it_drew_them() -> None:
    target, measured = rows(7)
    drawn = np.random.default_rng(0).integers(0, 3, 12)
    weights = drawn[measured[:, 1].astype(int)].astype("float64")
    found = measure(target, measured, weights[None], top=3)
    copies = [measured[:, 1] == user for user in range(12) for _ in range(drawn[user])]
    rest = [measured[at] + [0, 0, 1_000 * copy, 0] for copy, at in enumerate(copies)]
    again = np.concatenate([target[at] for at in copies]), np.concatenate(rest)
    expected = plainly(*again, 3)
    # The catalogue, and how often rows have each item, are those of all rows.
    for name in OF_SLATES:
        assert found[name][0] == pytest.approx(expected[name], abs=1e-12)


def test_intervals_are_as_wide_as_users_differ_and_not_their_rows() -> None:
    # Every visit of a user is like the others: 20 users tell as much as 20 rows do.
    rng = np.random.default_rng(0)
    lucky = rng.random(20) < 0.5
    user, slate = np.repeat(np.arange(20), 100), np.repeat(np.arange(1_000), 2)
    first = np.tile([True, False], 1_000)
    target = (first == lucky[user]).astype("float64")
    measured = np.column_stack([np.where(first, 0.9, 0.1), user, slate, np.arange(2_000) % 2])

    def scored(target: np.ndarray, given: np.ndarray, weights: np.ndarray, held: np.ndarray):
        return measure(target, given, weights, held, top=1)

    found = metrics.score(scored, target, measured)["hit_rate"]
    exact = lucky.mean()
    assert found.value == pytest.approx(exact)
    assert found.error == pytest.approx(np.sqrt(exact * (1 - exact) / 20), rel=0.25)


def test_rows_without_a_slate_are_judged_one_by_one_alone() -> None:
    target, measured = rows(2)
    measured[:, 2] = np.nan
    found = measure(target, measured, np.ones((3, len(target))), top=3)
    assert np.isnan(found["ndcg"]).all()
    assert np.isnan(found["exposure_gini"]).all()
    assert not np.isnan(found["log_loss"]).any()


def test_nothing_is_defined_of_no_rows() -> None:
    found = measure(np.empty(0), np.empty((0, 4)), np.ones((1, 0)), top=3)
    assert np.isnan([values[0] for values in found.values()]).all()


def test_of_chances_that_are_alike_the_first_in_the_table_has_no_advantage() -> None:
    slate = np.repeat(np.arange(2_000), 2)
    target = np.tile([1.0, 0.0], 2_000)
    measured = np.column_stack([np.full(4_000, 0.5), slate, slate, target])
    found = measure(target, measured, np.ones((1, 4_000)), top=1)
    assert found["hit_rate"][0] == pytest.approx(0.5, abs=0.04)
