"""Estimators that learn from all rows in batches, beside the same ones fitted in memory."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import (
    LogisticRegression,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

from shared.model.inputs import model_input
from shared.schema import arrow
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.training.fitting import batch_learning, estimators, shuffled_rows
from shared.training.fitting.batch_learning import learns_in_batches
from shared.training.fitting.shuffled_rows import ShuffledRows

ROWS = 1_600
KINDS = ("binary", "multiclass", "regression")


def made(settings: Settings, kind: str) -> tuple[pd.DataFrame, Contract, Settings]:
    """Return rows that learn well from a number and a text, their contract, and settings."""
    rng = np.random.default_rng(3)
    number, text = rng.normal(0, 1, ROWS), rng.choice(["a", "b", "c"], ROWS)
    risk = 2 * number + 3 * (text == "b")
    target: Any = {
        "regression": risk,
        "binary": (risk > 1) * 1,
        "multiclass": np.digitize(risk, [0, 2]),
    }
    rows = pd.DataFrame(
        {
            "loan": [f"L{at}" for at in range(ROWS)],
            "applied": pd.date_range("2024-01-01", periods=ROWS, freq="h", tz="UTC"),
            "defaulted": target[kind],
            "number": number,
            "text": text,
        }
    )
    rows["text"] = rows["text"].mask(rng.random(ROWS) < 0.05)
    features = {"features": ["number", "text"], "kind": kind, "contract": {}, "slices": []}
    plain = settings.model_dump(exclude={"select_by", "gates", "interval", "costs", "threshold"})
    plain |= features | {"baseline": [], "candidates": [settings.candidates[0].model_dump()]}
    asked = Settings.model_validate(plain)
    named = rows.assign(defaulted=rows["defaulted"].astype(str)) if kind == "multiclass" else rows
    return rows, infer_contract(named, asked), asked


def fitted(
    settings: Settings, kind: str, estimator: type, weights: bool = False, **params: Any
) -> tuple[Any, Any, pd.DataFrame, np.ndarray]:
    """Fit an estimator on an eighth of some rows, with all in batches, and on all in memory."""
    rows, contract, asked = made(settings, kind)
    place = f"{estimator.__module__}.{estimator.__name__}"
    candidate = Candidate(name="own", estimator=place, params=params)
    # In an order that batches must not keep: rows of a class side by side.
    ordered = rows.sort_values("defaulted")[["number", "text", "defaulted"]]
    batches = [arrow.table(ordered.iloc[at : at + 400]) for at in range(0, ROWS, 400)]
    whole = ShuffledRows.of(batches, ROWS, asked)
    sample = rows.iloc[::8].reset_index(drop=True)
    model = estimators.fit(candidate, sample, contract, 0, None, whole)
    alone = estimators.fit(candidate, rows, contract, 0)
    return model, alone, model_input(rows, contract), rows["defaulted"].to_numpy()


@pytest.fixture(autouse=True)
def _in_several_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shuffled_rows, "ROWS_PER_PART", 800)


@pytest.mark.parametrize("kind", KINDS)
def test_what_learns_in_batches_is_as_good_as_what_holds_all_rows(
    settings: Settings, kind: str
) -> None:
    estimator = SGDRegressor if kind == "regression" else SGDClassifier
    model, alone, inputs, target = fitted(settings, kind, estimator, max_iter=8, average=True)
    assert model.score(inputs, target) > max(0.9, alone.score(inputs, target) - 0.02)
    if kind != "regression":
        assert model.classes_.tolist() == alone.classes_.tolist()


def test_counts_in_batches_are_those_of_all_rows(settings: Settings) -> None:
    model, alone, _, _ = fitted(settings, "multiclass", GaussianNB)
    assert model["model"].class_count_.tolist() == alone["model"].class_count_.tolist()
    # The preprocessing is fitted on the sample, so that means differ by a hair.
    assert np.allclose(model["model"].theta_, alone["model"].theta_, atol=0.2)


def test_balanced_classes_are_weighed_by_the_sample(settings: Settings) -> None:
    model, alone, inputs, target = fitted(
        settings, "binary", SGDClassifier, class_weight="balanced", max_iter=8, average=True
    )
    weights = model["model"].class_weight
    assert set(weights) == {0, 1}
    assert weights[0] < 1 < weights[1]
    assert model.score(inputs, target) > alone.score(inputs, target) - 0.02


class Unweighed(SGDClassifier):
    """An estimator whose rows all count alike in batches."""

    def partial_fit(self, rows: Any, target: Any, classes: Any = None) -> Any:
        return super().partial_fit(rows, target, classes)


class Counting(SGDClassifier):
    """An estimator that counts the rows that it has seen."""

    def partial_fit(self, rows: Any, *args: Any, **more: Any) -> Any:
        self.seen_ = getattr(self, "seen_", 0) + rows.shape[0]
        return super().partial_fit(rows, *args, **more)


def test_passes_are_as_many_as_are_asked_for_or_make_a_million_rows(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def passes(**params: Any) -> float:
        model, *_ = fitted(settings, "binary", Counting, **params)
        return model["model"].seen_ / ROWS

    assert passes(max_iter=3, tol=None) == 3
    # It ends as the estimator would by itself, once nothing is gained any more.
    assert passes(max_iter=50, tol=0.1, n_iter_no_change=2) in (3, 4)
    monkeypatch.setattr(batch_learning, "ENOUGH_ROWS", 2 * ROWS)
    assert passes(tol=None) == 2
    monkeypatch.setattr(batch_learning, "ENOUGH_ROWS", ROWS // 2)
    assert passes() == 1


@pytest.mark.parametrize(
    ("estimator", "weighed", "learns"),
    [
        (SGDClassifier(), True, True),
        (GaussianNB(), False, True),
        (LogisticRegression(), False, False),
        # It holds out rows of its own, which batches have not.
        (SGDClassifier(early_stopping=True), False, False),
        (MLPClassifier(solver="lbfgs"), False, False),
        (Unweighed(), True, False),
        (Unweighed(), False, True),
    ],
)
def test_what_learns_in_batches_is_known_of_the_estimator(
    estimator: Any, weighed: bool, learns: bool
) -> None:
    assert learns_in_batches(estimator, weighed) is learns


def test_weights_count_in_batches(settings: Settings) -> None:
    rows, contract, asked = made(settings, "binary")
    raw = asked.model_dump() | {
        "action": {"on": True, "let_through": 0.1, "propensity": "chance"},
        "train": {"weights": "inverse_propensity", "clip": 1_000},
    }
    weighed = Settings.model_validate(raw)
    # Of the rows that are 1, as many as these count hardly at all.
    rows["chance"] = np.where(rows["defaulted"] == 1, 1.0, 0.001)
    learnt = arrow.table(rows[["number", "text", "chance", "defaulted"]])
    whole = ShuffledRows.of([learnt], ROWS, weighed)
    candidate = Candidate(name="own", estimator="sklearn.linear_model.SGDClassifier")
    model = estimators.fit(candidate, rows, contract, 0, None, whole)
    even = estimators.fit(
        candidate, rows, contract, 0, None, ShuffledRows.of([learnt], ROWS, asked)
    )
    inputs = model_input(rows, contract)
    assert model.predict(inputs).mean() < even.predict(inputs).mean()
