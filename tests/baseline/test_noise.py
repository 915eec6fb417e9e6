"""Noise: what chance makes of statistics is seldom more than is said."""

import numpy as np
import pytest
from scipy import stats

from shared.baseline import noise, statistics
from shared.profiles.counter import Counter
from shared.schema import arrow
from tests.profiles.rows import PLAN, history


def test_chance_is_seldom_beyond_its_noise() -> None:
    counter, table = Counter(PLAN), history()
    before = counter.count(arrow.table(table)).counts
    by_chance = noise.sampling_noise(before, PLAN, 1e-3, {})
    beyond = 0
    for seed in range(40):
        sampled = table.sample(200, replace=True, random_state=seed)
        found = statistics.measure(counter.count(arrow.table(sampled)).counts, before, PLAN)
        beyond += sum(found[s] > n.most / np.sqrt(200) for s, n in by_chance.items())
    assert beyond <= 3


@pytest.mark.parametrize("rows", [1, 30, 300, 5_000])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
@pytest.mark.parametrize("chance", [1e-2, 1e-4])
def test_a_share_passes_its_noise_with_at_most_the_chance(
    rows: int, share: float, chance: float
) -> None:
    most = share + noise.share_noise(share, 10_000, np.array(rows), chance)
    counted = stats.binom(rows, (share * 10_000 + 0.5) / 10_001)
    assert counted.sf(round(most * rows)) <= chance
    # One row less would be too few.
    assert most == 0 or counted.sf(round(most * rows) - 1) > chance


def test_a_column_without_values_has_no_noise() -> None:
    empty = Counter(PLAN).count(arrow.table(history().head(0))).counts
    found = noise.sampling_noise(empty, PLAN, 1e-3, {"x": 2.0})
    assert {n for s, n in found.items() if s.check != "linear dependence"} == {noise.Noise(0, 0)}
    linear = found[statistics.Statistic("linear dependence", "x")]
    assert linear.most == pytest.approx(stats.norm.isf(1e-3))
