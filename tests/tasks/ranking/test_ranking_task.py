"""Impressions: chances are answered and judged as a binary target's, slates beside them."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import log_loss

from shared.kinds import METRICS
from shared.model.bundle import Bundle
from shared.model.comparisons.agreement import Agreement
from shared.model.evaluation import Evaluation
from shared.policies.exploration import choose
from shared.policies.impressions import Impressions
from shared.scoring.answers import Scorer
from shared.sections.answers import Slates
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.binary.binary_task import Binary, Threshold
from shared.tasks.ranking.ranking_task import Ranking
from shared.training import evaluation_card
from tests.conftest import bundle_of
from tests.monitoring.traffic import judged
from tests.tasks.impressions import clicks, impressions, shelf

TASK = Ranking(slates=Slates(user="user", item="item", slate="visit", position="place"))
RULE, HALF = Threshold(threshold=0.5), np.array([0.2, 0.6, 0.5])
ROWS = pd.DataFrame(
    {
        "user": ["a", "a", "b"],
        "item": ["x", "y", "x"],
        "visit": ["v", "v", None],
        "place": [1, 2, 3],
    }
)


def test_what_a_table_says_of_slates_is_kept_beside_the_answers() -> None:
    found = TASK.answers(HALF, RULE, ROWS)
    assert found["probability"].tolist() == HALF.tolist()
    assert found["prediction"].tolist() == [False, True, True]
    assert found["slate"].tolist() == ["v", "v", None]
    assert found["position"].tolist() == [1, 2, 3]
    assert found["policy"].tolist() == [None, None, None]
    assert [*found] == [column.name for column, _ in TASK.columns]


def test_rows_of_no_slate_have_answers_without_one() -> None:
    found = TASK.answers(HALF, RULE, {"user": ["a"] * 3, "item": ["x"] * 3})
    assert found["slate"].tolist() == found["propensity"].tolist() == [None, None, None]
    served = {"slate": ["v", None, "w"], "propensity": [0.5, np.nan, None]}
    found = TASK.answers(HALF, RULE, served)
    assert found["slate"].tolist() == ["v", None, "w"]
    assert found["propensity"].tolist() == [0.5, None, None]


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        ROWS.rename(columns={"visit": "slate"}),
        pa.Table.from_pandas(ROWS),
        ROWS.to_dict("list"),
    ],
    ids=["table", "log", "arrow", "columns"],
)
def test_who_saw_what_together_has_the_same_numbers_however_rows_come(rows: object) -> None:
    found = TASK.measured(HALF, RULE, rows)
    assert found.tolist()[:2] == TASK.measured(HALF[:2], RULE, ROWS[:2]).tolist()
    chance, user, slate, item = found.T
    assert chance.tolist() == HALF.tolist()
    assert user[0] == user[1] != user[2]
    assert item[0] == item[2] != item[1]
    assert slate[0] == slate[1]
    assert np.isnan(slate[2])


def test_an_item_is_as_good_as_it_was_clicked_and_rare_ones_are_like_the_rest(
    tmp_path: Path,
) -> None:
    settings, rows = shelf(tmp_path), impressions()
    train, asked = rows[:2_000], rows[2_000:2_100].assign(item="never shown")
    found = TASK.baseline(train.astype({"clicked": float}), asked, settings)
    assert found[:, 0].tolist() == pytest.approx([train["clicked"].mean()] * 100)
    known = TASK.baseline(train.astype({"clicked": float}), rows[2_000:], settings)
    assert len(np.unique(known[:, 0])) == rows["item"].nunique()


def test_chances_have_the_bias_the_traits_and_the_losses_of_a_binary_target() -> None:
    rng = np.random.default_rng(0)
    chance, target = rng.random(400), (rng.random(400) < 0.5).astype("float64")
    measured, binary = np.column_stack([chance, chance, chance, chance]), Binary()
    assert TASK.bias(target, measured) == binary.bias(target, chance)
    assert TASK.traits(target, measured) == binary.traits(target, chance)
    assert TASK.losses(target, measured).tolist() == binary.losses(target, chance).tolist()
    assert TASK.diagnose(target, measured, RULE) == binary.diagnose(target, chance, RULE)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("bundles") / "shelf"
    return bundle_of(impressions(), settings, "boosting", folder)


def test_a_model_is_judged_by_chances_and_by_slates(bundle: Bundle) -> None:
    found = bundle.evaluation
    assert found.passed
    assert {*found.scores} == {*METRICS["ranking"]}
    gain = found.comparisons["baseline"].difference
    assert gain["log_loss"].high < 0 < gain["ndcg"].low
    assert found.scores["ndcg"].low < found.scores["ndcg"].value < found.scores["ndcg"].high
    assert Evaluation.model_validate(found.plain()).model_dump_json() == found.model_dump_json()
    assert evaluation_card.evaluation(found, bundle.contract)


def test_a_bundle_keeps_what_was_shown_where(bundle: Bundle) -> None:
    reference = bundle.reference()
    assert reference["slate"].tolist() == reference["visit"].tolist()
    assert reference["propensity"].tolist() == pytest.approx([1 / 12] * len(reference))
    assert bundle.contract.ranking == bundle.settings.ranking


def test_a_week_at_random_is_ordinary_and_its_answers_are_the_models(
    bundle: Bundle, settings: Settings
) -> None:
    week = impressions(70, seed=3, days=7)
    week["shown"] += pd.Timedelta(days=60)
    answers = bundle.answers(bundle.scores(week), week)
    rows = week.assign(**answers).rename(columns={"clicked": "outcome"})
    found, verdict = judged(rows, bundle, settings)
    assert verdict.level == "ok", verdict.reasons
    assert verdict.agreement == Agreement(compared=300)
    score = log_loss(rows["outcome"], rows["probability"])
    assert found.quality.scores["log_loss"].value == pytest.approx(score, rel=0.01)


def test_a_table_of_impressions_is_answered_whole(bundle: Bundle) -> None:
    table = pa.Table.from_pandas(impressions(20, seed=2), preserve_index=False)
    found = Scorer(bundle, features=True).answer(table).answers
    types = {name: str(found.schema.field(name).type) for name in ("slate", "position", "policy")}
    assert types == {"slate": "string", "position": "double", "policy": "string"}
    assert found["probability"].to_pylist() == pytest.approx(bundle.scores(table).tolist())


def with_tastes(slates: int) -> pd.DataFrame:
    """Return impressions whose clicks hang on what each user likes of each item, and no feature."""
    rng = np.random.default_rng(0)
    likes, has = rng.normal(size=(40, 2)) * 1.5, rng.normal(size=(12, 2)) * 1.5
    rows = impressions(slates)
    user, item = rows["user"].str[1:].astype(int) % 40, rows["item"].str[1:].astype(int)
    odds = (likes[user] * has[item]).sum(axis=1)
    clicked = rng.random(len(rows)) < 1 / (1 + np.exp(-odds))
    return rows.assign(user=[f"u{at}" for at in user], age=30, price=1.0, clicked=clicked)


def test_a_small_network_finds_tastes_that_popularity_does_not(
    settings: Settings, tmp_path: Path
) -> None:
    network = Candidate(
        name="embeddings",
        estimator="sklearn.neural_network.MLPClassifier",
        params={"hidden_layer_sizes": [32], "alpha": 0.1, "max_iter": 15},
    )
    asked = settings.model_copy(update={"candidates": (network,)})
    found = bundle_of(with_tastes(1_500), asked, "embeddings", tmp_path / "bundle").evaluation
    assert found.passed
    assert found.comparisons["baseline"].difference["ndcg"].low > 0.1


def served(bundle: Bundle, slates: int, seed: int) -> pd.DataFrame:
    """Return a week in which a policy chose three of all items for each who came."""
    rng, items = np.random.default_rng(seed), bundle.items()
    asked = impressions(slates, seed=seed, days=7).iloc[::5]
    shown = []
    for _, one in asked.iterrows():
        rows = items.assign(user=one["user"], age=one["age"], shown=one["shown"])
        scores = bundle.scores(rows)
        found = choose(scores, 3, bundle.settings.explore, rng)
        slate = rows.iloc[found.positions].assign(
            impression=[f"{one['visit']}:{at}" for at in (1, 2, 3)],
            slate=one["visit"],
            position=[1, 2, 3],
            propensity=found.propensities,
            policy="epsilon 0.2",
            candidates=len(items),
        )
        shown.append(slate)
    week = pd.concat(shown, ignore_index=True)
    week["shown"] += pd.Timedelta(days=60)
    answers = bundle.answers(bundle.scores(week), week)
    return week.assign(**answers, outcome=clicks(week, rng))


def test_that_a_policy_prefers_some_items_is_no_fault_and_clicks_mixed_up_are(
    bundle: Bundle, settings: Settings
) -> None:
    week = served(bundle, 120, seed=5)
    assert week["item"].value_counts(normalize=True).iloc[0] > 0.14
    found, verdict = judged(week, bundle, settings)
    assert verdict.level == "ok", verdict.reasons
    _, before = judged(week.drop(columns="outcome"), bundle, settings)
    assert not [one for one in before.reasons if one.stage in ("feed", "inputs")], before.reasons
    # Among the best of many, clicks are harder to tell than among items at random.
    assert found.quality.expected["roc_auc"].value < bundle.evaluation.scores["roc_auc"].low
    wrong = week.assign(outcome=week["outcome"].sample(frac=1, random_state=0).to_numpy())
    _, verdict = judged(wrong, bundle, settings)
    assert verdict.level == "act"
    assert {reason.stage for reason in verdict.reasons} == {"quality"}


def test_slates_of_a_window_are_scored_where_all_their_outcomes_have_come() -> None:
    task = Ranking(slates=Slates(user="user", item="item", slate="slate", top=2))
    random, slates, size = np.random.default_rng(0), 300, 4
    chance = random.random(slates * size)
    rows = Impressions(
        user=np.repeat(random.integers(0, 40, slates), size),
        item=np.concatenate([random.permutation(9)[:size] for _ in range(slates)]),
        slate=np.repeat(np.arange(slates), size),
        position=np.tile(np.arange(1, size + 1), slates),
        candidates=np.full(slates * size, 9),
        propensity=np.full(slates * size, 1 / 9),
        clicked=(random.random(slates * size) < chance).astype("float64"),
        probability=chance,
        policy=np.full(slates * size, "even"),
    )
    found = task.slate_scores(rows, seed=0)
    assert [*found] == [*METRICS["ranking"][len(METRICS["binary"]) :]]
    measured = np.column_stack([chance, rows.user, rows.slate, rows.item])
    whole = metrics.score(task.measure, rows.clicked, measured)
    assert found == {name: whole[name] for name in found}
    assert found["ndcg"].low < found["ndcg"].value < found["ndcg"].high
    # One whose first outcome, or whose chance, is not known is left out, and a tail that lacks
    # is one that was not asked for.
    kept = np.ones(slates * size, bool)
    kept[[0, 7]] = False
    rows.probability[8] = np.nan
    less = Impressions(**{f.name: getattr(rows, f.name)[kept] for f in fields(rows)[:-1]})
    assert sorted({*range(slates)} - {*less.whole_slates().slate.tolist()}) == [0, 2]
    assert task.slate_scores(None, seed=0) == {}
