"""A problem whose target is a number, from its table to a verdict, in one process."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error

from shared.log.prediction_log import PredictionLog
from shared.model.agreement import Agreement
from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation
from shared.model.predictor import Predictor
from shared.monitoring import findings, scope
from shared.schema import columns
from shared.serving.rows import AnswerForm
from shared.settings import Settings, parse_settings, typed_settings
from shared.training import cards
from tests.conftest import bundle_of, loans
from tests.monitoring.traffic import answer, judged, read_case

CLAIMS = """
name = "claims"
kind = "regression"
source = "claims.parquet"
key = "loan"
time = "applied"
target = "amount"
features = ["income", "age", "region", "employed"]
slices = ["region"]
baseline = ["region"]

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingRegressor"
preprocessing = "tree"
params = { max_iter = 40 }

[interval]
coverage = 0.9
by = ["region"]

[package]
golden_rows = 50

[contract]
income = { nullable = true }
"""


def claims(rows: int, seed: int, days: float = 90) -> pd.DataFrame:
    """Return claims whose amount has a skewed error, twice as large in the south."""
    rng, made = np.random.default_rng(seed), loans(rows, seed)
    spread = 1 + (made["region"] == "south")
    amount = made["income"].fillna(20_000) / 1_000 + 0.3 * made["age"]
    since = ((made["applied"] - made["applied"].min()) * days / 90).dt.floor("s")
    return made.drop(columns=["defaulted", "guarantee"]).assign(
        amount=amount + spread * rng.gamma(1, 5, rows), applied=made["applied"].min() + since
    )


def week(bundle: Bundle, seed: int = 5) -> pd.DataFrame:
    """Return a week of claims after training, answered, at the rate of the history."""
    rows = claims(460, seed, days=7)
    rows["applied"] += pd.Timedelta(days=90)
    answers = bundle.answers(bundle.scores(rows), rows)
    return rows.assign(**answers).rename(columns={"amount": "outcome"})


@pytest.fixture(scope="module")
def settings() -> Settings:
    return typed_settings(parse_settings(CLAIMS))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "claims"
    return bundle_of(claims(6_000, 0), settings, "boosting", folder)


def test_the_model_beats_the_groups_median_and_its_intervals_hold_nine_in_ten(bundle) -> None:
    found = bundle.evaluation
    assert found.passed
    assert found.scores["coverage"].value == pytest.approx(0.9, abs=0.03)
    assert found.comparisons["baseline"].difference["mae"].high < 0
    assert {group.values for group in found.rule.groups} == {("north",), ("south",), ("east",)}
    assert Evaluation.model_validate(found.plain()).rule == found.rule == bundle.manifest.rule
    assert all(0.8 < one.scores["coverage"].value <= 1 for one in found.slices)


def test_its_evaluation_can_be_shown(bundle: Bundle) -> None:
    assert cards.evaluation(bundle.evaluation, bundle.task)


def test_an_ordinary_week_is_scored_as_scikit_learn_scores_it(bundle, settings) -> None:
    rows = week(bundle)
    found, verdict = judged(rows, bundle, settings)
    assert verdict.level == "ok", verdict.reasons
    assert verdict.agreement == Agreement(compared=300)
    exact = mean_absolute_error(rows["outcome"], rows["prediction"])
    assert found.quality.scores["mae"].value == pytest.approx(exact, rel=0.005)
    inside = rows["outcome"].between(rows["low"], rows["high"]).mean()
    assert found.quality.scores["coverage"].value == pytest.approx(inside)
    assert found.quality.observed == pytest.approx(rows["outcome"].mean(), rel=0.02)


def test_errors_are_estimated_before_outcomes_come(bundle, settings) -> None:
    rows = week(bundle)
    found, _ = judged(rows.drop(columns="outcome"), bundle, settings)
    exact = mean_absolute_error(rows["outcome"], rows["prediction"])
    assert found.quality.estimated["mae"].low < exact < found.quality.estimated["mae"].high
    assert [*found.quality.estimated] == ["mae", "rmse", "coverage"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda outcome: outcome + 5, "the mean outcome rose to"),
        (lambda outcome: outcome * 1.3, "MAE rose to"),
        (lambda outcome: outcome.sample(frac=1, random_state=0).to_numpy(), "MAE rose to"),
    ],
)
def test_outcomes_that_are_shifted_scaled_or_mixed_up_are_found(
    bundle, settings, wrong, words: str
) -> None:
    rows = week(bundle)
    _, verdict = judged(rows.assign(outcome=wrong(rows["outcome"])), bundle, settings)
    assert verdict.level == "act"
    assert any(reason.what.startswith(words) for reason in verdict.reasons)


@pytest.mark.parametrize(
    "change",
    [
        lambda scores: scores.sample(frac=1, random_state=0).to_numpy(),
        lambda scores: scores + 0.01,
        lambda scores: scores.round(3),
        lambda scores: 0.95 * scores,
    ],
    ids=["permuted", "shifted", "rounded", "another version"],
)
def test_answers_that_are_not_the_models_are_act_and_named(bundle, settings, change) -> None:
    names, rows = [*bundle.task.score_names], week(bundle)
    _, verdict = judged(rows.assign(**{n: change(rows[n]) for n in names}), bundle, settings)
    reason, first = verdict.reasons[0], verdict.agreement.first[0]
    assert (verdict.level, reason.stage) == ("act", "answers")
    assert reason.column == first.column
    assert first.column in names
    right = rows.set_index("loan")[first.column][first.key]
    assert first.model == pytest.approx(right, abs=1e-12) != first.logged
    assert f" answers in the file are not this model's: {first.key} has " in reason.what


def test_a_server_answers_with_the_interval_of_the_rows_group(bundle: Bundle) -> None:
    rows = week(bundle)[:3]
    names = (bundle.contract.key, bundle.contract.time, *bundle.contract.features)
    plain = rows[[*names]].astype(object).where(rows[[*names]].notna(), None)
    logged = Predictor(bundle).score(columns.of_rows(plain.to_dict("records"), names))
    for name in ("prediction", "low", "high"):
        assert logged[name] == pytest.approx(rows[name].tolist())
    written = msgspec.json.decode(msgspec.json.encode(AnswerForm(bundle.contract).answers(logged)))
    assert written[0]["low"] < written[0]["prediction"] < written[0]["high"]


def test_a_log_that_keeps_answers_and_outcomes_is_judged(
    bundle, settings, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    log, rows = PredictionLog("claims", bundle.contract), week(bundle)
    answer(log, rows.rename(columns={"outcome": "amount"}), bundle)
    log.outcomes.add(dict(zip(rows["loan"], rows["outcome"], strict=True)))
    found = findings.find(read_case(scope.plan(settings, bundle, None, None), bundle, settings))
    log.close()
    assert found.agreement == Agreement(compared=300)
    exact = mean_absolute_error(rows["outcome"], rows["prediction"])
    assert found.quality.received == 460
    assert found.quality.scores["mae"].value == pytest.approx(exact, rel=0.005)
