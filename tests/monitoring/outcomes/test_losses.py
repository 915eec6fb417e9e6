"""Losses: a score beside the expected one, and what chance and history make of the difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.model.evaluation import ScoreVariation, ShareVariation, SliceVariation
from shared.monitoring.outcomes import losses
from shared.monitoring.outcomes.losses import BIAS, SHARE, Compared, Loss
from shared.monitoring.outcomes.slices import Slice
from shared.tasks.binary.binary_task import Binary
from shared.tasks.metrics import Score
from shared.tasks.outcome_statistics import Bias, Share

JUDGED = Binary().judged

EXPECTED = {name: Score(0.7, 0.68, 0.72) for name in JUDGED}
NOW = {name: Score(0.6, 0.56, 0.64) for name in JUDGED}
ERROR = float(np.hypot(NOW["roc_auc"].error, EXPECTED["roc_auc"].error))
SPREAD = dict.fromkeys((*JUDGED, BIAS), 0.02)
WORST = dict.fromkeys(JUDGED, 0.66) | {BIAS: 0.03}
VARIES = ScoreVariation(
    hours=168, blocks=16, spread=SPREAD, worst=WORST, slices=SliceVariation(
        blocks=9, spread=SPREAD, loss=dict.fromkeys(JUDGED, 0.05)
    ),
)  # fmt: skip


def overall(varies: ScoreVariation | None) -> tuple[Loss, ...]:
    compared = [Compared(name, NOW[name], EXPECTED[name]) for name in JUDGED]
    return losses.overall_losses(
        compared, len(JUDGED) + 1, Bias(0.33, 0.29, 100, 20.0), varies, 0.01
    )


def test_what_is_lost_has_the_sign_of_the_metric_and_chance_for_a_threshold() -> None:
    found = {one.metric: one for one in overall(None)}
    assert found.keys() == {*JUDGED, BIAS}
    assert found["roc_auc"].loss == pytest.approx(0.1)
    assert found["log_loss"].loss == pytest.approx(-0.1)
    far = stats.norm.isf(0.01 / (6 * (len(JUDGED) + 1)))
    assert found["roc_auc"].threshold == pytest.approx(far * ERROR)
    assert (found["roc_auc"].largest, found["roc_auc"].blocks) == (None, None)
    assert found[BIAS].now == pytest.approx(0.33)


def test_a_threshold_reaches_as_far_as_scores_have_varied_and_a_loss_beyond_it_is_proven() -> None:
    loss, *_ = overall(VARIES)
    far = stats.norm.isf(0.01 / (6 * (len(JUDGED) + 1)))
    assert loss.largest == pytest.approx(0.04)
    assert loss.threshold == pytest.approx(np.hypot(max(far * 0.02, 0.04), far * ERROR))
    assert (loss.hours, loss.blocks) == (168, 16)
    assert loss.proven == (loss.loss > loss.threshold)


def test_slices_have_lost_nothing_where_it_is_not_known_how_they_vary() -> None:
    south = Slice("region = south", 40, 25, NOW, EXPECTED)
    unknown = VARIES.model_copy(update={"slices": None})
    assert losses.slice_losses((south,), JUDGED, 100, unknown, 0.01) == ()
    loss, *_ = losses.slice_losses((south,), JUDGED, 100, VARIES, 0.01)
    assert (loss.slice, loss.share, loss.blocks) == ("region = south", 0.4, 9)
    assert loss.telling == 25


def share_loss(observed: float, expected: float, least: float, spread: float = 0.2) -> Loss:
    known = ShareVariation(least=least, most=1.6, spread=spread)
    varies = VARIES.model_copy(update={"shares": {"cancelled": known}})
    share = {"cancelled": Share(observed, expected)}
    (loss,) = losses.share_losses(share, 6_000, 6, varies, 0.01)
    return loss


def test_a_class_that_vanishes_is_proven_lost_where_no_normal_span_was_without_it() -> None:
    lost = share_loss(0, 120, least=0.3)
    assert (lost.metric, lost.of, lost.proven) == (SHARE, "cancelled", True)
    assert (lost.now, lost.expected, lost.blocks) == (0, pytest.approx(0.02), 16)
    assert lost.largest == pytest.approx(0.7 * 0.02)
    # Of 20 there may be none by chance, and so there may where history had hardly any.
    assert not share_loss(0, 20, least=0.3).proven
    assert not share_loss(0, 120, least=0.01).proven


def test_a_class_that_swamps_the_others_is_proven_to_and_one_that_comes_as_ever_is_not() -> None:
    assert share_loss(600, 120, least=0.3).proven
    assert not share_loss(200, 120, least=0.3).proven
    assert not share_loss(40, 120, least=0.3).proven
    assert not share_loss(600, 120, least=0.3, spread=0.5).proven


@given(
    expected=st.floats(0.5, 5_000),
    least=st.floats(0.05, 1),
    most=st.floats(1, 4),
    at=st.floats(0, 1),
)
def test_shares_as_history_had_them_are_beyond_their_thresholds_as_rarely_as_was_asked(
    expected: float, least: float, most: float, at: float
) -> None:
    known = ShareVariation(least=least, most=most, spread=0)
    varies = VARIES.model_copy(update={"shares": {"x": known}})
    mean = (expected + 0.5) * (least + at * (most - least))
    every = np.arange(stats.poisson.isf(1e-7, mean) + 2)
    beyond = [
        losses.share_losses({"x": Share(n, expected)}, 9_999, 5, varies, 0.01)[0].proven
        for n in (every if len(every) < 300 else stats.poisson.ppf([1e-4, 0.999, 0.9999], mean))
    ]
    chance = stats.poisson.pmf(every, mean) @ beyond if len(every) < 300 else 0
    assert chance <= 2 * 0.01 / (6 * 5)
    assert not all(beyond)


def test_nothing_is_known_of_shares_where_the_history_is_too_short_or_an_older_bundles() -> None:
    share = {"cancelled": Share(0, 120)}
    assert losses.share_losses(share, 6_000, 6, None, 0.01) == ()
    assert losses.share_losses(share, 6_000, 6, VARIES, 0.01) == ()
