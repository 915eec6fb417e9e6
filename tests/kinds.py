"""A small problem of each kind of answer: its settings, its table, and what scikit-learn says."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, roc_auc_score

from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import loans

CLAIMS = """
name = "claims"
kind = "{kind}"
source = "claims.parquet"
key = "loan"
time = "applied"
target = "{target}"
features = ["income", "age", "region", "employed"]
slices = ["region"]
baseline = ["region"]

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.{estimator}"
preprocessing = "tree"
params = {{ max_iter = 20, early_stopping = false }}

[package]
golden_rows = 50

[contract]
income = {{ nullable = true }}
"""
INTERVAL = '\n[interval]\ncoverage = 0.9\nby = ["region"]\n'
FATES = np.array(["paid", "late", "written off", "sold on"], dtype=object)


@dataclass(frozen=True)
class Kind:
    """A problem of claims whose target is of this kind.

    `answers` are the columns of an answer, `made` the target of claims, and `scores` what
    scikit-learn makes of rows with an `outcome` and answers: the first is estimated before
    outcomes come.
    """

    name: str
    text: str
    target: str
    answers: tuple[str, ...]
    made: Callable[[pd.DataFrame, np.random.Generator], np.ndarray]
    scores: Callable[[pd.DataFrame], dict[str, float]]

    def settings(self) -> Settings:
        return typed_settings(parse_settings(self.text))

    def claims(self, rows: int, seed: int, days: float = 90) -> pd.DataFrame:
        """Return claims of so many days."""
        rng, made = np.random.default_rng(seed), loans(rows, seed)
        since = ((made["applied"] - made["applied"].min()) * days / 90).dt.floor("s")
        claims = made.drop(columns=["defaulted", "guarantee"])
        claims["applied"] = made["applied"].min() + since
        return claims.assign(**{self.target: self.made(made, rng)})

    def asked(self, seed: int = 5, rows: int = 460, after: int = 90) -> pd.DataFrame:
        """Return a week of claims after a history of so many days, at the rate of 6,000 in 90."""
        claims = self.claims(rows, seed, days=7)
        claims["applied"] += pd.Timedelta(days=after)
        return claims

    def week(self, bundle: Bundle, seed: int = 5) -> pd.DataFrame:
        """Return such a week with the bundle's answers, the target as its `outcome`."""
        rows = self.asked(seed)
        answers = bundle.answers(bundle.scores(rows), rows)
        return rows.assign(**answers).rename(columns={self.target: "outcome"})


def defaulted(made: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return whether loans defaulted, oftener the poor, the young and the south."""
    poor, south = made["income"].fillna(20_000) < 20_000, made["region"] == "south"
    odds = 2.4 * poor + 1.6 * south - 0.05 * (made["age"] - 40) - 1
    return rng.random(len(made)) < 1 / (1 + np.exp(-odds))


def amount(made: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return amounts with a skewed error, twice as large in the south."""
    spread = 1 + (made["region"] == "south")
    expected = made["income"].fillna(20_000) / 1_000 + 0.3 * made["age"]
    return (expected + spread * rng.gamma(1, 5, len(made))).to_numpy()


def fate(made: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return one of four fates, of which the last is rare."""
    poor, old = made["income"].fillna(20_000) < 20_000, (made["age"] - 40) / 20
    south = made["region"] == "south"
    odds = np.stack([0 * old + 1, 1.5 * poor - old, 2.0 * south + old - 1.5, 0 * old - 2], axis=1)
    chances = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    at = (rng.random(len(made))[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
    return FATES[np.minimum(at, 3)]


def _of_binary(rows: pd.DataFrame) -> dict[str, float]:
    truth, chance = rows["outcome"].astype(bool), rows["probability"]
    return {"log_loss": log_loss(truth, chance), "roc_auc": roc_auc_score(truth, chance)}


def _of_numbers(rows: pd.DataFrame) -> dict[str, float]:
    inside = rows["outcome"].between(rows["low"], rows["high"])
    error = mean_absolute_error(rows["outcome"], rows["prediction"])
    return {"mae": error, "coverage": inside.mean()}


def _of_classes(rows: pd.DataFrame) -> dict[str, float]:
    truth, answered = rows["outcome"], rows["prediction"]
    chances = rows[["probability_late", "probability_paid", *MORE_CHANCES]]
    return {
        "log_loss": log_loss(truth, chances, labels=sorted(FATES)),
        "accuracy": accuracy_score(truth, answered),
        "weighted_f1": f1_score(truth, answered, average="weighted"),
    }


MORE_CHANCES = ("probability_sold_on", "probability_written_off")
BINARY = Kind(
    name="binary",
    text=CLAIMS.format(
        kind="binary", target="defaulted", estimator="HistGradientBoostingClassifier"
    ),
    target="defaulted",
    answers=("probability", "prediction"),
    made=defaulted,
    scores=_of_binary,
)
REGRESSION = Kind(
    name="regression",
    text=CLAIMS.format(
        kind="regression", target="amount", estimator="HistGradientBoostingRegressor"
    )
    + INTERVAL,
    target="amount",
    answers=("prediction", "low", "high"),
    made=amount,
    scores=_of_numbers,
)
MULTICLASS = Kind(
    name="multiclass",
    text=CLAIMS.format(
        kind="multiclass", target="fate", estimator="HistGradientBoostingClassifier"
    ),
    target="fate",
    answers=("prediction", "probability", "probability_late", "probability_paid", *MORE_CHANCES),
    made=fate,
    scores=_of_classes,
)
KINDS = (BINARY, REGRESSION, MULTICLASS)
