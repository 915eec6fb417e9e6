"""Idle columns: one that no longer tells of the outcomes, while the other columns tell as before.

Where a column's values come of other rows, the model errs with them as it would in any other order,
and outcomes are as many, or as large, as it says on the whole. Where outcomes are wrong, no column
tells of them as it did; and what makes no difference any more, as heating in summer, makes answers
too high or too low.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from shared.frames import with_values
from shared.log_columns import OUTCOME
from shared.monitoring.case import Case
from shared.monitoring.causes.suspects import (
    FEWEST_ROWS,
    GONE,
    ROWS,
    SURELY,
    Suspect,
    errors_before,
    errors_now,
    known_rows,
)
from shared.monitoring.findings import Findings
from shared.monitoring.wording.column_reasons import LEAST_NAMED

# So many columns are tried, those that the model depends on most, each in so many other orders.
MOST_TRIED, ORDERS = 5, 3


class _Gain(NamedTuple):
    """By how much rows cost more with a column in another order, on average, and its error.

    That is beyond what outcomes of other rows would: what it tells of these.
    """

    more: float
    error: float


class _Rows(NamedTuple):
    """What rows cost, shape (rows,), and what each column tells of their outcomes."""

    losses: np.ndarray
    gains: dict[str, _Gain]


def find(case: Case, findings: Findings) -> Suspect | None:
    """Return the column whose silence is most of what all rows have lost, if any is."""
    names = sorted(findings.importance, key=lambda name: -findings.importance[name])[:MOST_TRIED]
    names = [name for name in names if findings.importance[name] >= LEAST_NAMED]
    rows = known_rows(case).head(ROWS) if len(names) > 1 else pd.DataFrame()
    target = case.bundle.contract.target
    held = case.bundle.reference().dropna(subset=[target]).head(ROWS)
    if min(len(rows), len(held)) < FEWEST_ROWS or _is_biased(rows, case):
        return None
    now = _rows(rows, OUTCOME, names, case)
    before = _rows(held, target, names, case)
    shares = {name: _share_of_loss(name, now, before) for name in names}
    name = max(names, key=lambda each: shares[each])
    deviation = next((d for d in findings.deviations if d.statistic.column == name), None)
    if shares[name] < GONE or deviation is None:
        return None
    return Suspect(
        name,
        f"{name} no longer tells of the outcomes, while the other columns do",
        f"its values may be of other rows: that is {min(shares[name], 1):.0%} of the extra error",
        shares[name],
        deviation,
    )


def _is_biased(rows: pd.DataFrame, case: Case) -> bool:
    """Say whether outcomes are more or less than was answered, beyond what held-out ones were."""
    now, before = errors_now(rows, case).bias, errors_before(case).bias
    # Of several classes it is that of the one which is the farthest off.
    once = before.observed - before.predicted if now.of == before.of else 0.0
    apart = now.observed - now.predicted - once
    return abs(apart) > SURELY * float(np.hypot(now.error, before.error))


def _share_of_loss(name: str, now: _Rows, before: _Rows) -> float:
    """Return which share of the extra error it is that a column tells less; 0 where none surely.

    Less than the other columns leave to expect, which have to tell at least half of what they did.
    """
    extra = float(now.losses.mean() - before.losses.mean())
    error = np.hypot(*(rows.losses.std() / len(rows.losses) ** 0.5 for rows in (now, before)))
    of_others = _kept([other for other in now.gains if other != name], now, before)
    here, there = now.gains[name], before.gains[name]
    less = there.more * of_others - here.more
    is_sure = less > SURELY * np.hypot(here.error, there.error) and extra > SURELY * error
    return less / extra if is_sure and of_others >= GONE else 0.0


def _kept(names: list[str], now: _Rows, before: _Rows) -> float:
    """Return which share columns tell of what they told together; 0 where either may be chance."""
    sums = []
    for rows in (now, before):
        more = sum(rows.gains[name].more for name in names)
        error = np.linalg.norm([rows.gains[name].error for name in names])
        sums.append(more if more > SURELY * error else 0.0)
    return min(sums[0] / sums[1], 1.0) if sums[1] else 0.0


def _rows(rows: pd.DataFrame, outcome: str, names: list[str], case: Case) -> _Rows:
    rows = rows.reset_index(drop=True)
    target = case.bundle.task.encode(rows[outcome]).to_numpy("float64")
    own, unrelated = _losses(rows, target, case)
    gains = {}
    for name in names:
        more, rng = np.zeros(len(rows)), np.random.default_rng(0)
        for _ in range(ORDERS):
            mixed = rows[name].iloc[rng.permutation(len(rows))].reset_index(drop=True)
            changed, anyway = _losses(with_values(rows, {name: mixed}), target, case)
            # Other answers may cost more whatever the outcomes are, as they are surer.
            more += ((changed - own) - (anyway - unrelated)) / ORDERS
        gains[name] = _Gain(float(more.mean()), float(more.std() / len(more) ** 0.5))
    return _Rows(own, gains)


def _losses(rows: pd.DataFrame, target: np.ndarray, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return what the model's answers cost each row, and would with outcomes of other rows."""
    bundle, task = case.bundle, case.bundle.task
    measured = task.measured(bundle.scores(rows), bundle.manifest.rule, rows)
    others = target[np.random.default_rng(0).permutation(len(target))]
    return task.losses(target, measured), task.losses(others, measured)
