"""A problem of every kind, from its table to a verdict, in one process."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.comparisons.agreement import Agreement
from shared.model.evaluation import Evaluation
from shared.model.predictor import Predictor
from shared.monitoring import findings
from shared.monitoring.outcomes import loss_places
from shared.monitoring.windows import scope
from shared.schema import columns
from shared.serving.request_rows.rows import AnswerForm
from shared.settings import Settings
from shared.training import evaluation_card
from tests.conftest import bundle_of
from tests.kinds import BINARY, KINDS, MULTICLASS, REGRESSION, Kind
from tests.monitoring.traffic import answer, judged, read_case


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture(scope="module")
def settings(kind: Kind) -> Settings:
    return kind.settings()


@pytest.fixture(scope="module")
def bundle(kind: Kind, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "claims"
    return bundle_of(kind.claims(6_000, 0), settings, "boosting", folder)


def test_the_model_beats_its_baseline_and_its_evaluation_can_be_shown(
    kind: Kind, bundle: Bundle
) -> None:
    found, loss = bundle.evaluation, "mae" if kind is REGRESSION else "log_loss"
    assert found.passed
    assert found.comparisons["baseline"].difference[loss].high < 0
    assert Evaluation.model_validate(found.plain()).model_dump_json() == found.model_dump_json()
    assert evaluation_card.evaluation(found, bundle.contract)


def test_an_ordinary_week_is_scored_as_scikit_learn_scores_it(
    kind: Kind, bundle: Bundle, settings: Settings
) -> None:
    rows = kind.week(bundle)
    found, verdict = judged(rows, bundle, settings)
    assert verdict.level == "ok", verdict.reasons
    assert verdict.agreement == Agreement(compared=300)
    scores = {name: found.quality.scores[name].value for name in kind.scores(rows)}
    assert scores == pytest.approx(kind.scores(rows), rel=0.01)


def test_the_first_score_is_estimated_before_outcomes_come(
    kind: Kind, bundle: Bundle, settings: Settings
) -> None:
    rows = kind.week(bundle)
    found, _ = judged(rows.drop(columns="outcome"), bundle, settings)
    name, exact = next(iter(kind.scores(rows).items()))
    assert found.quality.estimated[name].low < exact < found.quality.estimated[name].high


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
def test_answers_that_are_not_the_models_are_act_and_named(
    kind: Kind, bundle: Bundle, settings: Settings, change: Callable[[pd.Series], pd.Series]
) -> None:
    names, rows = [*bundle.task.score_names], kind.week(bundle)
    _, verdict = judged(rows.assign(**{n: change(rows[n]) for n in names}), bundle, settings)
    reason, first = verdict.reasons[0], verdict.agreement.first[0]
    assert (verdict.level, reason.stage) == ("act", "answers")
    assert reason.column == first.column
    assert first.column in names
    right = rows.set_index("loan")[first.column][first.key]
    assert first.model == pytest.approx(right, abs=1e-12) != first.logged
    assert f" answers in the file are not this model's: {first.key} has " in reason.what


def test_a_server_answers_with_the_columns_of_its_kind(kind: Kind, bundle: Bundle) -> None:
    rows = kind.week(bundle)[:3]
    names = (bundle.contract.key, bundle.contract.time, *bundle.contract.features)
    plain = rows[[*names]].astype(object).where(rows[[*names]].notna(), None)
    logged = Predictor(bundle).score(columns.of_rows(plain.to_dict("records"), names))
    written = msgspec.json.decode(msgspec.json.encode(AnswerForm(bundle.contract).answers(logged)))
    for name in kind.answers:
        assert logged[name] == pytest.approx(rows[name].tolist())
        assert [row[name] for row in written] == pytest.approx(rows[name].tolist())


def test_a_log_that_keeps_answers_and_outcomes_is_judged(
    kind: Kind, bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    log, rows = PredictionLog("claims", bundle.contract), kind.week(bundle)
    answer(log, rows.rename(columns={"outcome": kind.target}), bundle)
    log.outcomes.add(dict(zip(rows["loan"], rows["outcome"].tolist(), strict=True)))
    found = findings.find(read_case(scope.plan(settings, bundle, None, None), bundle, settings))
    log.close()
    assert found.agreement == Agreement(compared=300)
    assert found.quality.received == 460
    scores = {name: found.quality.scores[name].value for name in kind.scores(rows)}
    assert scores == pytest.approx(kind.scores(rows), rel=0.01)


def mixed_up(outcome: pd.Series) -> np.ndarray:
    return outcome.sample(frac=1, random_state=0).to_numpy()


def swapped(outcome: pd.Series) -> pd.Series:
    return outcome.replace({"paid": "late", "late": "paid"})


def with_a_new_class(outcome: pd.Series) -> pd.Series:
    return outcome.where(np.arange(len(outcome)) % 8 > 0, "forgotten")


WRONG = [
    (BINARY, mixed_up, "log loss rose to"),
    (BINARY, lambda outcome: ~outcome, "log loss rose to"),
    (REGRESSION, mixed_up, "MAE rose to"),
    (REGRESSION, lambda outcome: outcome * 1.3, "MAE rose to"),
    (REGRESSION, lambda outcome: outcome + 5, "the mean outcome rose to"),
    (MULTICLASS, mixed_up, "log loss rose to"),
    (MULTICLASS, swapped, "log loss rose to"),
    (MULTICLASS, swapped, "the share of 'late' rose to"),
    (
        MULTICLASS,
        with_a_new_class,
        "the share of unknown classes rose to 12.6% (predicted 0.0%)",
    ),
    (
        MULTICLASS,
        lambda outcome: outcome.where(outcome == "", "late"),
        "all 460 outcomes are 'late' (pred",
    ),
]


def test_outcomes_that_are_mixed_up_shifted_or_swapped_are_found(
    kind: Kind, bundle: Bundle, settings: Settings
) -> None:
    rows = kind.week(bundle)
    for of, wrong, words in WRONG:
        if of is kind:
            _, verdict = judged(rows.assign(outcome=wrong(rows["outcome"])), bundle, settings)
            assert verdict.level == "act"
            assert [r.what for r in verdict.reasons if r.what.startswith(words)], verdict.reasons


@pytest.mark.parametrize("kind", [REGRESSION], indirect=True, ids=lambda kind: kind.name)
def test_intervals_hold_nine_in_ten_in_each_group(bundle: Bundle) -> None:
    found = bundle.evaluation
    assert found.scores["coverage"].value == pytest.approx(0.9, abs=0.03)
    assert {group.values for group in found.rule.groups} == {("north",), ("south",), ("east",)}
    assert found.rule == bundle.manifest.rule
    assert all(0.8 < one.scores["coverage"].value <= 1 for one in found.slices)


def test_all_of_a_loss_is_laid_in_the_value_of_a_column_that_it_is_in(
    kind: Kind, bundle: Bundle, settings: Settings
) -> None:
    rows = kind.asked(rows=2_000)
    unsliced = settings.model_copy(update={"slices": ()})
    assert loss_places.find(read_case(rows, bundle, unsliced)) is None
    north = rows["region"] == "north"
    known = rows[kind.target].to_numpy()
    wrong = {BINARY: lambda: ~known.astype(bool), REGRESSION: lambda: known + 60}.get(
        kind, lambda: np.full(len(rows), "sold on", object)
    )()
    lost = rows.assign(**{kind.target: rows[kind.target].where(~north, wrong)})
    place = loss_places.find(read_case(lost, bundle, unsliced))
    assert place
    assert (place.column, place.value) == ("region", "north")
