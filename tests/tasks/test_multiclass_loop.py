"""A problem whose target is one of several classes, from its table to a verdict, in one process."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from shared.log.prediction_log import PredictionLog
from shared.model.agreement import Agreement
from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation
from shared.model.predictor import Predictor
from shared.monitoring import cards as window_cards
from shared.monitoring import findings, judge, report, scope
from shared.schema import columns
from shared.serving.rows import AnswerForm
from shared.settings import Settings, parse_settings, typed_settings
from shared.tasks.multiclass import LeastCost, Multiclass
from shared.training import cards
from tests.card_words import card_words
from tests.conftest import bundle_of, loans
from tests.log.loans import EVER
from tests.monitoring.traffic import answer, judged, read_case

CLAIMS = """
name = "claims"
kind = "multiclass"
source = "claims.parquet"
key = "loan"
time = "applied"
target = "fate"
features = ["income", "age", "region", "employed"]
slices = ["region"]
baseline = ["region"]

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
preprocessing = "tree"
params = { max_iter = 20, early_stopping = false }

[package]
golden_rows = 50

[contract]
income = { nullable = true }
"""
FATES = np.array(["paid", "late", "written off", "sold on"], dtype=object)
COSTS = '\n[costs]\nlate = { paid = 4.0 }\n"written off" = { paid = 9 }\n'


def claims(rows: int, seed: int, days: float = 90) -> pd.DataFrame:
    """Return claims of four fates, of which the last is rare."""
    rng, made = np.random.default_rng(seed), loans(rows, seed)
    poor, old = made["income"].fillna(20_000) < 20_000, (made["age"] - 40) / 20
    south = made["region"] == "south"
    odds = np.stack([0 * old + 1, 1.5 * poor - old, 2.0 * south + old - 1.5, 0 * old - 2], axis=1)
    chances = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    at = (rng.random(rows)[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
    since = (made["applied"] - made["applied"].min()) * days / 90
    return made.drop(columns=["defaulted", "guarantee"]).assign(
        fate=FATES[np.minimum(at, 3)], applied=made["applied"].min() + since
    )


def week(bundle: Bundle, seed: int = 5) -> pd.DataFrame:
    """Return a week of claims after training, answered, at the rate of the history."""
    rows = claims(460, seed, days=7)
    rows["applied"] += pd.Timedelta(days=90)
    answers = bundle.answers(bundle.scores(rows), rows)
    return rows.assign(**answers).rename(columns={"fate": "outcome"})


@pytest.fixture(scope="module")
def settings() -> Settings:
    return typed_settings(parse_settings(CLAIMS))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "claims"
    return bundle_of(claims(6_000, 0), settings, "boosting", folder)


def test_the_model_beats_the_groups_shares(bundle: Bundle) -> None:
    found = bundle.evaluation
    assert found.passed
    assert found.comparisons["baseline"].difference["log_loss"].high < 0
    assert Evaluation.model_validate(found.plain()) == found
    assert [one.name for one in found.diagnostics.classes] == sorted(FATES)
    assert {one.feature for one in found.importance[:2]} == {"age", "region"}


def test_its_evaluation_can_be_shown(bundle: Bundle) -> None:
    assert cards.evaluation(bundle.evaluation, bundle.task)
    assert {one.of for one in bundle.evaluation.slices} <= {*FATES}


def test_its_windows_card_names_the_class_that_is_furthest_off(bundle, settings) -> None:
    rows = week(bundle)
    case = read_case(rows.assign(outcome=swapped(rows["outcome"])), bundle, settings)
    found = findings.find(case)
    shown = window_cards.summary(case, found, judge.judge(case, found), [])
    lines = card_words(shown)
    for words in ("**observed share of late** | ", "**predicted share of late** | "):
        assert any(line.startswith(words) for line in lines)
    assert any(line.startswith("all rows | share of late | ") for line in lines)


def test_its_reference_and_golden_rows_have_the_classes_themselves(bundle: Bundle) -> None:
    for rows in (bundle.reference(), bundle.golden()):
        assert {*rows["fate"]} <= {*FATES}
        assert {*rows["prediction"]} <= {*FATES}


def test_an_ordinary_week_is_scored_as_scikit_learn_scores_it(bundle, settings) -> None:
    rows = week(bundle)
    found, verdict = judged(rows, bundle, settings)
    assert verdict.level == "ok", verdict.reasons
    assert verdict.agreement == Agreement(compared=300)
    scores = {name: score.value for name, score in found.quality.scores.items()}
    truth, answered = rows["outcome"], rows["prediction"]
    exact = log_loss(truth, rows[[*bundle.task.score_names]], labels=sorted(FATES))
    assert scores["log_loss"] == pytest.approx(exact, rel=0.01)
    assert scores["accuracy"] == pytest.approx(accuracy_score(truth, answered))
    assert scores["weighted_f1"] == pytest.approx(f1_score(truth, answered, average="weighted"))


def test_scores_are_estimated_before_outcomes_come(bundle, settings) -> None:
    rows = week(bundle)
    found, verdict = judged(rows.drop(columns="outcome"), bundle, settings)
    assert verdict.level == "ok", verdict.reasons
    exact = log_loss(rows["outcome"], rows[[*bundle.task.score_names]], labels=sorted(FATES))
    band = found.quality.estimated["log_loss"]
    assert band.low < exact < band.high


def swapped(outcome: pd.Series) -> pd.Series:
    return outcome.replace({"paid": "late", "late": "paid"})


def mixed_up(outcome: pd.Series) -> np.ndarray:
    return outcome.sample(frac=1, random_state=0).to_numpy()


def with_a_new_class(outcome: pd.Series) -> pd.Series:
    return outcome.where(np.arange(len(outcome)) % 8 > 0, "forgotten")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (swapped, "log loss rose to"),
        (mixed_up, "log loss rose to"),
        (with_a_new_class, "the share of unknown classes rose to 12.6% (predicted 0.0%)"),
        (swapped, "the share of late rose to"),
        (lambda outcome: outcome.where(outcome == "", "late"), "all 460 outcomes are late (pred"),
    ],
)
def test_outcomes_that_are_swapped_mixed_up_alike_or_of_a_new_class_are_found(
    bundle, settings, wrong, words: str
) -> None:
    rows = week(bundle)
    _, verdict = judged(rows.assign(outcome=wrong(rows["outcome"])), bundle, settings)
    assert verdict.level == "act"
    assert any(reason.what.startswith(words) for reason in verdict.reasons)


def without_one(outcome: pd.Series) -> pd.Series:
    return outcome.replace("sold on", "paid")


@pytest.mark.parametrize("wrong", [pd.Series.copy, with_a_new_class, without_one])
def test_evidently_reports_on_classes_that_come_and_that_are_new(bundle, settings, wrong) -> None:
    rows = week(bundle)
    case = read_case(rows.assign(outcome=wrong(rows["outcome"])), bundle, settings)
    page = report.write(case, findings.find(case)).quality
    assert "could not draw" not in page
    assert ("Left out because the window or the reference lacks these classes" in page) == (
        wrong is not pd.Series.copy
    )


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


def test_a_server_answers_with_the_class_and_each_probability(bundle: Bundle) -> None:
    rows = week(bundle)[:3]
    names = (bundle.contract.key, bundle.contract.time, *bundle.contract.features)
    plain = rows[[*names]].astype(object).where(rows[[*names]].notna(), None)
    logged = Predictor(bundle).score(columns.of_rows(plain.to_dict("records"), names))
    assert logged["prediction"] == rows["prediction"].tolist()
    written = msgspec.json.decode(msgspec.json.encode(AnswerForm(bundle.contract).answers(logged)))
    chances = [written[0][name] for name in bundle.task.score_names]
    assert sum(chances) == pytest.approx(1)
    assert written[0]["probability"] == max(chances)


def test_a_log_that_keeps_answers_and_outcomes_is_judged(
    bundle, settings, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    log, rows = PredictionLog("claims", bundle.contract), week(bundle)
    answer(log, rows.rename(columns={"outcome": "fate"}), bundle)
    log.outcomes.add(dict(zip(rows["loan"], rows["outcome"], strict=True)))
    found = findings.find(read_case(scope.plan(settings, bundle, None, None), bundle, settings))
    log.close()
    assert found.agreement == Agreement(compared=300)
    assert found.quality.received == 460
    exact = accuracy_score(rows["outcome"], rows["prediction"])
    assert found.quality.scores["accuracy"].value == pytest.approx(exact)


def test_a_bundle_of_other_classes_adds_its_columns_to_the_log(bundle, tmp_path: Path) -> None:
    address, columns_of = f"sqlite:///{tmp_path / 'log.db'}", bundle.contract.columns
    target = bundle.contract["fate"].model_copy(update={"categories": ("late", "lost", "paid")})
    others = tuple(target if column.name == "fate" else column for column in columns_of)
    other = bundle.contract.model_copy(update={"columns": others})
    older, row = PredictionLog("claims", bundle.contract, address), week(bundle)[:1]
    answer(older, row.rename(columns={"outcome": "fate"}), bundle)
    newer = PredictionLog("claims", other, address)
    held = older.predictions.window(*EVER).iloc[0].to_dict()
    lost = dict.fromkeys(Multiclass(target.categories).score_names, 1 / 3)
    gone = [n for n in bundle.task.score_names if n not in lost]
    answered = {name: value for name, value in held.items() if name not in (*gone, "outcome")}
    newer.predictions.append([answered | lost | {"prediction_id": "new", "prediction": "lost"}])
    for log in (older, newer):
        assert len(log.predictions.window(*EVER)) == 2
    found = newer.predictions.window(*EVER).set_index("prediction_id")
    assert found.loc["new", "probability_lost"] == 1 / 3
    assert np.isnan(found["probability_lost"]).sum() == 1
    older.close()
    newer.close()


def test_costs_decide_what_is_answered_in_training_and_after(
    tmp_path: Path, settings: Settings
) -> None:
    costly = typed_settings(parse_settings(CLAIMS + COSTS))
    bundle = bundle_of(claims(3_000, 0), costly, "boosting", tmp_path / "claims")
    assert isinstance(bundle.manifest.rule, LeastCost)
    rows = week(bundle)
    assert (rows["prediction"] == "paid").mean() < 0.5 < (rows["outcome"] != "sold on").mean()
    found, _ = judged(rows, bundle, costly)
    exact = accuracy_score(rows["outcome"], rows["prediction"])
    assert found.quality.scores["accuracy"].value == pytest.approx(exact)
