"""Estimators that read all rows from a file, beside the same ones fitted in memory."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from shared.model.inputs import model_input
from shared.schema import arrow
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.training.fitting import estimators, shuffled_rows
from shared.training.fitting.row_file import fit_from_file, reads_from_file
from shared.training.fitting.shuffled_rows import ShuffledRows
from tests.training.fitting.test_batch_learning import KINDS, ROWS, made


def named(library: str, name: str, **params: Any) -> Any:
    """Return an estimator that is taken for a library's own."""
    kind = type(name, (HistGradientBoostingClassifier,), {"__module__": f"{library}.sklearn"})
    estimator = kind()
    vars(estimator).update(params)
    return estimator


@pytest.mark.parametrize(
    ("preprocessing", "estimator", "reads"),
    [
        ("tree", named("lightgbm", "LGBMClassifier"), True),
        ("none", named("lightgbm", "LGBMRegressor"), True),
        ("tree", named("xgboost", "XGBClassifier", tree_method="hist"), True),
        # It would take what is not there in sparse rows for missing.
        ("linear", named("xgboost", "XGBClassifier", tree_method=None), False),
        ("tree", named("xgboost", "XGBClassifier", tree_method="exact"), False),
        ("tree", named("xgboost", "XGBRegressor", booster="gblinear"), False),
        ("tree", named("models", "LGBMClassifier"), False),
        ("tree", HistGradientBoostingClassifier(), False),
    ],
)
def test_what_reads_from_a_file_is_known_of_the_candidate(
    preprocessing: Any, estimator: Any, reads: bool
) -> None:
    candidate = Candidate(name="own", estimator="a.B", preprocessing=preprocessing)
    assert reads_from_file(candidate, estimator) is reads


def fitted(
    settings: Settings, kind: str, preprocessing: Any, numbers: bool = False
) -> tuple[Any, pd.DataFrame, Contract]:
    rows, _, asked = made(settings, kind)
    if numbers:
        asked = asked.model_copy(update={"features": ("number",)})
    named = rows.assign(defaulted=rows["defaulted"].astype(str)) if kind == "multiclass" else rows
    contract = infer_contract(named, asked)
    kinds = (HistGradientBoostingRegressor, HistGradientBoostingClassifier)
    place = f"sklearn.ensemble.{kinds[kind != 'regression'].__name__}"
    params = {"max_iter": 5, "early_stopping": False}
    candidate = Candidate(name="own", estimator=place, preprocessing=preprocessing, params=params)
    learnt = arrow.table(rows[["number", "text", "defaulted"]])
    whole = ShuffledRows.of([learnt[:900], learnt[900:]], ROWS, asked)
    sample = rows.iloc[::8].reset_index(drop=True)
    return (
        fit_from_file(estimators.build(candidate, contract, 0), sample, whole, contract),
        rows,
        contract,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_a_fit_in_memory(
    settings: Settings, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shuffled_rows, "ROWS_PER_PART", 800)
    model, rows, contract = fitted(settings, kind, "tree")
    again = model[:-1].transform(model_input(rows, contract))
    # Of so few rows each value is a bin of its own, in whatever order they come.
    alone = type(model["model"])(max_iter=5, early_stopping=False, random_state=0)
    alone.fit(again, rows["defaulted"].to_numpy())
    inputs = model_input(rows, contract)
    assert np.allclose(model.predict(inputs), alone.predict(again))
    if kind != "regression":
        assert model.classes_.tolist() == alone.classes_.tolist()
        assert np.allclose(model.predict_proba(inputs), alone.predict_proba(again))


def test_the_names_of_a_frame_are_the_estimators(settings: Settings) -> None:
    model, rows, contract = fitted(settings, "binary", "none", numbers=True)
    assert model["model"].feature_names_in_.tolist() == ["number"]
    assert model.score(model_input(rows, contract), rows["defaulted"]) > 0.8


def test_rows_count_by_their_weights(settings: Settings) -> None:
    rows, contract, asked = made(settings, "binary")
    raw = asked.model_dump() | {
        "action": {"on": True, "let_through": 0.1, "propensity": "chance"},
        "train": {"weights": "inverse_propensity", "clip": 1_000},
    }
    rows["chance"] = np.where(rows["defaulted"] == 1, 1.0, 0.001)
    learnt = arrow.table(rows[["number", "text", "chance", "defaulted"]])
    boosting = Candidate(
        name="own",
        estimator="sklearn.ensemble.HistGradientBoostingClassifier",
        preprocessing="tree",
        params={"max_iter": 3, "max_depth": 2},
    )

    def share(of: Settings) -> float:
        whole = ShuffledRows.of([learnt], ROWS, of)
        model = fit_from_file(estimators.build(boosting, contract, 0), rows, whole, contract)
        return float(model.predict_proba(model_input(rows, contract))[:, 1].mean())

    assert share(Settings.model_validate(raw)) < share(asked) / 10
