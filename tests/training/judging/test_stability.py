"""How scores vary between spans of time, known where a model is made worse on some days."""

import numpy as np
import pandas as pd
import pytest

from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.tasks.regression.regression_task import Regression
from shared.tasks.traits import CALIBRATION_SLOPE, UNANSWERED
from shared.training.judging import stability


def answered(odd_days: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return 60 days of 200 rows; on so many of each 10 days the probabilities tell nothing."""
    rng = np.random.default_rng(0)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(12_000) * 7.2, unit="min")
    chance = rng.uniform(0.1, 0.9, 12_000)
    odd = np.asarray(at.dayofyear) % 10 < odd_days
    target = rng.random(12_000) < np.where(odd, 0.5, chance)
    region = np.where(np.arange(12_000) % 3, "north", "south")
    return pd.DataFrame({"applied": at, "defaulted": target.astype(int), "region": region}), chance


def test_scores_that_vary_by_chance_alone_have_hardly_a_spread(settings: Settings) -> None:
    spans = stability.measure(*answered(0), Binary(), settings)
    assert [span.hours for span in spans] == [12, 24, 72, 168, 336]
    for span in spans:
        assert span.spread["roc_auc"] < 0.02
        assert span.spread["bias"] < 0.02


def test_days_that_are_worse_show_in_short_spans_and_even_out_in_long_ones(
    settings: Settings,
) -> None:
    spans = {span.hours: span for span in stability.measure(*answered(3), Binary(), settings)}
    assert spans[24].spread["roc_auc"] > 0.08
    assert spans[336].spread["roc_auc"] < 0.04
    assert spans[24].worst["roc_auc"] == pytest.approx(0.5, abs=0.1)
    assert spans[24].worst["log_loss"] > 0.75


def test_some_rows_of_a_large_block_tell_as_much_of_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {span.hours: span for span in stability.measure(*answered(3), Binary(), settings)}
    monkeypatch.setattr(stability, "MOST_BLOCK_ROWS", 1_000)
    some = {span.hours: span for span in stability.measure(*answered(3), Binary(), settings)}
    assert some[24] == whole[24]
    for hours in (168, 336):
        assert some[hours] != whole[hours]
        assert some[hours].spread == pytest.approx(whole[hours].spread, abs=0.02)
        assert some[hours].shares == whole[hours].shares
        slope, known = (each[hours].traits[CALIBRATION_SLOPE] for each in (some, whole))
        assert slope.mean == pytest.approx(known.mean, abs=0.1)
        assert slope.spread == pytest.approx(known.spread, abs=0.1)


def test_slices_vary_as_the_whole_does_and_more_by_chance(settings: Settings) -> None:
    steady = {
        span.hours: span.slices for span in stability.measure(*answered(0), Binary(), settings)
    }
    uneven = {
        span.hours: span.slices for span in stability.measure(*answered(3), Binary(), settings)
    }
    assert steady[168].spread["roc_auc"] < 0.03
    assert 0 < steady[168].loss["roc_auc"] < 0.06
    assert steady[168].blocks >= 20
    assert uneven[72].spread["roc_auc"] > 2 * steady[72].spread["roc_auc"]
    rows, chance = answered(0)
    scattered = rows.assign(region=np.arange(len(rows)) % 1_000)
    assert {span.slices for span in stability.measure(scattered, chance, Binary(), settings)} == {
        None
    }


def test_the_error_of_many_rows_is_known_by_a_part_of_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stability.measure(*answered(3), Binary(), settings)
    monkeypatch.setattr(stability, "ERROR_ROWS", 200)
    part = stability.measure(*answered(3), Binary(), settings)
    for one, other in zip(whole, part, strict=True):
        assert other.worst == one.worst
        for name in ("roc_auc", "log_loss", "brier"):
            assert other.spread[name] == pytest.approx(one.spread[name], abs=0.01)


def test_shares_vary_as_the_days_do_and_not_by_chance_alone(settings: Settings) -> None:
    rows, chance = answered(0)
    (calm,) = stability.measure(rows, chance, Binary(), settings)[1].shares.values()
    assert calm.spread < 0.1
    assert 0.7 < calm.least < 1 < calm.most < 1.3
    few = rows.assign(defaulted=rows["defaulted"].where(rows["applied"].dt.day % 10 > 1, 0))
    (varied,) = stability.measure(few, chance, Binary(), settings)[1].shares.values()
    assert varied.least < 0.02
    assert varied.spread > 1


def test_traits_have_a_mean_and_a_spread_beyond_chance(settings: Settings) -> None:
    rows, chance = answered(0)
    calm = {s.hours: s.traits for s in stability.measure(rows, chance, Binary(), settings)}
    odd = {s.hours: s.traits for s in stability.measure(*answered(3), Binary(), settings)}
    assert calm[24][CALIBRATION_SLOPE].mean == pytest.approx(1, abs=0.1)
    assert calm[24][CALIBRATION_SLOPE].spread < 0.15
    assert odd[24][CALIBRATION_SLOPE].mean == pytest.approx(0.7, abs=0.1)
    assert odd[24][CALIBRATION_SLOPE].spread > 0.3
    assert UNANSWERED not in calm[24]


def test_how_many_outcomes_never_come_is_known_of_a_history_that_lacks_some(
    settings: Settings,
) -> None:
    rows, chance = answered(0)
    lacking = rows.assign(defaulted=rows["defaulted"].where(np.arange(len(rows)) % 20 > 0))
    for history, expected in ((rows, None), (lacking.iloc[::-1], 0.05)):
        spans = stability.measure(rows, chance, Binary(), settings, history)
        found = {span.hours: span.traits.get(UNANSWERED) for span in spans}[168]
        assert (found.mean if found else None) == (expected and pytest.approx(expected, abs=1e-3))


def test_a_correlation_is_of_the_spans_where_predictions_differ(settings: Settings) -> None:
    rows, chance = answered(0)
    alike = np.where(rows["applied"].dt.day % 10 > 0, chance, 0.5)
    spans = stability.measure(rows, alike, Regression(), settings)
    assert np.isfinite([span.spread["correlation"] for span in spans]).all()
    assert spans[0].slices is not None
    assert spans[0].slices.loss.keys() == {"mae", "rmse"}


def test_a_short_history_tells_nothing(settings: Settings) -> None:
    rows, chance = answered(0)
    assert stability.measure(rows.head(60), chance[:60], Binary(), settings) == ()
