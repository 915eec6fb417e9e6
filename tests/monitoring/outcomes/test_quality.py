"""Quality: judged on what has matured, with a state for whatever cannot be judged."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from shared.kinds import metric_range
from shared.model.bundle import Bundle
from shared.monitoring.outcomes import quality
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.windows import scope
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.binary.binary_counts import BINS, middles, probability_bin, score_bins
from shared.tasks.binary.binary_metrics import measure
from tests.monitoring.traffic import read_case, week

NOON = datetime(2024, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def judge(bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that judges rows as a file that is read at noon, outcomes two days late.

    Its scope has the log's `newest` row, where one is given.
    """
    asked = {"outcome_delay_days": 2, "minimum_outcomes": 4}
    few = settings.model_copy(update={"monitor": settings.monitor.model_copy(update=asked)})

    def judge(newest: pd.Timestamp | None = None, **columns: Any) -> Quality:
        pd.DataFrame(columns).to_parquet(tmp_path / "rows.parquet", index=False)
        planned = replace(
            scope.plan_table(str(tmp_path / "rows.parquet")), read_at=NOON, newest=newest
        )
        return quality.judge(read_case(planned, bundle, few), 168.0)

    return judge


def days(*ago: float) -> list[pd.Timestamp]:
    return [pd.Timestamp(NOON) - pd.Timedelta(days=day) for day in ago]


def test_matured_rows_are_scored_like_scikit_learn(judge) -> None:
    chance, outcome = [0.1, 0.8, 0.4, 0.6, 0.7], [0.0, 1.0, 1.0, 0.0, np.nan]
    found = judge(applied=days(9, 9, 8, 8, 8), probability=chance, outcome=outcome)
    assert (found.state, found.due, found.received, found.pending) == ("judged", 5, 4, 0)
    assert found.scores["roc_auc"].value == roc_auc_score(outcome[:4], chance[:4])
    assert (found.observed, found.predicted) == (0.5, pytest.approx(0.475, abs=0.005))


def test_counted_by_bins_scores_are_those_of_the_rows_to_the_third_digit() -> None:
    rng = np.random.default_rng(0)
    chance = rng.beta(2, 5, 20_000)
    truth = rng.random(20_000) < chance
    counts = [np.bincount(probability_bin(chance[truth == t]), minlength=BINS) for t in (0, 1)]
    found = score_bins(*counts)
    exact = metrics.score(measure, truth, chance)
    assert found["roc_auc"].value == pytest.approx(roc_auc_score(truth, chance), abs=5e-4)
    assert found["log_loss"].value == pytest.approx(log_loss(truth, chance), abs=5e-4)
    for name, score in exact.items():
        assert found[name].value == pytest.approx(score.value, abs=5e-3)
        assert found[name].error == pytest.approx(score.error, rel=0.35)


def test_the_estimate_from_calibrated_probabilities_is_near_the_truth() -> None:
    rng = np.random.default_rng(1)
    chance = rng.beta(1, 4, 50_000)
    truth = rng.random(50_000) < chance
    answered = np.bincount(probability_bin(chance), minlength=BINS)
    found = score_bins(answered * (1 - middles()), answered * middles())
    assert found["roc_auc"].value == pytest.approx(roc_auc_score(truth, chance), abs=0.01)
    assert found["log_loss"].value == pytest.approx(log_loss(truth, chance), abs=0.01)


def test_a_row_is_due_after_the_delay_or_when_its_outcome_comes_early(judge) -> None:
    found = judge(
        applied=days(3, 1, 0.5, 0.5), probability=[0.5] * 4, outcome=[np.nan, np.nan, np.nan, 1.0]
    )
    assert (found.due, found.pending, found.received) == (2, 2, 1)
    assert found.next_due == days(-1)[0].to_pydatetime()


def test_what_the_newest_rows_of_a_log_of_the_past_wait_for_is_not_due(judge) -> None:
    past = days(33, 31, 30.5, 30)
    asked = {"probability": [0.5] * 4, "outcome": [1.0, np.nan, np.nan, np.nan]}
    found = judge(newest=past[-1], applied=past, **asked)
    assert (found.due, found.pending, found.next_due) == (1, 3, days(29)[0].to_pydatetime())
    assert judge(newest=days(-5)[0], applied=past, **asked).due == 4


@pytest.mark.parametrize(
    ("ago", "outcomes", "state"),
    [
        ([1, 1], [np.nan, np.nan], "not due"),
        ([5, 1], [np.nan, np.nan], "none came"),
        ([5, 5], [1.0, 0.0], "too few"),
        ([5] * 5, [0.0] * 5, "one class"),
        ([5] * 5, [1.0] * 5, "one class"),
    ],
)
def test_what_cannot_be_judged_has_its_state(judge, ago, outcomes, state) -> None:
    found = judge(applied=days(*ago), probability=[0.5] * len(ago), outcome=outcomes)
    assert found.state == state
    assert found.scores == {}


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_of_outcomes_of_one_class_the_share_is_judged(judge, outcome: float) -> None:
    found = judge(applied=days(*[5] * 90), probability=[0.3] * 90, outcome=[outcome] * 90)
    assert [(loss.metric, loss.now, loss.proven) for loss in found.losses] == [
        ("bias", outcome, True),
        ("share", outcome, True),
    ]


def test_what_an_older_bundle_does_not_know_is_not_judged(
    bundle: Bundle, settings: Settings
) -> None:
    known, case = bundle.evaluation, read_case(week(2_000), bundle, settings)
    varies = [
        span.model_copy(
            update={
                "shares": {},
                "spread": {k: v for k, v in span.spread.items() if k != "roc_auc"},
            }
        )
        for span in known.varies
    ]
    older = replace(bundle)
    scores = {name: score for name, score in known.scores.items() if name != "roc_auc"}
    vars(older)["evaluation"] = known.model_copy(update={"varies": tuple(varies), "scores": scores})
    found = quality.judge(replace(case, bundle=older), 168.0)
    assert {loss.metric for loss in found.losses if not loss.slice} == {"log_loss", "bias"}
    today = quality.judge(case, 168.0)
    names = {loss.metric for loss in today.losses if not loss.slice}
    assert names == {"roc_auc", "log_loss", "bias", "share"}


def test_a_file_may_lack_outcomes_or_times(judge) -> None:
    assert judge(applied=days(9), probability=[0.5]).state == "no outcomes in the file"
    untimed = judge(probability=[0.5], outcome=[np.nan])
    assert (untimed.state, untimed.due) == ("none came", 1)


def test_a_model_as_good_as_on_the_holdout_loses_nothing_and_one_that_guesses_does(
    judge, bundle: Bundle
) -> None:
    rows = week(2_000).dropna(subset="defaulted")
    kept = {"applied": rows["applied"], "outcome": rows["defaulted"]}
    fair = judge(**kept, probability=bundle.scores(rows))
    assert [loss.metric for loss in fair.losses if loss.proven] == []
    wrong = judge(**kept, probability=1 - bundle.scores(rows))
    assert "roc_auc" in [loss.metric for loss in wrong.losses if loss.proven]
    assert wrong.estimated
    assert all(score.low < score.value for score in wrong.estimated.values())
    # Of so few rows as the model was judged on, the order is better known by what it was.
    tried = {span.hours: span.estimates for span in bundle.evaluation.varies}[168]
    assert wrong.estimated.keys() == tried.keys() - {"roc_auc"}


def test_an_estimate_goes_as_far_from_what_was_expected_as_training_saw(
    judge, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"applied": week(300)["applied"], "probability": np.full(300, 0.5)}
    found = {}
    for share in (None, 1.0, 0.25, 0.0):
        of = {"log_loss": share} if share is not None else {}
        varies = [span.model_copy(update={"followed": of}) for span in bundle.evaluation.varies]
        evaluation = bundle.evaluation.model_copy(update={"varies": tuple(varies)})
        monkeypatch.setitem(vars(bundle), "evaluation", evaluation)
        found[share] = judge(**kept).estimated["log_loss"].value
    expected = bundle.evaluation.scores["log_loss"].value
    # An older bundle's estimates go all the way.
    assert found[None] == found[1.0] != expected
    assert found[0.0] == expected
    assert found[0.25] == pytest.approx(expected + 0.25 * (found[1.0] - expected))


def test_a_band_ends_where_its_metric_does(judge, bundle: Bundle) -> None:
    rows = week(300)
    certain = np.where(np.arange(len(rows)) % 2, 1 - 1e-4, 1e-4)
    found = judge(applied=rows["applied"], outcome=rows["defaulted"], probability=certain)
    assert found.estimated
    for metric, score in found.estimated.items():
        least, most = metric_range(metric)
        assert least <= score.low <= score.high <= most
