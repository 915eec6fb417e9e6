from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from shared.errors import Refusal
from shared.model.inputs import model_input
from shared.schema import arrow
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate, Train
from shared.tasks.binary.binary_task import Binary
from shared.training import splits
from shared.training.fitting import candidates
from shared.training.fitting.shuffled_rows import ShuffledRows


class Raises(LogisticRegression):
    """An estimator that a team wrote and that fails."""

    def fit(self, rows, target):
        raise RuntimeError("out of luck")


@pytest.fixture(scope="module")
def parts(settings, table):
    return splits.by_time(table, Binary(), settings)


@pytest.fixture(scope="module")
def contract(settings, table):
    return infer_contract(table, settings)


def with_candidate(settings, **fields):
    added = Candidate(name="own", **fields)
    return settings.model_copy(update={"candidates": (*settings.candidates, added)})


def test_a_candidate_is_scored_on_validation(settings, parts, contract):
    result = candidates.fit_and_score("boosting", parts, contract, settings)
    assert result["error"] is None
    assert 0.5 < result["scores"]["roc_auc"].value < 1
    assert 0 < result["rule"].threshold < 1


def test_the_same_seed_gives_the_same_model(settings, parts, contract):
    forest = with_candidate(
        settings,
        estimator="sklearn.ensemble.RandomForestClassifier",
        preprocessing="tree",
        params={"n_estimators": 5},
    )
    one, two = (candidates.refit("own", parts, contract, forest) for _ in range(2))
    ask = parts["holdout"]
    first, second = (Binary().scores(m, model_input(ask, contract)) for m in (one, two))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("estimator", "params", "words"),
    [
        ("tests.training.fitting.test_candidates.Raises", {}, "RuntimeError: out of luck"),
        ("sklearn.linear_model.Logistic", {}, "cannot be imported"),
        ("sklearn.linear_model.LogisticRegression", {"c": 1}, "no parameter 'c'; did you mean 'C'"),
    ],
)
def test_a_failing_candidate_is_a_result_with_its_error(
    settings, parts, contract, estimator, params, words
):
    tried = with_candidate(settings, estimator=estimator, params=params)
    result = candidates.fit_and_score("own", parts, contract, tried)
    assert words in result["error"]
    assert result["scores"] is None


def test_the_best_stands_first_and_the_failed_last(settings, parts, contract):
    results = [
        candidates.fit_and_score(c.name, parts, contract, settings) for c in settings.candidates
    ]
    ranked = candidates.ranked(results, settings)
    assert [r["candidate"] for r in ranked][-1] == "broken"
    losses = [r["scores"]["log_loss"].value for r in ranked[:-1]]
    assert losses == sorted(losses)
    assert candidates.winner(ranked) is ranked[0]


def test_trials_of_fewer_rows_come_behind_those_of_all_and_never_win(settings, parts, contract):
    whole = candidates.fit_and_score("logistic", parts, contract, settings)
    part = {**whole, "candidate": "part", "rows": 9}
    better = {**part, "candidate": "more", "rows": 90}
    failed = {**whole, "scores": None, "error": "logistic: no luck"}
    ranked = candidates.ranked([failed, part, better, whole], settings)
    assert [r["candidate"] for r in ranked] == ["logistic", "more", "part", "logistic"]
    with pytest.raises(Refusal, match="every candidate failed: logistic: no luck"):
        candidates.winner(candidates.ranked([part, failed], settings))


def test_a_contest_that_nobody_finished_is_refused_with_every_error(settings, parts, contract):
    failed = candidates.fit_and_score("broken", parts, contract, settings)
    with pytest.raises(Refusal, match="every candidate failed: broken: .*NoSuchModel"):
        candidates.winner([failed])


def test_unseen_categories_and_missing_values_get_a_probability(settings, parts, contract):
    for name in ("logistic", "boosting"):
        model = candidates.refit(name, parts, contract, settings)
        strange = parts["holdout"].head(3).assign(region="mars", income=np.nan, guarantee=None)
        given = Binary().scores(model, model_input(strange, contract))
        assert ((given > 0) & (given < 1)).all()


def test_which_candidates_learn_from_all_rows_of_a_sampled_table_is_said(settings):
    sampled = SimpleNamespace(is_whole=False, words="5 of 9 rows, evenly over time")
    words = candidates.learning_words
    read = "[train] rows: 5 of 9 rows, evenly over time are read"
    assert words(sampled, settings) == read
    batches = with_candidate(settings, estimator="sklearn.linear_model.SGDClassifier")
    assert words(sampled, batches) == f"{read}; own learns from all, in batches"
    assert words(SimpleNamespace(is_whole=True), batches) == words(None, batches) == ""
    told = with_candidate(
        settings, estimator="sklearn.linear_model.SGDClassifier", learns_from="sample"
    )
    assert words(sampled, told) == read


def test_a_candidate_that_learns_in_batches_says_of_how_many_rows(settings, parts, contract):
    # A table of which these parts are a sample: the same rows, twice.
    batch = parts["train"][[*contract.features, contract.target]]
    shuffled = ShuffledRows.of([arrow.table(batch)] * 2, 2 * len(batch), settings)
    moments = []
    whole = SimpleNamespace(before=lambda moment: moments.append(moment) or shuffled)
    params = {"loss": "log_loss", "max_iter": 2}
    one = with_candidate(settings, estimator="sklearn.linear_model.SGDClassifier", params=params)
    result = candidates.fit_and_score("own", parts, contract, one, None, whole)
    assert result["error"] is None
    assert result["learnt"] == 2 * len(batch)
    candidates.refit("own", parts, contract, one, whole)
    assert moments == [parts[name][contract.time].min() for name in ("validation", "holdout")]
    other = candidates.fit_and_score("logistic", parts, contract, one, None, whole)
    assert other["learnt"] == len(batch)
    alone = candidates.fit_and_score("logistic", parts, contract, one)
    assert alone["learnt"] is None


@pytest.mark.parametrize(("said", "threads"), [("1", 1), ("99", 8), ("", 8), ("4,2", 8)])
def test_a_fit_takes_no_more_threads_than_the_environment_says(
    settings, monkeypatch, said, threads
):
    monkeypatch.setattr("os.cpu_count", lambda: 8 * len(settings.candidates))
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert candidates._threads(settings) == threads


def test_rows_count_by_the_column_that_the_settings_name(settings, table):
    """Learnt at once and in batches; what the column says is no feature."""
    amount = np.where(table["region"] == "south", 90.0, 10.0)
    amount[::50] = np.nan
    paid = table.assign(amount=amount)
    by_amount = with_candidate(
        settings, estimator="sklearn.dummy.DummyClassifier", params={"strategy": "prior"}
    ).model_copy(update={"train": Train(weigh_by="amount")})
    contract = infer_contract(paid, by_amount)
    parts = splits.by_time(paid, Binary(), by_amount)
    train = parts["train"]
    model = candidates.fitted(candidates.named("own", by_amount), train, contract, by_amount)
    counts = train["amount"].fillna(train["amount"].mean())
    asked = model_input(parts["holdout"].drop(columns="amount").head(1), contract)
    expected = np.average(train["defaulted"], weights=counts)
    assert Binary().scores(model, asked) == pytest.approx([expected])
    assert expected > train["defaulted"].mean() + 0.05
    batches = ShuffledRows.of([pa.Table.from_pandas(train)], len(train), by_amount)
    rows, weights = zip(*((p.rows["amount"], p.weights) for p in batches.parts(0)), strict=True)
    found = dict(zip(np.concatenate(rows), np.concatenate(weights), strict=True))
    assert found[90.0] / found[10.0] == pytest.approx(9)
