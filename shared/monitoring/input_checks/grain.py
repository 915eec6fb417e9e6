"""The grain of a number: the step of which its values are multiples, such as tenths or fives."""

import numpy as np
import pandas as pd

from shared.monitoring.case import Case
from shared.profiles.counting_plan import NumberPlan

STEPS = (1_000, 500, 100, 50, 10, 5, 1, 0.5, 0.25, 0.1, 0.05, 0.01, 0.005, 0.001, 1e-4, 1e-5, 1e-6)
# So many different values do not happen to be multiples of twice their step.
FEWEST_VALUES = 10
# Next to all values are: a few may have been filled in.
MOST = 0.99
# In steps; beyond it anything would be a multiple.
MOST_ERROR = 0.05


def grain(values: pd.Series) -> float | None:
    """Return the coarsest of `STEPS` that values are multiples of; 0 if there is none.

    None where too few differ to tell. Zeros are multiples of anything, and say nothing.
    """
    found = values.dropna().to_numpy("float64")
    found = np.abs(found[np.isfinite(found) & (found != 0)])
    if len(np.unique(found)) < FEWEST_VALUES:
        return None
    return next((step for step in STEPS if share_of_multiples(found, step) >= MOST), 0.0)


def grain_words(name: str, case: Case) -> str | None:
    """Say how a number is rounded otherwise than in training; None if it is as it was."""
    if (steps := _steps(name, case)) is None or steps[0] == steps[1]:
        return None
    now, before = steps
    if now > before:
        once = f"to {before:g}" if before else "not at all"
        return f"{name} is rounded to {now:g}, in training {once}"
    finer = f"to {now:g}" if now else "not at all"
    return f"{name} is rounded {finer}, in training to {before:g}"


def is_coarser(name: str, case: Case) -> bool:
    """Say whether a number is rounded to more than in training."""
    steps = _steps(name, case)
    return steps is not None and steps[0] > steps[1]


def _steps(name: str, case: Case) -> tuple[float, float] | None:
    """Return of which steps a number's values are multiples now, and were; None if not known."""
    if not isinstance(case.baseline.plan.by_name.get(name), NumberPlan):
        return None
    sides = (case.profile.sample, case.bundle.reference())
    if any(name not in rows or not pd.api.types.is_numeric_dtype(rows[name]) for rows in sides):
        return None
    now, before = (grain(rows[name]) for rows in sides)
    return None if now is None or before is None else (now, before)


def share_of_multiples(found: np.ndarray, step: float) -> float:
    """Return the share of values that are known to be multiples of a step, in float32."""
    times = found / step
    error = 1e-6 + 1e-7 * times
    return float(((np.abs(times - np.rint(times)) <= error) & (error < MOST_ERROR)).mean())
