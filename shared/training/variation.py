"""How a model's scores vary from one span of time to the next, as a monitor's windows are spans."""

from typing import Any

import numpy as np
import pandas as pd

from shared import scores
from shared.settings import HIGHER_IS_BETTER, METRICS, Settings

SPANS_HOURS = (4, 12, 24, 72, 168, 336, 672)
FEWEST_BLOCKS, MOST_BLOCKS = 4, 100


def measure(
    rows: pd.DataFrame, probability: np.ndarray, settings: Settings
) -> list[dict[str, Any]]:
    """Return a plain row for each length of spans, the shortest first; none of too few spans.

    `spread` is the standard deviation of each score over `blocks` spans of so many `hours`, which
    overlap by half, less what their bootstrap intervals tell of it; `worst` the worst score of
    one. `bias` is the observed less the predicted share. Spans with fewer outcomes than the monitor
    judges are left out.
    """
    moments = pd.to_datetime(rows[settings.time], utc=True)
    target = rows[settings.target].to_numpy("float64")
    found = (_over(hours, moments, target, probability, settings) for hours in SPANS_HOURS)
    return [span for span in found if span]


def _over(
    hours: int,
    moments: pd.Series,
    target: np.ndarray,
    probability: np.ndarray,
    settings: Settings,
) -> dict[str, Any]:
    blocks = [
        at
        for at in _blocks(moments, pd.Timedelta(hours=hours))
        if len(at) >= settings.monitor.minimum_outcomes and 0 < target[at].mean() < 1
    ]
    if len(blocks) < FEWEST_BLOCKS:
        return {}
    kept = np.unique(np.linspace(0, len(blocks) - 1, MOST_BLOCKS).astype(int))
    blocks = [blocks[at] for at in kept]
    measured = [scores.score(target[at], probability[at], settings.seed) for at in blocks]
    spread: dict[str, float] = {}
    worst: dict[str, float] = {}
    for name in METRICS:
        values = np.array([score[name].value for score in measured])
        errors = np.array([score[name].error for score in measured])
        spread[name] = float(np.sqrt(max(values.var(ddof=1) - (errors**2).mean(), 0)))
        worst[name] = float(values.min() if name in HIGHER_IS_BETTER else values.max())
    gaps = np.array([target[at].mean() - probability[at].mean() for at in blocks])
    chance = [np.mean(probability[at] * (1 - probability[at])) / len(at) for at in blocks]
    # A gap is from none at all, not from the usual one.
    spread["bias"] = float(np.sqrt(max(np.mean(gaps**2) - np.mean(chance), 0)))
    worst["bias"] = float(np.abs(gaps).max())
    return {"hours": hours, "blocks": len(blocks), "spread": spread, "worst": worst}


def _blocks(moments: pd.Series, length: pd.Timedelta) -> list[np.ndarray]:
    if moments.max() - moments.min() < length:
        return []
    starts = pd.date_range(moments.min(), moments.max() - length, freq=length / 2)
    ends = np.searchsorted(moments, starts + length)
    begins = np.searchsorted(moments, starts)
    return [np.arange(a, b) for a, b in zip(begins, ends, strict=True)]
