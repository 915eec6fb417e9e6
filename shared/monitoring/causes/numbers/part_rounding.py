"""Numbers that were rounded in a part of the rows: many values are multiples of a step, not one."""

import numpy as np
import pandas as pd

from shared.monitoring.case import Case
from shared.monitoring.input_checks.grain import (
    FEWEST_VALUES,
    MOST,
    STEPS,
    grain,
    share_of_multiples,
)
from shared.profiles.counting_plan import NumberPlan

# So many standard errors more are no chance, and fewer rows than such a share are no news.
SURELY, LEAST_SHARE = 5.0, 0.05


def part_rounded_words(name: str, case: Case) -> str | None:
    """Say to what a number is rounded in a part of the rows, that it was not in training."""
    sides = (case.profile.sample, case.bundle.reference())
    if not isinstance(case.baseline.plan.by_name.get(name), NumberPlan):
        return None
    if any(name not in rows or not pd.api.types.is_numeric_dtype(rows[name]) for rows in sides):
        return None
    before = grain(sides[1][name])
    if before is None or (found := part_rounded(sides[0][name], sides[1][name], before)) is None:
        return None
    step, share = found
    once = f"to {before:g}" if before else "not at all"
    return f"{name} is rounded to {step:g} in about {share:.0%} of the rows, in training {once}"


def part_rounded(now: pd.Series, once: pd.Series, before: float) -> tuple[float, float] | None:
    """Return to which step values are rounded that were multiples of a finer one, and how many.

    Zeros are multiples of anything, and the most frequent value may have been filled in.
    """
    came, held = _telling(now), _telling(once)
    if len(np.unique(came)) < FEWEST_VALUES or len(np.unique(held)) < FEWEST_VALUES:
        return None
    # What is rounded more stays a multiple of what it was rounded to.
    if before and share_of_multiples(came, before) < MOST:
        return None
    steps = [step for step in STEPS if step > before]
    shares = [(share_of_multiples(came, s), share_of_multiples(held, s)) for s in steps]
    sizes = len(came), len(held)
    for at, (now_share, known) in enumerate(shares):
        more = _surplus((now_share, known), (0.0, 0.0), sizes)
        # Multiples of a step are those of finer ones, too: of these there are no more than before.
        finer = (_surplus(other, shares[at], sizes) for other in shares[at + 1 :])
        if more >= LEAST_SHARE and not any(finer):
            return steps[at], more
    return None


def _surplus(
    shares: tuple[float, float], without: tuple[float, float], sizes: tuple[int, int]
) -> float:
    """Return which share of the rows became multiples, of those that are none of others' `without`.

    Shares are of so many values now and before; 0 where it may be chance.
    """
    rest = [max(1 - share, 1e-9) for share in without]
    now, once = ((s - w) / r for s, w, r in zip(shares, without, rest, strict=True))
    rows = [max(size * r, 1.0) for size, r in zip(sizes, rest, strict=True)]
    error = np.sqrt(now * (1 - now) / rows[0] + once * (1 - once) / rows[1])
    is_more = once < 1 and now - once > SURELY * error
    return float((now - once) / (1 - once)) if is_more else 0.0


def _telling(values: pd.Series) -> np.ndarray:
    """Return the sizes of values other than zero and the most frequent one."""
    known = values[values.notna() & (values != 0)].astype("float64")
    often = known.mode()
    return np.abs(known[known != often.iloc[0]].to_numpy()) if len(often) else np.array([])
