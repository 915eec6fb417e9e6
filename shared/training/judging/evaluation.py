"""What a model is worth on the holdout: scores, comparisons, slices, and the gates."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shared.kinds import Metric, metric_name
from shared.model.evaluation import (
    Evaluation,
    GateResult,
    HoldoutComparison,
    SliceScores,
)
from shared.sections.training import Gates
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.metrics import Score
from shared.tasks.task import Task

SMALL_SLICE = 200


def evaluate(
    holdout: pd.DataFrame,
    measured: np.ndarray,
    others: Mapping[str, np.ndarray],
    chosen: Mapping[str, Any],
    task: Task,
    settings: Settings,
) -> Evaluation:
    """Judge the holdout's answers by the candidate that was `chosen` on validation.

    `measured` is what the metrics measure of them; `others` holds that of the `baseline` and of the
    `champion` on the same rows.
    """
    target, measure = holdout[settings.target].to_numpy(), task.measure
    counts, seed = task.counts(holdout, settings), settings.seed
    scores = metrics.score(measure, target, measured, seed, counts=counts)
    comparisons = {}
    for name, other in others.items():
        its = metrics.score(measure, target, other, seed, counts=counts)
        differs = metrics.difference(measure, target, measured, other, seed, counts, (scores, its))
        comparisons[name] = HoldoutComparison(scores=its, difference=differs)
    gates = gate_results(scores, comparisons, settings.gates)
    since = pd.to_datetime(holdout[settings.time], utc=True) - pd.Timestamp(0, tz="UTC")
    moments = since.dt.total_seconds().to_numpy("float64")
    return Evaluation(
        candidate=chosen["candidate"],
        rows=len(holdout),
        rule=chosen["rule"],
        scores=scores,
        comparisons=comparisons,
        slices=tuple(_slices(holdout, target, measured, counts, task, settings)),
        diagnostics=task.diagnose(target, measured, chosen["rule"], moments),
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


def _slices(
    holdout: pd.DataFrame,
    target: np.ndarray,
    measured: np.ndarray,
    counts: np.ndarray | None,
    task: Task,
    settings: Settings,
) -> Iterator[SliceScores]:
    for column in settings.slices:
        labels = holdout[column].astype(object).where(holdout[column].notna(), "(missing)")
        for value, at in sorted(labels.groupby(labels).indices.items(), key=lambda i: -len(i[1])):
            bias = task.bias(target[at], measured[at])
            counted = None if counts is None else counts[at]
            yield SliceScores(
                slice=f"{column} = {value}",
                rows=len(at),
                small=len(at) < SMALL_SLICE,
                observed=bias.observed,
                predicted=bias.predicted,
                of=bias.of,
                scores=metrics.score(
                    task.measure, target[at], measured[at], settings.seed, counts=counted
                ),
            )
