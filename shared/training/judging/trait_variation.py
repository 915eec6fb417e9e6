"""How a trait of answers varies from one span of time to the next, and how it wanders off."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shared.baseline import bounds
from shared.model.evaluation import TraitVariation
from shared.tasks.task import Trait

FEWEST_SPANS = 4


def ends(blocks: Sequence[np.ndarray], moments: pd.Series) -> np.ndarray:
    """Return the hours since 1970 of the first and the last row of each block: (blocks, 2)."""
    hours = ((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)).to_numpy("float64")
    return np.array([hours[at[[0, -1]]] for at in blocks]).reshape(-1, 2)


def vary(traits: Sequence[Trait], hours: np.ndarray) -> TraitVariation | None:
    """Return how a trait varies over spans in time; None where too few of them have it.

    `hours` are those of each span's ends, shape (spans, 2).
    """
    values = np.array([trait.value for trait in traits])
    errors = np.array([trait.error for trait in traits])
    known = np.isfinite(values) & np.isfinite(errors)
    if known.sum() < FEWEST_SPANS:
        return None
    values, errors, hours = values[known], errors[known], hours[known]
    chance = float((errors**2).mean())
    beyond = values.var(ddof=1) - chance
    apart, gaps = _later_spans(values, errors, hours)
    wander, trend = bounds.slope_with_gap(apart[None], gaps[None])[0]
    return TraitVariation(
        mean=float(values.mean()),
        spread=float(np.sqrt(max(beyond, 0))),
        blocks=len(values),
        error=float(np.sqrt(chance)),
        wander=float(wander),
        trend=float(trend),
        gap=float(np.nanmax(gaps, initial=0.0)),
    )


def _later_spans(
    values: np.ndarray, errors: np.ndarray, hours: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far spans are from the mean of all that had ended so many hours before, squared.

    Beyond the error of both; shapes (histories, spans), NaN where a span is no later one.
    """
    ends = np.arange(FEWEST_SPANS - 1, len(values))
    gaps = hours[None, :, 0] - hours[ends, None, 1]
    gaps = np.where(gaps >= 0, gaps, np.nan)
    counts = ends + 1
    means, chance = np.cumsum(values)[ends] / counts, np.cumsum(errors**2)[ends] / counts**2
    apart = (values - means[:, None]) ** 2 - errors**2 - chance[:, None]
    return np.where(np.isnan(gaps), np.nan, apart), gaps
