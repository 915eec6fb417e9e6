"""Losses: a score beside the expected one, and what chance and history make of the difference."""

import numpy as np
import pytest
from scipy import stats

from shared.model.evaluation import ScoreVariation, SliceVariation
from shared.monitoring import losses
from shared.monitoring.losses import BIAS, Compared, Loss
from shared.monitoring.slices import Slice
from shared.tasks.binary import Binary
from shared.tasks.metrics import Score
from shared.tasks.task import Bias

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
    return losses.overall_losses(compared, len(JUDGED), Bias(0.33, 0.29, 100, 20.0), varies, 0.01)


def test_what_is_lost_has_the_sign_of_the_metric_and_chance_for_a_threshold() -> None:
    found = {one.metric: one for one in overall(None)}
    assert found.keys() == {*JUDGED, BIAS}
    assert found["roc_auc"].loss == pytest.approx(0.1)
    assert found["log_loss"].loss == pytest.approx(-0.1)
    far = stats.norm.isf(0.01 / (4 * (len(JUDGED) + 1)))
    assert found["roc_auc"].threshold == pytest.approx(far * ERROR)
    assert (found["roc_auc"].largest, found["roc_auc"].blocks) == (None, None)
    assert found[BIAS].now == pytest.approx(0.33)


def test_a_threshold_reaches_as_far_as_scores_have_varied_and_a_loss_beyond_it_is_proven() -> None:
    loss, *_ = overall(VARIES)
    far = stats.norm.isf(0.01 / (4 * (len(JUDGED) + 1)))
    assert loss.largest == pytest.approx(0.04)
    assert loss.threshold == pytest.approx(np.hypot(max(far * 0.02, 0.04), far * ERROR))
    assert (loss.hours, loss.blocks) == (168, 16)
    assert loss.proven == (loss.loss > loss.threshold)


def test_slices_have_lost_nothing_where_it_is_not_known_how_they_vary() -> None:
    south = Slice("region = south", 40, NOW, EXPECTED)
    unknown = VARIES.model_copy(update={"slices": None})
    assert losses.slice_losses((south,), JUDGED, 100, unknown, 0.01) == ()
    loss, *_ = losses.slice_losses((south,), JUDGED, 100, VARIES, 0.01)
    assert (loss.slice, loss.share, loss.blocks) == ("region = south", 0.4, 9)
