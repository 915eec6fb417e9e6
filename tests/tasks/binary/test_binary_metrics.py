"""Weighted metrics: as scikit-learn computes them with weights, ties and certainties included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peers

from shared.tasks.binary.binary_metrics import measure, roc_auc_error

PEERS = {
    "roc_auc": peers.roc_auc_score,
    "average_precision": peers.average_precision_score,
    "log_loss": lambda y, p, sample_weight: peers.log_loss(
        y, p, labels=[0, 1], sample_weight=sample_weight
    ),
    "brier": peers.brier_score_loss,
}
ROWS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.integers(1, 5)),
    min_size=2,
    max_size=40,
).filter(lambda rows: len({truth for truth, *_ in rows}) == 2)


@pytest.mark.parametrize("name", PEERS)
@given(rows=ROWS)
def test_each_metric_agrees_with_scikit_learn(
    name: str, rows: list[tuple[bool, float, int]]
) -> None:
    target, chance, weight = (np.array(values, dtype=float) for values in zip(*rows, strict=True))
    found = measure(target, chance, np.stack([np.ones(len(rows)), weight]))[name]
    expected = [PEERS[name](target, chance, sample_weight=w) for w in (None, weight)]
    assert found == pytest.approx(expected)


@given(rows=ROWS)
def test_a_row_of_weight_three_is_three_rows(rows: list[tuple[bool, float, int]]) -> None:
    target, chance, weight = (np.array(values, dtype=float) for values in zip(*rows, strict=True))
    times = weight.astype(int)
    repeated = np.repeat(target, times), np.repeat(chance, times)
    each = measure(*repeated, np.ones((1, times.sum())))
    for name, found in measure(target, chance, weight[None], weight).items():
        if name != "calibration_error":
            assert found == pytest.approx(each[name])


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "calibration_error"])
def test_resamples_score_to_the_last_bit_as_each_of_them_alone(name: str) -> None:
    rng = np.random.default_rng(0)
    chance, target = rng.integers(0, 700, 900) / 700, rng.integers(0, 2, 900).astype("float64")
    resamples = rng.multinomial(900, np.full(900, 1 / 900), 120).astype("float64")
    alone = [measure(target, chance, weights[None])[name][0] for weights in resamples]
    assert measure(target, chance, resamples)[name].tolist() == alone


def test_the_calibration_error_is_the_mean_gap_over_bins_of_equally_many_rows() -> None:
    target, chance = np.array([0.0, 1.0] * 50), np.repeat([0.5, 0.8], 50)
    found = measure(target, chance, np.ones((1, 100)))["calibration_error"]
    assert found == pytest.approx([0.5 * 0 + 0.5 * 0.3], abs=0.02)


def test_one_class_has_no_order_and_no_precision() -> None:
    found = measure(np.zeros(4), np.array([0.1, 0.2, 0.3, 0.4]), np.ones((1, 4)))
    assert np.isnan(found["roc_auc"]).all()
    assert np.isnan(found["average_precision"]).all()
    assert found["brier"] == pytest.approx([0.075])


def test_the_error_of_a_roc_auc_is_that_of_hanley_and_mcneil() -> None:
    # Without any order it is that of the Mann-Whitney test.
    assert roc_auc_error(0.5, 20, 30) == pytest.approx((51 / (12 * 600)) ** 0.5)
    assert roc_auc_error(0.7, 1, 800) == pytest.approx(0.294, abs=0.001)
    assert np.isnan(roc_auc_error(0.7, 0, 30))
