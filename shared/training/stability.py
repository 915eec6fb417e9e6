"""How a model's scores vary from one span of time to the next, as a monitor's windows are spans."""

import numpy as np
import pandas as pd

from shared.model.evaluation import ScoreVariation, SliceVariation
from shared.settings import HIGHER_IS_BETTER, METRICS, Settings
from shared.tasks import metrics
from shared.tasks.metrics import JUDGED

SPANS_HOURS = (4, 12, 24, 72, 168, 336, 672)
FEWEST_BLOCKS, MOST_BLOCKS = 4, 100
# Slices are many, and what is wanted of them is one number over all: fewer of each will do.
MOST_SLICE_BLOCKS, SLICE_RESAMPLES = 20, 40


def measure(
    rows: pd.DataFrame, probability: np.ndarray, settings: Settings
) -> tuple[ScoreVariation, ...]:
    """Return the variation over each length of spans, the shortest first; none of too few spans.

    Spans overlap by half; those with fewer outcomes than the monitor judges are left out. `bias` is
    the observed less the predicted share.
    """
    moments = pd.to_datetime(rows[settings.time], utc=True)
    target = rows[settings.target].to_numpy("float64")
    slices = _slices(rows, settings)
    found = []
    for hours in SPANS_HOURS:
        blocks = _kept(_blocks(moments, pd.Timedelta(hours=hours)), target, settings)
        if len(blocks) >= FEWEST_BLOCKS:
            blocks = _spread_out(blocks, MOST_BLOCKS)
            whole = _over(blocks, target, probability, settings)
            sliced = _over_slices(blocks, slices, target, probability, settings)
            found.append(ScoreVariation(hours=hours, blocks=len(blocks), slices=sliced, **whole))
    return tuple(found)


def _spread_out(blocks: list[np.ndarray], most: int) -> list[np.ndarray]:
    """Return at most so many of the blocks, evenly."""
    return [blocks[at] for at in np.unique(np.linspace(0, len(blocks) - 1, most).astype(int))]


def _kept(blocks: list[np.ndarray], target: np.ndarray, settings: Settings) -> list[np.ndarray]:
    """Return the blocks, or rows of one, that can be scored."""
    fewest = settings.monitor.minimum_outcomes
    return [at for at in blocks if len(at) >= fewest and 0 < target[at].mean() < 1]


def _over(
    blocks: list[np.ndarray], target: np.ndarray, probability: np.ndarray, settings: Settings
) -> dict[str, dict[str, float]]:
    """Return the `spread` and the `worst` of each score over blocks."""
    measured = [metrics.score(target[at], probability[at], settings.seed) for at in blocks]
    spread: dict[str, float] = {}
    worst: dict[str, float] = {}
    for name in METRICS:
        values = np.array([score[name].value for score in measured])
        errors = np.array([score[name].error for score in measured])
        spread[name] = float(np.sqrt(max(values.var(ddof=1) - (errors**2).mean(), 0)))
        worst[name] = float(values.min() if name in HIGHER_IS_BETTER else values.max())
    gaps = np.array([target[at].mean() - probability[at].mean() for at in blocks])
    chance = [np.mean(probability[at] * (1 - probability[at])) / len(at) for at in blocks]
    # A gap is measured from zero, not from the mean gap.
    spread["bias"] = float(np.sqrt(max(np.mean(gaps**2) - np.mean(chance), 0)))
    worst["bias"] = float(np.abs(gaps).max())
    return {"spread": spread, "worst": worst}


def _over_slices(
    blocks: list[np.ndarray],
    slices: list[np.ndarray],
    target: np.ndarray,
    probability: np.ndarray,
    settings: Settings,
) -> SliceVariation | None:
    blocks = _spread_out(blocks, MOST_SLICE_BLOCKS)
    apart: dict[str, list[float]] = {name: [] for name in JUDGED}
    errors: dict[str, list[float]] = {name: [] for name in JUDGED}
    for rows in slices:
        cut = [_within(rows, block) for block in blocks]
        if len(parts := _kept(cut, target, settings)) < FEWEST_BLOCKS:
            continue
        whole = metrics.score(target[rows], probability[rows], settings.seed, SLICE_RESAMPLES)
        for part in parts:
            found = metrics.score(target[part], probability[part], settings.seed, SLICE_RESAMPLES)
            for name in JUDGED:
                sign = 1 if name in HIGHER_IS_BETTER else -1
                apart[name].append(sign * (whole[name].value - found[name].value))
                errors[name].append(found[name].error)
    if not apart[JUDGED[0]]:
        return None
    over = {
        name: np.mean(np.array(apart[name]) ** 2 - np.array(errors[name]) ** 2) for name in JUDGED
    }
    return SliceVariation(
        blocks=len(apart[JUDGED[0]]),
        spread={name: float(np.sqrt(max(over[name], 0))) for name in JUDGED},
        loss={name: max(0.0, *apart[name]) for name in JUDGED},
    )


def _slices(rows: pd.DataFrame, settings: Settings) -> list[np.ndarray]:
    """Return the rows of each slice, in order."""
    return [
        np.sort(at)
        for column in settings.slices
        for at in rows.groupby(column, dropna=False, observed=True).indices.values()
    ]


def _within(rows: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return those of rising rows that are in a block, which has no gaps."""
    first, last = np.searchsorted(rows, [block[0], block[-1] + 1])
    return rows[first:last]


def _blocks(moments: pd.Series, length: pd.Timedelta) -> list[np.ndarray]:
    if moments.max() - moments.min() < length:
        return []
    starts = pd.date_range(moments.min(), moments.max() - length, freq=length / 2)
    ends = np.searchsorted(moments, starts + length)
    begins = np.searchsorted(moments, starts)
    return [np.arange(a, b) for a, b in zip(begins, ends, strict=True)]
