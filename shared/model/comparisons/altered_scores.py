"""What may have been done to scores on their way, found by trying what is often done."""

import numpy as np

from shared.words import number_of

# Fewer rows could have anything done to them.
FEWEST = 5
# So large a share of rows has to be explained: a shifted probability is cut at 1, for one.
MOSTLY = 0.9
NEAR = 1e-9
MOST_PLACES = 8
# Two samples of one distribution are farther apart than this, times the square root of two over
# their rows, once in a hundred times (Kolmogorov and Smirnov).
FARTHEST = 1.63
# Below it scores say next to nothing of each other.
UNRELATED = 0.3


def likely_change(logged: np.ndarray, model: np.ndarray) -> str | None:
    """Return in words what made the logged scores of the model's; None where none is likely.

    Shapes: (rows,) both, of rows whose scores differ.
    """
    known = np.isfinite(logged) & np.isfinite(model)
    logged, model = logged[known], model[known]
    if len(logged) < FEWEST:
        return None
    return (
        _rounded(logged, model)
        or _moved(logged, model)
        or _inverted(logged, model)
        or _in_another_order(logged, model)
        or "another version of the model may have answered"
    )


def _rounded(logged: np.ndarray, model: np.ndarray) -> str | None:
    for places in range(MOST_PLACES + 1):
        if _explains(np.round(model, places), logged):
            return f"they are rounded to {number_of(places, 'decimal place')}"
    if _explains(model.astype("float32").astype("float64"), logged, 0):
        return "they were kept in single precision"
    return None


def _moved(logged: np.ndarray, model: np.ndarray) -> str | None:
    by = float(np.median(logged - model))
    if _explains(model + by, logged):
        return f"{abs(by):.4g} is {'added to' if by > 0 else 'taken from'} each"
    with np.errstate(divide="ignore", invalid="ignore"):
        times = float(np.nanmedian(logged / model))
    if np.isfinite(times) and times != 0 and _explains(times * model, logged):
        return f"each is multiplied by {times:.4g}"
    return None


def _inverted(logged: np.ndarray, model: np.ndarray) -> str | None:
    return "each is 1 less the model's" if _explains(1 - model, logged) else None


def _in_another_order(logged: np.ndarray, model: np.ndarray) -> str | None:
    """Say so where scores are distributed as the model's are, and have nothing to do with them."""
    rows = len(logged)
    every = np.sort(np.concatenate([logged, model]))
    shares = [np.searchsorted(np.sort(found), every, "right") / rows for found in (logged, model)]
    alike = np.max(np.abs(shares[0] - shares[1])) <= FARTHEST * np.sqrt(2 / rows)
    if not alike or np.ptp(logged) == 0 or np.ptp(model) == 0:
        return None
    if abs(float(np.corrcoef(_ranks(logged), _ranks(model))[0, 1])) >= UNRELATED:
        return None
    return "they may be the scores of other rows, in another order"


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), values)


def _explains(made: np.ndarray, logged: np.ndarray, near: float = NEAR) -> bool:
    return bool(np.mean(np.abs(made - logged) <= near * np.maximum(1, np.abs(logged))) >= MOSTLY)
