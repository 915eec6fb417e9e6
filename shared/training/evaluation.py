"""What a model is worth on the holdout: scores, comparisons, slices, and the gates."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from shared.model.answer import predictions
from shared.model.evaluation import (
    CalibrationBin,
    Evaluation,
    FeatureImportance,
    GateResult,
    HoldoutComparison,
    SliceScores,
)
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.settings import Gates, Metric, Settings
from shared.tasks import metrics
from shared.tasks.metrics import Score, metric_name

SMALL_SLICE = 200
CURVE_POINTS = 200
IMPORTANCE_ROWS = 2_000
LEAST_IMPORTANCE_ROWS = 500
IMPORTANCE_REPEATS = 3
# What is permuted in all: of 50 features, thrice, on as many rows as there may be.
MOST_PERMUTATIONS = 50 * IMPORTANCE_REPEATS
MOST_PERMUTED_ROWS = MOST_PERMUTATIONS * IMPORTANCE_ROWS
Points = tuple[list[float], list[float]]


def baseline(train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
    """Return the base rate of each row's group in the training rows: shape (rows,).

    Groups are the settings' `baseline` columns; small ones are pulled towards the overall rate by
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
    others: Mapping[str, np.ndarray],
    chosen: Mapping[str, Any],
    settings: Settings,
) -> Evaluation:
    """Judge the holdout probabilities of the candidate that was `chosen` on validation.

    `others` holds the probabilities that the `baseline` and the `champion` give the same rows.
    """
    target, threshold = holdout[settings.target].to_numpy(), chosen["threshold"]
    scores = metrics.score(target, probability, settings.seed)
    comparisons = {
        name: HoldoutComparison(
            scores=metrics.score(target, other, settings.seed),
            difference=metrics.difference(target, probability, other, settings.seed),
        )
        for name, other in others.items()
    }
    gates = gate_results(scores, comparisons, settings.gates)
    predicted = predictions(probability, threshold)
    bins = metrics.calibration(target, probability)
    return Evaluation(
        candidate=chosen["candidate"],
        rows=len(holdout),
        positives=int(target.sum()),
        threshold=threshold,
        scores=scores,
        comparisons=comparisons,
        slices=tuple(_slices(holdout, target, probability, settings)),
        calibration=tuple(map(CalibrationBin.model_validate, bins)),
        confusion=confusion_matrix(target, predicted, labels=[0, 1]).tolist(),
        curves=_curves(target, probability),
        gates=gates,
        passed=all(gate.passed for gate in gates),
    )


def gate_results(
    scores: Mapping[Metric, Score], comparisons: Mapping[str, HoldoutComparison], gates: Gates
) -> tuple[GateResult, ...]:
    """Hold a model's scores, and what they are compared with, against the settings' gates."""
    values = {name: score.value for name, score in scores.items()}
    rules = [
        (f"{metric_name(name)} at least", least, values[name], values[name] >= least)
        for name, least in gates.minimum.items()
    ]
    rules += [
        (f"{metric_name(name)} at most", most, values[name], values[name] <= most)
        for name, most in gates.maximum.items()
    ]
    by, metric = gates.compare_by, metric_name(gates.compare_by)
    gains = {other: metrics.gain(found.difference[by], by) for other, found in comparisons.items()}
    if gates.beat_baseline:
        low, _ = gains["baseline"]
        rule = f"gain in {metric} over the baseline (lower end of the 95% interval) above"
        rules.append((rule, 0.0, low, low > 0))
    if gates.not_worse_than_champion and "champion" in gains:
        _, high = gains["champion"]
        rule = f"gain in {metric} over the champion (upper end of the 95% interval) at least"
        rules.append((rule, 0.0, high, high >= 0))
    return tuple(
        GateResult(gate=rule, limit=limit, measured=measured, passed=passed)
        for rule, limit, measured, passed in rules
    )


def importance(
    model: Any, rows: pd.DataFrame, contract: Contract, settings: Settings
) -> tuple[FeatureImportance, ...]:
    """Return the ROC AUC that each feature carries, by permutation on at most 2,000 rows.

    Of more than 50 features each is permuted less often, and on fewer rows: it would take longer
    than all else.
    """
    repeats = min(IMPORTANCE_REPEATS, max(1, MOST_PERMUTATIONS // len(contract.features)))
    most = max(LEAST_IMPORTANCE_ROWS, MOST_PERMUTED_ROWS // (repeats * len(contract.features)))
    sample = rows.sample(min(IMPORTANCE_ROWS, most, len(rows)), random_state=settings.seed)
    target = sample[settings.target].to_numpy()
    if len(np.unique(target)) < 2:
        return ()
    measured = permutation_importance(
        model,
        model_input(sample, contract),
        target,
        scoring="roc_auc",
        n_repeats=repeats,
        random_state=settings.seed,
    )
    pairs = zip(contract.features, measured.importances_mean, measured.importances_std, strict=True)
    found = [FeatureImportance(feature=f, roc_auc=m, spread=s) for f, m, s in pairs]
    return tuple(sorted(found, key=lambda one: -one.roc_auc))


def _slices(
    holdout: pd.DataFrame, target: np.ndarray, probability: np.ndarray, settings: Settings
) -> Iterator[SliceScores]:
    for column in settings.slices:
        labels = holdout[column].astype(object).where(holdout[column].notna(), "(missing)")
        for value, at in sorted(labels.groupby(labels).indices.items(), key=lambda i: -len(i[1])):
            yield SliceScores(
                slice=f"{column} = {value}",
                rows=len(at),
                small=len(at) < SMALL_SLICE,
                observed=target[at].mean(),
                predicted=probability[at].mean(),
                scores=metrics.score(target[at], probability[at], settings.seed),
            )


def _curves(target: np.ndarray, probability: np.ndarray) -> dict[str, Points]:
    fall_out, recall, _ = roc_curve(target, probability)
    precision, sensitivity, _ = precision_recall_curve(target, probability)
    return {
        "roc": _thinned(fall_out, recall),
        "precision_recall": _thinned(sensitivity[::-1], precision[::-1]),
    }


def _thinned(x: np.ndarray, y: np.ndarray) -> Points:
    at = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).astype(int))
    return x[at].tolist(), y[at].tolist()
