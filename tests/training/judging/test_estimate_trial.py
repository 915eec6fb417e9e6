"""Estimates before outcomes: kept where later rows bore them out, with how far they were off."""

import numpy as np
import pandas as pd
import pytest

from shared.model.evaluation import ScoreVariation
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary, Threshold
from shared.training.judging import estimate_trial, stability

ROWS = 12_000
TASK, RULE = Binary(), Threshold(threshold=0.5)


def tried(settings: Settings, chance: np.ndarray, true: np.ndarray) -> dict[int, dict[str, float]]:
    """Return by hours how far estimates are off on 60 days of rows with these chances."""
    return {span.hours: span.estimates for span in spans(settings, chance, true)}


def spans(settings: Settings, chance: np.ndarray, true: np.ndarray) -> tuple[ScoreVariation, ...]:
    """Return what is known of estimates on 60 days of rows with these chances."""
    rng = np.random.default_rng(0)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(ROWS) * 7.2, unit="min")
    target = (rng.random(ROWS) < true).astype(int)
    rows = pd.DataFrame({"applied": at, "defaulted": target, "region": "north"})
    varies = stability.measure(rows, chance, TASK, settings)
    return estimate_trial.try_estimates(varies, rows, chance, RULE, TASK, settings)


def steady() -> np.ndarray:
    return np.random.default_rng(1).uniform(0.05, 0.95, ROWS)


def test_steady_rows_are_estimated_as_well_as_they_were_before(settings: Settings) -> None:
    found = tried(settings, steady(), steady())[72]
    assert {"roc_auc", "log_loss", "brier"} <= found.keys()
    assert max(found[name] for name in ("roc_auc", "log_loss", "brier")) < 0.03


def test_harder_rows_are_estimated_better_than_by_what_was_before(settings: Settings) -> None:
    # On odd days all chances are near one half.
    day = np.arange(ROWS) // 200 % 2
    chance = np.where(day, 0.5 + (steady() - 0.5) / 5, steady())
    assert {"roc_auc", "log_loss"} <= tried(settings, chance, chance)[24].keys()


def test_an_estimate_goes_as_far_as_the_outcomes_followed(settings: Settings) -> None:
    # On odd days the answers are near one half; later the others are not as sure as they say.
    day = np.arange(ROWS) // 200 % 2
    chance = np.where(day, 0.5 + (steady() - 0.5) / 5, steady())
    wholly = [span.followed for span in spans(settings, chance, chance)]
    later = np.arange(ROWS) >= ROWS // 2
    less = np.where(later & (day == 0), 0.5 + 0.85 * (chance - 0.5), chance)
    halfway = [span.followed for span in spans(settings, chance, less)]
    assert all(followed["log_loss"] > 0.9 for followed in wholly)
    assert all(0.3 < followed["log_loss"] < 0.7 for followed in halfway)


def test_few_spans_tell_less_of_how_far_estimates_are_off() -> None:
    overlapping = [np.arange(start, start + 10) for start in range(0, 40, 5)]
    assert estimate_trial._apart(overlapping) == 4
    assert estimate_trial._apart(overlapping[::2]) == 4
    wider = [estimate_trial._wider(spans) for spans in (2, 4, 12, 100_000)]
    assert wider == pytest.approx([2.195, 1.417, 1.112, 1.0], abs=0.001)


def test_nothing_is_estimated_where_it_would_be_worse_than_what_was_before(
    settings: Settings,
) -> None:
    # The answers move as if it became easier, and the outcomes do not follow.
    later = np.arange(ROWS) >= ROWS // 2
    chance = np.where(later, np.where(steady() > 0.5, 0.98, 0.02), 0.5 + (steady() - 0.5) / 3)
    found = tried(settings, chance, 0.5 + (steady() - 0.5) / 3)[72]
    assert not {"roc_auc", "log_loss"} & found.keys()


def test_where_a_span_has_no_answers_nothing_is_estimated(settings: Settings) -> None:
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(ROWS) * 7.2, unit="min")
    rows = pd.DataFrame({"applied": at, "defaulted": np.arange(ROWS) % 2, "region": "north"})
    varies = stability.measure(rows, steady(), TASK, settings)
    lacking = np.where(np.arange(ROWS) < ROWS - 600, steady(), np.nan)
    found = estimate_trial.try_estimates(varies, rows, lacking, RULE, TASK, settings)
    assert {span.hours: span.estimates for span in found}[24] == {}


@pytest.mark.parametrize(("rows", "known"), [(300, False), (1_200, True)])
def test_too_few_spans_tell_nothing_and_long_ones_are_as_far_off_as_the_next(
    settings: Settings, rows: int, known: bool
) -> None:
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows), unit="h")
    frame = pd.DataFrame({"applied": at, "defaulted": np.arange(rows) % 2, "region": "north"})
    varies = stability.measure(frame, np.full(rows, 0.5), TASK, settings)
    found = estimate_trial.try_estimates(varies, frame, np.full(rows, 0.5), RULE, TASK, settings)
    each = {span.hours: span.estimates for span in found}
    assert all((estimates is not None) == known for estimates in each.values())
    assert each
    assert each[max(each)] == each[max(each) // 2 if known else max(each)]
