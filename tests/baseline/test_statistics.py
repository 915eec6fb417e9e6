"""Statistics: what is measured is what the textbooks call so, at any size."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from shared.baseline import statistics
from shared.baseline.statistics import Statistic
from shared.profiles import planning
from shared.profiles.counter import Counter
from shared.schema import arrow
from tests.profiles.contracts import contract
from tests.profiles.rows import PLAN, history


def measured(now: pd.DataFrame) -> dict[Statistic, float]:
    counter = Counter(PLAN)
    counts = [counter.count(arrow.table(frame)).counts for frame in (now, history())]
    return {s: float(v) for s, v in statistics.measure(*counts, PLAN).items()}


def test_alike_tables_have_no_statistic_but_what_rounding_leaves() -> None:
    assert max(measured(history()).values()) < 0.02


def test_the_rank_distance_is_the_first_wasserstein_distance_of_ranks() -> None:
    rng = np.random.default_rng(1)
    bins, once = rng.dirichlet(np.ones(64)), np.full(64, 1 / 64)
    middles = (np.arange(64) + 0.5) / 64
    exact = stats.wasserstein_distance(middles, middles, bins, once)
    assert statistics.rank_distance(bins, once) == pytest.approx(exact, abs=2e-3)


def test_the_total_variation_is_half_the_summed_differences() -> None:
    found = statistics.total_variation(np.array([0.5, 0.5, 0.0]), np.array([0.2, 0.3, 0.5]))
    assert found == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("change", "check", "column", "number"),
    [
        ({"x": np.nan}, "missing", "x", 1.0),
        ({"x": "a lot"}, "unreadable", "x", 1.0),
        ({"x": 1e12}, "new", "x", 1.0),
        ({"x": -4e6}, "range", "x", 1.0),
        ({"y": 8.5}, "range", "y", 1.0),
        ({"colour": "blue"}, "new", "colour", 1.0),
        ({"x": 0.25}, "spike", "x", 1.0),
        ({"x": 0.25}, "lead", "x", 1.0),
        ({"y": 2.5}, "unseen", "y", 1.0),
    ],
)
def test_a_change_of_all_rows_is_told_by_its_check(change, check, column, number) -> None:
    found = measured(history().assign(**change))
    assert found[Statistic(check, column)] == pytest.approx(number, abs=0.1)


@pytest.mark.parametrize(
    ("now", "before", "number"),
    [
        ([0.5, 0.1, 0.2, 0.2], [0.1, 0.1, 0.2, 0.2, 0.4], 0.0),
        ([0.5, 0.1, 0.1, 0.2, 0.1], [0.2, 0.2, 0.2, 0.2, 0.2], 0.3),
        # In another season several values come more often.
        ([0.5, 0.4, 0.1, 0.0, 0.0], [0.2, 0.2, 0.2, 0.2, 0.2], 0.1),
        ([0.1, 0.1, 0.2, 0.3, 0.3], [0.2, 0.2, 0.2, 0.2, 0.2], 0.0),
    ],
)
def test_a_lead_is_what_one_value_has_gained_more_than_the_next(now, before, number) -> None:
    wide = [np.pad(np.array(each), (0, 5 - len(each))) for each in (now, before)]
    assert statistics.lead(*wide) == pytest.approx(number)


@pytest.mark.parametrize(
    ("heat", "power", "share", "is_far"),
    [
        ((5, 15), lambda heat: 50 - 2 * heat, 0.1, False),
        ((30, 34), lambda heat: 50 - 2 * heat, 0.1, False),
        ((30, 34), lambda heat: 11 + 0 * heat, 0.1, False),
        ((5, 15), lambda heat: 50 + 0 * heat, 0.1, True),
        ((30, 34), lambda heat: 50 + 0 * heat, 0.1, True),
        # Where it is no single day, nobody knows what is to be expected.
        ((30, 34), lambda heat: 11 + 0 * heat, 1.0, True),
    ],
)
def test_a_straight_line_may_go_on_beyond_history_or_end_with_it(
    heat, power, share, is_far
) -> None:
    rng, rows = np.random.default_rng(0), 2_000
    cold = rng.uniform(0, 20, rows)
    usual = 50 - 2 * cold + rng.normal(0, 1, rows)
    hot, odd = rng.uniform(*heat, rows), np.arange(rows) < share * rows
    now = _powered(
        np.where(odd, hot, cold), np.where(odd, power(hot) + rng.normal(0, 1, rows), usual)
    )
    once = _powered(cold, usual)
    plan = planning.plan_counting(once, contract({"heat": "number", "power": "number"}))
    counts = [Counter(plan).count(table).counts for table in (now, once)]
    far = statistics.measure(*counts, plan)[Statistic("linear dependence", "power")]
    assert (far > 1.5) == is_far
    assert far < 0.5 or is_far


def _powered(heat: np.ndarray, power: np.ndarray) -> pa.Table:
    at = pd.date_range("2024-01-01", periods=len(heat), freq="h", tz="UTC")
    return arrow.table(
        pd.DataFrame({"id": range(len(heat)), "at": at, "heat": heat, "power": power})
    )
