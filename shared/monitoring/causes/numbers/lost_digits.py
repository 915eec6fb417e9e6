"""Numbers that have lost digits: more of their values are multiples of a step than ever before.

Of values that are rounded none is new, and each is about where it was: neither their range nor
their ranking moves. Which of them are whole is as history's own stretches of as many rows had it.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from shared.baseline.statistics import Statistic
from shared.monitoring.case import Case
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.input_checks.grain import (
    FEWEST_VALUES,
    MOST,
    STEPS,
    grain,
    share_of_multiples,
)
from shared.profiles.counting_plan import NumberPlan

# The held-out rows are cut into so many stretches at most, and at least so many are compared.
MOST_STRETCHES, FEWEST_STRETCHES = 12, 4
# So many standard errors beyond what stretches reach, and as far again as they are apart; of the
# different values alone fewer will do.
SURELY, LEAST_SURELY = 5.0, 2.0
# So few multiples more are no news: any fine step has some.
LEAST_SHARE = 0.05


def find(case: Case, without: Collection[str]) -> list[Deviation]:
    """Return the numbers whose values are rounded as they never were, but for some columns."""
    time, now = case.bundle.contract.time, case.profile.sample
    once, found = case.bundle.reference().sort_values(time, kind="stable"), list[Deviation]()
    hours = (once[time].iloc[-1] - once[time].iloc[0]) / pd.Timedelta(hours=1) if len(once) else 0
    for name in case.bundle.contract.features:
        is_number = isinstance(case.baseline.plan.by_name.get(name), NumberPlan)
        if name in without or not is_number or name not in now or name not in once:
            continue
        if all(pd.api.types.is_numeric_dtype(rows[name]) for rows in (now, once)):
            parts = [*_stretches(once[name].dropna(), int(now[name].notna().sum()))]
            worst = _by_steps(name, now[name], once[name], parts)
            span = round(hours * len(parts[0]) / len(once)) if parts else 0
            found += [replace(worst, hours=max(span, 1))] if worst else []
    return found


def _by_steps(
    name: str, now: pd.Series, once: pd.Series, parts: list[pd.Series]
) -> Deviation | None:
    """Return a number's deviation by the step that is the farthest beyond its threshold, if any."""
    before, came, held = grain(once), _sizes(now), [*map(_sizes, parts)]
    enough = len(held) >= FEWEST_STRETCHES and min(map(_distinct, held)) >= FEWEST_VALUES
    if before is None or not enough or _distinct(came) < FEWEST_VALUES:
        return None
    # What is rounded more stays a multiple of what it was rounded to.
    if before and share_of_multiples(came, before) < MOST:
        return None
    steps = [step for step in STEPS if step > before]
    found = [_deviation(name, came, held, step) for step in steps if _is_of_many(came, held, step)]
    worst = max(found, key=lambda one: one.excess, default=None)
    return worst if worst and worst.beyond else None


def _stretches(once: pd.Series, rows: int) -> Iterator[pd.Series]:
    """Yield parts of a column, in the order of time, of so many rows or a quarter of all."""
    size = min(rows, len(once) // FEWEST_STRETCHES)
    count = min(len(once) // size, MOST_STRETCHES) if size else 0
    for first in np.linspace(0, len(once) - size, count).astype(int):
        yield once.iloc[first : first + size]


def _sizes(values: pd.Series) -> np.ndarray:
    """Return the sizes of values but for 0, which is a multiple of anything."""
    found = np.abs(values.dropna().to_numpy("float64"))
    return found[np.isfinite(found) & (found > 0)]


def _distinct(sizes: np.ndarray) -> int:
    return len(np.unique(sizes))


def _is_of_many(came: np.ndarray, held: list[np.ndarray], step: float) -> bool:
    """Say whether more of the different values are multiples, and not one that came oftener."""
    shares = [share_of_multiples(np.unique(part), step) for part in held]
    now, mean = share_of_multiples(np.unique(came), step), float(np.mean(shares))
    return now - mean > LEAST_SURELY * _error(mean, _distinct(came))


def _deviation(name: str, came: np.ndarray, held: list[np.ndarray], step: float) -> Deviation:
    """Hold the share of a step's multiples against that of stretches: a part of total variation.

    Rows of one value are alike: chance is that of as many as there are values.
    """
    shares = np.array([share_of_multiples(part, step) for part in held])
    mean, most = float(shares.mean()), float(shares.max())
    chance = max(SURELY * _error(mean, _distinct(came)), LEAST_SHARE)
    return Deviation(
        statistic=Statistic("values", name),
        number=share_of_multiples(came, step) - mean,
        threshold=most - mean + (most - float(shares.min())) + chance,
        largest=most - mean,
        hours=None,
        blocks=len(held),
    )


def _error(share: float, values: int) -> float:
    """Return the standard error of a share of so many values, of which at least one has it."""
    return float(np.sqrt(max(share * (1 - share), 1 / values) / values))
