"""What a model is worth on the holdout: scores, slices, rivals, and the gates' verdict."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from shared.model.answer import predictions
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.settings import Metric, Settings
from shared.tasks import metrics
from shared.tasks.metrics import Score, metric_name

SMALL_SLICE = 200
CURVE_POINTS = 200
IMPORTANCE_ROWS = 2_000


def baseline(train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
    """Return the base rate of each row's group in the training rows: shape (rows,).

    Groups are the settings' `baseline` columns; small ones are drawn towards the overall rate by
    20 pseudo-rows, and unseen ones get it.
    """
    overall = train[settings.target].mean()
    if not settings.baseline:
        return np.full(len(rows), overall)
    groups = list(settings.baseline)
    counts = train.groupby(groups, dropna=False)[settings.target].agg(["sum", "count"])
    rates = (counts["sum"] + 20 * overall) / (counts["count"] + 20)
    joined = rows[groups].merge(rates.rename("rate"), left_on=groups, right_index=True, how="left")
    return joined["rate"].fillna(overall).to_numpy("float64")


def best_threshold(target: np.ndarray, probability: np.ndarray, settings: Settings) -> float:
    """Return the settings' threshold, or the one with the best F1 on these (validation) rows."""
    if settings.threshold != "best_f1":
        return float(settings.threshold)
    precision, recall, thresholds = precision_recall_curve(target, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[int(np.argmax(f1[:-1]))])


def evaluate(
    holdout: pd.DataFrame,
    probability: np.ndarray,
    rivals: Mapping[str, np.ndarray],
    threshold: float,
    settings: Settings,
) -> dict[str, Any]:
    """Judge a model's holdout probabilities; returns plain values only.

    `rivals` holds the probabilities that others (`baseline`, `champion`) give the same rows.
    """
    target = holdout[settings.target].to_numpy()
    result: dict[str, Any] = {
        "rows": len(holdout),
        "positives": int(target.sum()),
        "threshold": threshold,
        "scores": _plain(metrics.score(target, probability, settings.seed)),
        "rivals": {
            name: {
                "scores": _plain(metrics.score(target, other, settings.seed)),
                "difference": _plain(metrics.difference(target, probability, other, settings.seed)),
            }
            for name, other in rivals.items()
        },
        "slices": _slices(holdout, target, probability, settings),
        "calibration": metrics.calibration(target, probability),
        "confusion": confusion_matrix(
            target, predictions(probability, threshold), labels=[0, 1]
        ).tolist(),
        "curves": _curves(target, probability),
    }
    result["gates"] = gates(result, settings)
    result["passed"] = all(gate["passed"] for gate in result["gates"])
    return result


def gates(result: dict[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """Hold an evaluation against the settings' gates: one plain row each."""
    given, comparisons = settings.gates, result["rivals"]
    measured = {name: score["value"] for name, score in result["scores"].items()}
    rows = [
        _gate(f"{metric_name(name)} at least", measured[name], least, measured[name] >= least)
        for name, least in given.minimum.items()
    ] + [
        _gate(f"{metric_name(name)} at most", measured[name], most, measured[name] <= most)
        for name, most in given.maximum.items()
    ]
    metric = metric_name(given.compare_by)
    if given.beat_baseline:
        low, _ = _gain(comparisons["baseline"], given.compare_by)
        rows.append(_gate(f"{metric} better than the baseline's (95 %) by", low, 0.0, low > 0))
    if given.not_worse_than_champion and "champion" in comparisons:
        _, high = _gain(comparisons["champion"], given.compare_by)
        rule = f"{metric} not worse than the champion's (95 %) by"
        rows.append(_gate(rule, high, 0.0, high >= 0))
    return rows


def importance(
    model: Any, rows: pd.DataFrame, contract: Contract, settings: Settings
) -> list[dict[str, Any]]:
    """Return the ROC AUC that each feature carries, by permutation on at most 2,000 rows."""
    sample = rows.sample(min(IMPORTANCE_ROWS, len(rows)), random_state=settings.seed)
    target = sample[settings.target].to_numpy()
    if len(np.unique(target)) < 2:
        return []
    measured = permutation_importance(
        model,
        model_input(sample, contract),
        target,
        scoring="roc_auc",
        n_repeats=3,
        random_state=settings.seed,
    )
    pairs = zip(contract.features, measured.importances_mean, measured.importances_std, strict=True)
    measured_rows = [{"feature": f, "roc_auc": float(m), "spread": float(s)} for f, m, s in pairs]
    return sorted(measured_rows, key=lambda row: -row["roc_auc"])


def _gate(rule: str, measured: float, limit: float, passed: bool) -> dict[str, Any]:
    return {"gate": rule, "limit": limit, "measured": measured, "passed": bool(passed)}


def _gain(rival: dict[str, Any], metric: Metric) -> tuple[float, float]:
    return metrics.gain(Score(**rival["difference"][metric]), metric)


def _plain(measured: dict[Metric, Score]) -> dict[str, dict[str, float]]:
    return {name: vars(score).copy() for name, score in measured.items()}


def _slices(
    holdout: pd.DataFrame, target: np.ndarray, probability: np.ndarray, settings: Settings
) -> list[dict[str, Any]]:
    rows = []
    for column in settings.slices:
        labels = holdout[column].astype(object).where(holdout[column].notna(), "(missing)")
        for value, at in sorted(labels.groupby(labels).indices.items(), key=lambda i: -len(i[1])):
            truth, chance = target[at], probability[at]
            rows.append(
                {
                    "slice": f"{column} = {value}",
                    "rows": len(at),
                    "small": len(at) < SMALL_SLICE,
                    "observed": float(truth.mean()),
                    "predicted": float(chance.mean()),
                    "scores": _plain(metrics.score(truth, chance, settings.seed)),
                }
            )
    return rows


def _curves(target: np.ndarray, probability: np.ndarray) -> dict[str, list[list[float]]]:
    fall_out, recall, _ = roc_curve(target, probability)
    precision, sensitivity, _ = precision_recall_curve(target, probability)
    return {
        "roc": _thinned(fall_out, recall),
        "precision_recall": _thinned(sensitivity[::-1], precision[::-1]),
    }


def _thinned(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    at = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).astype(int))
    return [x[at].tolist(), y[at].tolist()]
