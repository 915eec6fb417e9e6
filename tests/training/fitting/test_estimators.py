"""A candidate of the settings as a scikit-learn pipeline."""

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.training.fitting import estimators

LOGISTIC = "sklearn.linear_model.LogisticRegression"


@pytest.fixture(scope="module")
def contract(settings: Settings, table: pd.DataFrame) -> Contract:
    return infer_contract(table, settings)


def test_the_seed_is_given_to_what_takes_one_unless_it_has_its_own(contract: Contract) -> None:
    plain = Candidate(name="a", estimator=LOGISTIC)
    own = Candidate(name="a", estimator=LOGISTIC, params={"random_state": 3})
    without = Candidate(name="a", estimator="sklearn.neighbors.KNeighborsClassifier")
    assert estimators.build(plain, contract, 7)["model"].random_state == 7
    assert estimators.build(own, contract, 7)["model"].random_state == 3
    assert "random_state" not in estimators.build(without, contract, 7)["model"].get_params()


@pytest.mark.parametrize(
    ("estimator", "params", "words"),
    [
        ("sklearn.linear_model.LogisticRegresion", {}, "; did you mean 'LogisticRegression'"),
        ("sklearn.linear_model.NoSuchModel", {}, "'a': estimator 'sklearn.*' cannot be imported"),
        ("no_such_module.Model", {}, "No module named 'no_such_module'"),
        (LOGISTIC, {"c": 1}, "'a': LogisticRegression has no parameter 'c'; did you mean 'C'"),
    ],
)
def test_an_estimator_that_cannot_be_made_is_refused(
    contract: Contract, estimator: str, params: dict[str, int], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        estimators.build(Candidate(name="a", estimator=estimator, params=params), contract, 7)


def test_a_class_of_one_row_is_refused_with_what_to_do_about_it(contract: Contract) -> None:
    rows = np.arange(10_001)
    fields = dict.fromkeys(contract.features, rows % 97) | {"region": "north", "guarantee": "house"}
    table = pd.DataFrame({**fields, "defaulted": np.where(rows, rows % 2, 2)})
    boosting = Candidate(
        name="boosting",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        preprocessing="tree",
        params={"max_iter": 1},
    )
    with pytest.raises(Refusal, match=r"boosting: .*early_stopping = false \}"):
        estimators.fit(boosting, table, contract, 0)
    mended = boosting.model_copy(update={"params": {"max_iter": 1, "early_stopping": False}})
    assert estimators.fit(mended, table, contract, 0).classes_.tolist() == [0, 1, 2]


def test_a_column_without_values_is_named_with_what_to_do_about_it(contract: Contract) -> None:
    fields = dict.fromkeys(contract.features, np.arange(100)) | {"region": "no such region"}
    table = pd.DataFrame({**fields, "defaulted": np.arange(100) % 2})
    boosting = Candidate(
        name="boosting",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        preprocessing="tree",
    )
    with pytest.raises(Refusal, match="boosting: no value of region, guarantee is in the rows to"):
        estimators.fit(boosting, table, contract, 0)


def test_an_estimator_that_takes_no_weights_is_refused(
    contract: Contract, table: pd.DataFrame
) -> None:
    candidate = Candidate(name="a", estimator="sklearn.neighbors.KNeighborsClassifier")
    rows = table.dropna(subset="defaulted")
    with pytest.raises(Refusal, match="KNeighborsClassifier takes no weights of rows: use another"):
        estimators.fit(candidate, rows, contract, 0, np.ones(len(rows)))


def test_directions_are_given_by_feature_and_hold_behind_the_encoder(
    contract: Contract, table: pd.DataFrame
) -> None:
    rows = table.dropna(subset="defaulted").head(500)
    rows = rows.assign(defaulted=rows["defaulted"].astype(int))
    rising = contract.numeric[-1]
    boosting = Candidate(
        name="a",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        params={"monotonic_cst": {rising: 1}},
        preprocessing="tree",
    )
    fitted = estimators.fit(boosting, rows, contract, 7)
    inputs = model_input(rows, contract).head(1)
    values = np.linspace(rows[rising].min(), rows[rising].max(), 50)
    inputs = pd.concat([inputs.assign(**{rising: value}) for value in values])
    assert (np.diff(fitted.predict_proba(inputs)[:, 1]) >= 0).all()
    wrong = boosting.model_copy(update={"params": {"monotonic_cst": {"region": 1}}})
    with pytest.raises(Refusal, match="names 'region', which is no feature of numbers"):
        estimators.build(wrong, contract, 7)


def test_a_class_weight_lifts_the_rare_class(contract: Contract, table: pd.DataFrame) -> None:
    rows = table.dropna(subset="defaulted")
    rare = pd.concat([rows[rows["defaulted"] == 0], rows[rows["defaulted"] == 1].head(40)])
    rare = rare.assign(defaulted=rare["defaulted"].astype(int))
    share = rare["defaulted"].mean()
    inputs = model_input(rare, contract)
    for params, expected in (({}, share), ({"class_weight": "balanced"}, 0.5)):
        candidate = Candidate(name="a", estimator=LOGISTIC, params=params, preprocessing="linear")
        fitted = estimators.fit(candidate, rare, contract, 7)
        assert fitted.predict_proba(inputs)[:, 1].mean() == pytest.approx(expected, abs=0.06)


def test_early_stopping_ends_before_the_last_round(contract: Contract, table: pd.DataFrame) -> None:
    rows = table.dropna(subset="defaulted")
    rows = rows.assign(defaulted=rows["defaulted"].astype(int))
    rounds = {}
    for stops in (False, True):
        candidate = Candidate(
            name="a",
            estimator="sklearn.ensemble.HistGradientBoostingClassifier",
            params={"max_iter": 120, "early_stopping": stops, "n_iter_no_change": 5},
            preprocessing="tree",
        )
        rounds[stops] = estimators.fit(candidate, rows, contract, 7)["model"].n_iter_
    assert rounds[False] == 120
    assert rounds[True] < 100
