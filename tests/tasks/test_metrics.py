import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peers

from shared.tasks import metrics

PEERS = {
    "roc_auc": peers.roc_auc_score,
    "average_precision": peers.average_precision_score,
    "log_loss": lambda y, p: peers.log_loss(y, p, labels=[0, 1]),
    "brier": peers.brier_score_loss,
}


def drawn(rows: int = 2_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    chance = rng.random(rows).round(2)
    return (rng.random(rows) < chance).astype(int), chance


@pytest.mark.parametrize("name", PEERS)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])),
        min_size=2,
        max_size=40,
    ).filter(lambda rows: len({truth for truth, _ in rows}) == 2)
)
def test_each_metric_agrees_with_scikit_learn_ties_and_certainties_included(name, rows):
    target, chance = (np.array(values, dtype=float) for values in zip(*rows, strict=True))
    assert metrics.score(target, chance)[name].value == pytest.approx(PEERS[name](target, chance))


def test_calibration_error_is_the_mean_gap_over_bins():
    target = np.array([0, 1] * 50)
    assert metrics.score(target, np.full(100, 0.5))["calibration_error"].value == pytest.approx(0)
    assert metrics.score(target, np.full(100, 0.8))["calibration_error"].value == pytest.approx(0.3)


def test_the_bootstrap_interval_of_a_mean_has_the_width_that_theory_gives():
    target, chance = drawn(5_000)
    brier = metrics.score(target, chance)["brier"]
    error = np.std((target - chance) ** 2) / np.sqrt(len(target))
    assert brier.high - brier.low == pytest.approx(2 * 1.96 * error, rel=0.2)
    assert brier.low < brier.value < brier.high


def test_the_same_seed_gives_the_same_interval():
    assert metrics.score(*drawn(), seed=3) == metrics.score(*drawn(), seed=3)
    assert metrics.score(*drawn(), seed=3) != metrics.score(*drawn(), seed=4)


def test_a_paired_difference_is_narrower_than_its_parts():
    target, chance = drawn()
    worse = np.clip(chance + np.random.default_rng(1).normal(0, 0.02, len(chance)), 0.001, 0.999)
    apart = metrics.difference(target, chance, worse)["roc_auc"]
    alone = metrics.score(target, chance)["roc_auc"]
    assert apart.high - apart.low < (alone.high - alone.low) / 3


def test_blocks_of_resamples_give_what_one_block_gives(monkeypatch: pytest.MonkeyPatch):
    whole = metrics.score(*drawn(500))
    monkeypatch.setattr(metrics, "_WEIGHTS_AT_ONCE", 700)
    parts = metrics.score(*drawn(500))
    for name, score in whole.items():
        assert vars(parts[name]) == pytest.approx(vars(score))


def test_what_is_not_defined_is_nan_and_never_a_crash():
    one_class = metrics.score(np.zeros(10), np.full(10, 0.5))
    assert np.isnan(one_class["roc_auc"].value)
    assert one_class["brier"].value == 0.25
    assert np.isnan(metrics.score(np.array([]), np.array([]))["log_loss"].value)


def test_calibration_bins_hold_all_rows_once():
    target, chance = drawn(1_003)
    bins = metrics.calibration(target, chance)
    assert sum(b["rows"] for b in bins) == 1_003
    assert [b["predicted"] for b in bins] == sorted(b["predicted"] for b in bins)
