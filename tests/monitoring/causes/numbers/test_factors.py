"""Factors: how large one is, how sure that is, and which ones between units it may be."""

import numpy as np

from shared.monitoring.causes.numbers import factors
from shared.monitoring.causes.numbers.factors import Factor, OwnValues
from shared.profiles.counting_plan import NumberPlan


def planned(values: np.ndarray) -> NumberPlan:
    edges = np.quantile(values, np.linspace(0, 1, 65))
    ends = edges[0] - np.ptp(edges), edges[-1] + np.ptp(edges)
    found = tuple(map(float, (ends[0], *edges, ends[1])))
    return NumberPlan(name="size", edges=found, centre=0.0, scale=1.0, values=None)


def test_a_factor_is_found_whatever_the_number_is_measured_in() -> None:
    rng = np.random.default_rng(0)
    history, window = rng.lognormal(3, 0.5, 5_000), rng.lognormal(3, 0.5, 1_000)
    plan = planned(history)
    bins = np.searchsorted(plan.edges, history, side="right")
    own = OwnValues(plan, np.bincount(bins, minlength=plan.width))
    assert np.isclose(own.middle, np.median(history), rtol=0.02)
    for factor in (1e-6, 0.3048, 1.0, 1_000.0):
        values = factor * window

        def unlikely(tried: np.ndarray, values: np.ndarray = values) -> np.ndarray:
            return own(values[:, None] / tried) + 2 * np.log(tried)

        found = factors.estimate(values, own.middle, unlikely)
        assert found is not None
        assert abs(np.log(found.value / factor)) < 3 * found.error < 0.3


def test_a_factor_may_be_each_one_that_its_error_reaches() -> None:
    assert list(Factor(0.305, 0.01).known.values()) == ["metres instead of feet: x · 0.3048"]
    assert list(Factor(0.305, 0.04).known) == [0.3048, 1 / 3.6]
    # What is half as much again need be no other unit.
    assert Factor(1.55, 0.12).known == Factor(1.3, 0.01).known == {}


def test_between_what_a_factor_is_matters_where_it_may_be_another_one() -> None:
    assert Factor(1.609, 0.01).between is None
    found = Factor(1.55, 0.04).between
    assert found is not None
    assert np.round(found, 3).tolist() == [1.431, 1.679]
    # A point that is set elsewhere is likelier than any other size.
    assert Factor(1_050.0, 0.1).between is None


def test_what_wanders_is_in_no_other_unit_where_it_may_have_gone_as_far() -> None:
    kilometres = 1 / 1.609344
    assert list(Factor(kilometres, 0.01).known) == [kilometres]
    assert Factor(kilometres, 0.01, wander=0.1).known == {}
    assert Factor(1.609, 0.01, wander=0.03).between is not None


def test_sizes_wander_as_far_as_ranks_of_ordinary_spans_did() -> None:
    values = np.random.default_rng(0).normal(50, 10, 20_000)
    plan = planned(values)
    bins = np.searchsorted(plan.edges, values, side="right")
    own = OwnValues(plan, np.bincount(bins, minlength=plan.width))
    # Values that are all a tenth larger.
    ranks = np.searchsorted(np.sort(values), 1.1 * values) / len(values)
    distance = float(np.abs(ranks - np.searchsorted(np.sort(values), values) / len(values)).mean())
    assert abs(own.wander(distance) - np.log(1.1) / factors.LARGEST) < 0.01
    assert own.wander(0.0) == 0.0
