"""Metrics of numbers: as scikit-learn computes them with weights; NaN where not defined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peers

from shared.kinds import INTERVAL_METRICS, METRICS
from shared.tasks.regression.regression_metrics import measure


def correlation(target: np.ndarray, prediction: np.ndarray, sample_weight: object) -> float:
    covariances = np.cov(target, prediction, aweights=sample_weight, ddof=0)
    return float(covariances[0, 1] / np.sqrt(covariances[0, 0] * covariances[1, 1]))


PEERS = {
    "mae": peers.mean_absolute_error,
    "rmse": peers.root_mean_squared_error,
    "median_absolute_error": peers.median_absolute_error,
    "r2": peers.r2_score,
    "mape": peers.mean_absolute_percentage_error,
}
NUMBERS = st.floats(-100, 100) | st.sampled_from([-3.0, 0.0, 1.0, 2.0])
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(0, 4)), min_size=3, max_size=40)
Row = tuple[float, float, int]


def columns(rows: list[Row]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return targets of one sign, whole so that they vary or are one, predictions and weights."""
    target, prediction, weight = (np.array(v, dtype=float) for v in zip(*rows, strict=True))
    weight[0] = weight[1] = 1
    return np.round(np.abs(target)) + 1, prediction, weight


@pytest.mark.parametrize("name", PEERS)
@given(rows=ROWS)
def test_each_metric_agrees_with_scikit_learn(name: str, rows: list[Row]) -> None:
    target, prediction, weight = columns(rows)
    found = measure(target, prediction, np.stack([np.ones(len(rows)), weight]))[name]
    expected = [PEERS[name](target, prediction, sample_weight=w) for w in (None, weight)]
    if name == "r2":
        for at, kept in enumerate([target, target[weight > 0]]):
            expected[at] = np.nan if len(np.unique(kept)) == 1 else expected[at]
    if name == "mape" and np.isnan(found).all():
        assert target.min() <= 1e-3 * np.median(target)
        return
    assert found == pytest.approx(expected, nan_ok=True)


@given(rows=ROWS)
def test_a_row_of_weight_three_is_three_rows(rows: list[Row]) -> None:
    target, prediction, weight = columns(rows)
    times = weight.astype(int)
    repeated = np.repeat(target, times), np.repeat(prediction, times)
    each = measure(*repeated, np.ones((1, times.sum())))
    for name, found in measure(target, prediction, weight[None], weight).items():
        if name != "mape":
            assert found == pytest.approx(each[name], nan_ok=True)


@given(rows=ROWS, coverage=st.sampled_from([0.5, 0.8, 0.9]))
def test_intervals_are_measured_as_scikit_learn_measures_two_quantiles(
    rows: list[Row], coverage: float
) -> None:
    target, low, weight = columns(rows)
    high, tail = low + 3, (1 - coverage) / 2
    found = measure(target, np.stack([low + 1, low, high], axis=1), weight[None], coverage=coverage)
    losses = [
        peers.mean_pinball_loss(target, end, sample_weight=weight, alpha=alpha)
        for end, alpha in ((low, tail), (high, 1 - tail))
    ]
    assert found["pinball_loss"] == pytest.approx([np.mean(losses)])
    inside = (low <= target) & (target <= high)
    assert found["coverage"] == pytest.approx([np.average(inside, weights=weight)])


@given(rows=ROWS)
def test_the_correlation_is_that_of_weighted_covariances(rows: list[Row]) -> None:
    target, prediction, weight = columns(rows)
    prediction[:2] = [0, 50]
    target[:2] = [50, 1]
    weights = np.stack([np.ones(len(rows)), weight])
    found = measure(target, prediction, weights)["correlation"]
    assert found == pytest.approx([correlation(target, prediction, one) for one in weights])


def test_what_does_not_vary_has_no_correlation() -> None:
    alike, varied, weights = np.full(3, 0.1), np.array([1.0, 2.0, 4.0]), np.ones((1, 3))
    assert np.isnan(measure(varied, alike, weights)["correlation"])
    assert np.isnan(measure(alike, varied, weights)["correlation"])
    assert measure(varied, -varied, weights)["correlation"] == pytest.approx([-1])


def test_the_mean_error_has_no_sign_so_that_less_of_it_is_better() -> None:
    target, weights = np.array([1.0, 2.0, 3.0]), np.ones((1, 3))
    assert measure(target, target - 2, weights)["mean_error"] == [2]
    assert measure(target, target + 2, weights)["mean_error"] == [2]


@pytest.mark.parametrize("target", [[1, 2, 0], [1, 2, -1], [1, 2, 1e-9]])
def test_a_target_at_zero_or_of_both_signs_has_no_percentage_error(target: list[float]) -> None:
    found = measure(np.array(target, dtype=float), np.ones(3), np.ones((1, 3)))
    assert np.isnan(found["mape"]).all()
    assert not np.isnan(found["mae"]).any()


def test_predictions_without_intervals_have_no_metrics_of_them() -> None:
    target, weights = np.array([1.0, 2.0]), np.ones((2, 2))
    for measured in (target, np.stack([target] * 3, axis=1)):
        assert not INTERVAL_METRICS & measure(target, measured, weights).keys()
    found = measure(target, target, weights, coverage=0.9)
    assert np.isnan([found[name] for name in INTERVAL_METRICS]).all()


def test_a_target_that_is_one_number_has_no_r_squared() -> None:
    found = measure(np.full(3, 0.1), np.array([0.1, 0.2, 0.3]), np.ones((1, 3)))
    assert np.isnan(found["r2"]).all()


def test_a_missing_prediction_leaves_nothing_to_measure() -> None:
    found = measure(np.array([1.0, 2.0]), np.array([1.0, np.nan]), np.ones((3, 2)), coverage=0.9)
    assert [*found] == [*METRICS["regression"]]
    assert np.isnan([*found.values()]).all()
    nothing = measure(np.empty(0), np.empty(0), np.ones((1, 0)))
    assert np.isnan([*nothing.values()]).all()


@pytest.mark.parametrize("decimals", [0, 9])
def test_the_median_of_many_rows_is_that_of_all_wherever_weights_put_it(decimals: int) -> None:
    random = np.random.default_rng(2)
    error = np.round(random.standard_t(3, 3_000), decimals)
    even = random.poisson(1.0, (4, len(error))).astype("float64")
    lopsided = even * (np.abs(error) > 2)
    for weights in (even, np.vstack([even, lopsided])):
        found = measure(np.ones(len(error)), 1 + error, weights)["median_absolute_error"]
        for each, weight in zip(found, weights, strict=True):
            of_rows = np.abs(1 + error - 1).repeat(weight.astype(int))
            assert each == pytest.approx(np.median(of_rows), abs=1e-12)
