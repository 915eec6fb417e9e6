"""Scores: their intervals are as wide as theory says, and counted rows score as single ones."""

from functools import partial

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    roc_auc_score,
)

from shared.tasks import metrics
from shared.tasks.binary.binary_counts import score_bins
from shared.tasks.binary.binary_diagnostics import calibration
from shared.tasks.binary.binary_metrics import measure
from shared.tasks.metrics import Score

score, difference = partial(metrics.score, measure), partial(metrics.difference, measure)


def sampled(rows: int = 2_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    chance = rng.random(rows).round(2)
    return (rng.random(rows) < chance).astype(int), chance


def test_calibration_error_is_the_mean_gap_over_bins():
    target = np.array([0, 1] * 50)
    assert score(target, np.full(100, 0.5))["calibration_error"].value == pytest.approx(0)
    assert score(target, np.full(100, 0.8))["calibration_error"].value == pytest.approx(0.3)


def test_the_bootstrap_interval_of_a_mean_has_the_width_that_theory_gives():
    target, chance = sampled(5_000)
    brier = score(target, chance)["brier"]
    error = np.std((target - chance) ** 2) / np.sqrt(len(target))
    assert brier.high - brier.low == pytest.approx(2 * 1.96 * error, rel=0.2)
    assert brier.low < brier.value < brier.high


def test_a_standard_error_is_that_of_a_mean_by_few_resamples():
    target, chance = sampled(2_000)
    surprise = -np.log(np.where(target, chance, 1 - chance))
    found = metrics.standard_errors(measure, target, chance, 200)["log_loss"]
    assert found == pytest.approx(surprise.std() / np.sqrt(2_000), rel=0.1)
    one_class = metrics.standard_errors(measure, np.zeros(10), np.full(10, 0.5), 20)
    assert np.isnan(one_class["roc_auc"])


@pytest.mark.parametrize("seed", range(3))
def test_of_many_rows_a_part_is_resampled_for_an_interval_as_wide(
    seed: int, monkeypatch: pytest.MonkeyPatch
):
    target, chance = sampled(20_000, seed)
    other = np.clip(chance + np.random.default_rng(9).normal(0, 0.1, len(chance)), 0.01, 0.99)
    whole = score(target, chance) | {"gain": difference(target, chance, other)["log_loss"]}
    monkeypatch.setattr(metrics, "MOST_RESAMPLED", 5_000)
    part = score(target, chance) | {"gain": difference(target, chance, other)["log_loss"]}
    for name, of_part in part.items():
        assert of_part.value == whole[name].value
        assert of_part.error == pytest.approx(whole[name].error, rel=0.3)
        assert of_part.low == pytest.approx(whole[name].low, abs=whole[name].error)


def test_so_many_are_resampled_that_the_rarest_class_is_among_them(
    monkeypatch: pytest.MonkeyPatch,
):
    rng, rows = np.random.default_rng(0), 40_000
    target = (rng.random(rows) < 0.01).astype(int)
    chance = np.clip(0.01 + 0.05 * target + rng.normal(0, 0.005, rows), 0.001, 0.999)
    whole = score(target, chance)
    monkeypatch.setattr(metrics, "MOST_RESAMPLED", 1_000)
    found = score(target, chance)["average_precision"]
    assert found.error == pytest.approx(whole["average_precision"].error, rel=0.3)


def test_the_same_seed_gives_the_same_interval():
    assert score(*sampled(), seed=3) == score(*sampled(), seed=3)
    assert score(*sampled(), seed=3) != score(*sampled(), seed=4)


def test_a_paired_difference_is_narrower_than_its_parts():
    target, chance = sampled()
    worse = np.clip(chance + np.random.default_rng(1).normal(0, 0.02, len(chance)), 0.001, 0.999)
    apart = difference(target, chance, worse)["roc_auc"]
    alone = score(target, chance)["roc_auc"]
    assert apart.high - apart.low < (alone.high - alone.low) / 3


def test_blocks_of_resamples_give_what_one_block_gives(monkeypatch: pytest.MonkeyPatch):
    whole = score(*sampled(500))
    monkeypatch.setattr(metrics, "_WEIGHTS_AT_ONCE", 700)
    parts = score(*sampled(500))
    for name, one in whole.items():
        assert vars(parts[name]) == pytest.approx(vars(one))


def test_what_is_not_defined_is_nan_and_never_a_crash():
    one_class = score(np.zeros(10), np.full(10, 0.5))
    assert np.isnan(one_class["roc_auc"].value)
    assert one_class["brier"].value == 0.25
    assert np.isnan(score(np.array([]), np.array([]))["log_loss"].value)


def test_a_calibrated_model_s_calibration_error_is_within_its_interval() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        chance = rng.random(2_000)
        target = (rng.random(2_000) < chance).astype(int)
        found = score(target, chance)["calibration_error"]
        assert 0 <= found.low < found.value < found.high
        apart = difference(target, chance, chance**2)["calibration_error"]
        assert apart.low < apart.value < apart.high


def test_a_score_says_in_words_that_rows_are_too_few_or_of_one_class() -> None:
    assert str(Score(0.5, 0.4, 0.6)) == "0.5000 [0.4000, 0.6000]"
    assert Score(0.05, -0.01, 0.11).signed == "+0.0500 [-0.0100, +0.1100]"
    one_row = score_bins(np.array([0.3]), np.array([0.7]), chance=np.array([0.7]))["roc_auc"]
    assert (one_row.value, str(one_row)) == (0.5, "too few rows")
    assert str(score(np.zeros(10), np.full(10, 0.5))["roc_auc"]) == "not defined"


def test_calibration_bins_hold_all_rows_once():
    target, chance = sampled(1_003)
    bins = calibration(target, chance)
    assert sum(b.rows for b in bins) == 1_003
    assert [b.predicted for b in bins] == sorted(b.predicted for b in bins)


def test_counted_rows_score_as_rows_of_their_own() -> None:
    target, chance = sampled()
    values, place = np.unique(chance, return_inverse=True)
    counted = [np.bincount(place[target == truth], minlength=len(values)) for truth in (0, 1)]
    found, expected = score_bins(*counted, chance=values), score(target, chance)
    for name, one in found.items():
        # Bins of equally many rows are cut within a value's rows, but not within its count.
        loose = 0.01 if name == "calibration_error" else 1e-9
        assert one.value == pytest.approx(expected[name].value, abs=loose)
        assert one.error == pytest.approx(expected[name].error, rel=0.25)


def test_no_rows_at_all_score_nothing() -> None:
    nothing = score_bins(np.zeros(3), np.zeros(3), chance=np.array([0.1, 0.5, 0.9]))
    assert all(np.isnan([one.value, one.low, one.high]).all() for one in nothing.values())


def test_counted_differences_are_those_of_rows() -> None:
    cells = np.array([300, 200, 100, 400])
    target, one, other = np.array([0, 1, 0, 1.0]), [0.2, 0.4, 0.6, 0.8], [0.1, 0.5, 0.5, 0.9]
    rows = [np.repeat(values, cells) for values in (target, one, other)]
    found = metrics.difference_counts(measure, target, (np.array(one), np.array(other)), cells)
    expected = difference(*rows)
    for name in ("roc_auc", "log_loss", "brier", "average_precision"):
        assert found[name].value == pytest.approx(expected[name].value)
        assert found[name].error == pytest.approx(expected[name].error, rel=0.25)


def test_a_gain_is_better_when_positive_whatever_the_metric() -> None:
    lower = metrics.Score(-0.2, -0.3, -0.1)
    assert metrics.gain(lower, "log_loss") == (0.1, 0.3)
    assert metrics.gain(lower, "roc_auc") == (-0.3, -0.1)


def test_rows_that_count_more_score_as_scikit_learn_weighs_them() -> None:
    rng = np.random.default_rng(4)
    target = rng.random(900) < 0.3
    chances, other = (np.clip(rng.normal(0.3 + 0.2 * target, 0.2), 0.01, 0.99) for _ in range(2))
    counts = rng.choice([1.0, 5.0], 900)
    found = metrics.score(measure, target, chances, counts=counts)
    peers = {
        "roc_auc": roc_auc_score,
        "average_precision": average_precision_score,
        "log_loss": log_loss,
        "brier": brier_score_loss,
    }
    expected = {n: peer(target, chances, sample_weight=counts) for n, peer in peers.items()}
    assert {name: found[name].value for name in peers} == pytest.approx(expected, abs=1e-12)
    assert all(found[name].low < found[name].value < found[name].high for name in peers)
    gained = metrics.difference(measure, target, chances, other, counts=counts)
    theirs = metrics.score(measure, target, other, counts=counts)
    for name in peers:
        lost = found[name].value - theirs[name].value
        assert gained[name].value == pytest.approx(lost, abs=1e-12)
    few = metrics.score(measure, target, chances)
    assert found["log_loss"].error > 1.1 * few["log_loss"].error


@pytest.mark.parametrize("rows", [400, 60_000])
def test_a_difference_of_what_was_scored_already_is_the_one_measured_anew(rows: int) -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random(rows) < 0.3).astype("float64")
    one, other = (np.clip(0.3 * truth + rng.random(rows) / 2, 0, 1) for _ in range(2))
    scored = score(truth, one), score(truth, other)
    assert difference(truth, one, other, scored=scored) == difference(truth, one, other)
