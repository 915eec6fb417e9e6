"""Gram matrices: exact sums of products, and what linear prediction by them leaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.profiles import gram
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.gram import STEPS, GramLayout, precision, relative_residuals
from tests.profiles.rows import PLAN


@given(
    scores=st.lists(st.integers(-512, 512), min_size=2, max_size=40),
    cut=st.integers(1, 39),
)
def test_products_are_summed_exactly_by_group(scores: list[int], cut: int) -> None:
    rows = np.stack([np.full(len(scores), STEPS), scores, np.sign(scores) * STEPS])
    starts = np.array([0, min(cut, len(scores))])
    found = gram.sums_of_products(rows.astype("float32"), starts)
    first, second = np.split(rows, [starts[1]], axis=1)
    assert found.tolist() == [(first @ first.T).tolist(), (second @ second.T).tolist()]


def test_many_rows_are_summed_as_exactly_as_few() -> None:
    rng = np.random.default_rng(0)
    for farthest in (64, 512):
        rows = rng.integers(-farthest, farthest + 1, (4, 20_000))
        found = gram.sums_of_products(rows.astype("float32"), np.array([0]))
        assert (found[0] == rows @ rows.T).all()
    # More than float32 adds up exactly.
    far = np.full((2, 20_000), 511)
    found = gram.sums_of_products(far.astype("float32"), np.array([0]))
    assert (found[0] == far @ far.T).all()


def test_what_a_column_leaves_over_is_the_residual_of_least_squares() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=4_000)
    y = 0.8 * x + 0.6 * rng.normal(size=4_000)
    rows = np.round(64 * np.stack([np.ones(4_000), x, y]))
    products = (rows @ rows.T).astype("int64")
    slope, intercept = np.polyfit(x, y, 1)
    moved = np.round(64 * np.stack([np.ones(4_000), x, y + 3]))
    found = relative_residuals(moved @ moved.T, precision(products), {"y": slice(2, 3)})
    residuals = y - slope * x - intercept
    exact = np.mean((residuals + 3) ** 2) / np.mean(residuals**2)
    assert found[0] == pytest.approx(exact, rel=0.02)


def test_the_precision_is_the_inverse_of_the_covariance() -> None:
    rng = np.random.default_rng(3)
    rows = np.round(
        STEPS
        * np.stack(
            [np.ones(9_000), *rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 9_000).T]
        )
    )
    found = precision(rows @ rows.T)[1:, 1:]
    assert found == pytest.approx(np.linalg.inv(np.cov(rows[1:] / STEPS)), rel=0.02)


def test_a_column_that_is_left_out_is_as_far_as_ever_and_no_other_depends_on_it() -> None:
    x = np.random.default_rng(4).normal(size=4_000)
    rows = np.round(STEPS * np.stack([np.ones(4_000), x, x]))
    groups = {"x": slice(1, 2), "y": slice(2, 3)}
    alone = gram.without_columns(rows @ rows.T, groups, {"x"})
    assert precision(alone)[1, 2] == 0
    assert relative_residuals(alone, precision(alone), groups) == pytest.approx(1, abs=0.01)


def test_standard_scores_are_whole_steps_within_limits_and_nothing_is_in_the_middle() -> None:
    plan = NumberPlan(name="x", edges=(), centre=10.0, scale=2.0, values=None)
    found = gram.standard_scores(np.array([10.0, 12.0, 11.001, np.nan, 1e300, -np.inf]), plan)
    assert found.tolist() == [0, STEPS, STEPS / 2, 0, 8 * STEPS, -8 * STEPS]
    with np.errstate(all="raise"):
        assert gram.standard_scores(np.array([-1e308]), plan).tolist() == [-8 * STEPS]


def test_hours_of_the_day_are_waves_and_an_unknown_moment_is_nowhere() -> None:
    six, noon = 6 * 3_600.0, 36 * 3_600.0
    found = gram.hour_waves(np.array([0.0, six, noon, np.nan]))
    assert found.T.tolist() == [
        [0, STEPS, 0, STEPS],
        [STEPS, 0, 0, -STEPS],
        [0, -STEPS, 0, STEPS],
        [0, 0, 0, 0],
    ]


def test_every_column_has_features_of_its_own_and_the_hour_the_last() -> None:
    layout = GramLayout(PLAN)
    taken = [at for group in layout.groups.values() for at in range(group.start, group.stop)]
    assert taken == list(range(1, layout.size))
    assert list(layout.groups)[-1] == gram.HOUR


def test_residuals_in_groups_are_those_of_their_gram_matrices() -> None:
    rng = np.random.default_rng(5)
    rows = np.round(STEPS * np.stack([np.ones(9_010), *rng.normal(size=(5, 9_010))]))
    inverse, groups = precision(rows @ rows.T), {"a": slice(1, 2), "b": slice(2, 6)}
    starts = np.arange(0, 9_010, 20)
    grams = gram.sums_of_products(rows.astype("float32"), starts)
    found = gram.residuals_in_groups(rows.astype("float32"), inverse, groups, 20)
    assert found == pytest.approx(relative_residuals(grams, inverse, groups), rel=1e-9)


def test_what_is_left_by_held_columns_is_the_residual_of_rows_with_these() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=2_000)
    once = np.round(
        64 * np.stack([np.ones(2_000), x, x + rng.normal(size=2_000), rng.normal(size=2_000)])
    )
    inverse, pairs = precision(once @ once.T), {"one": slice(1, 2), "two": slice(2, 4)}
    came = once.copy()
    came[1:, :700] += 200
    held = np.minimum(came, 100)
    sums = came @ came.T, held @ held.T, came @ held.T
    for name, at in pairs.items():
        mixed = held.copy()
        mixed[at] = came[at]
        exact = relative_residuals(mixed @ mixed.T, inverse, pairs)[list(pairs).index(name)]
        assert gram.residuals_by_held(*sums, inverse, at) == pytest.approx(exact)
