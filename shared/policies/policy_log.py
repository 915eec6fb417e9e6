"""A policy's log: what it showed with which chance, and what a target policy thinks of it."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shared.errors import Refusal

# So many of a table's columns are named where one is not there.
MOST_NAMES = 8


@dataclass(frozen=True)
class PolicyLog:
    """What a policy showed, and what a target policy thinks of it; arrays of shape (rows,).

    `outcome` is 1 for a click and 0 for none, or a share between (NaN where it is not known yet);
    `propensity` the chance that the log's policy showed the row, `target` that the target policy
    would. `slate` and `cluster` are whole numbers from 0: rows of a cluster (a slate, or all of a
    user) go together in the intervals. `predicted` is a reward model's outcome of the row, and
    `expected` its mean over what the target policy would show there: the doubly robust estimate
    needs both.
    """

    outcome: np.ndarray
    propensity: np.ndarray
    target: np.ndarray
    slate: np.ndarray
    position: np.ndarray
    cluster: np.ndarray
    predicted: np.ndarray | None = None
    expected: np.ndarray | None = None

    def first_positions(self, count: int) -> "PolicyLog":
        """Return the log of each slate's first so many positions."""
        kept = self.position <= count
        held = {name: values[kept] for name, values in vars(self).items() if values is not None}
        return replace(self, **held)


@dataclass(frozen=True)
class LogNames:
    """The columns of a table of shown positions; without `user` the rows of a slate go together."""

    outcome: str = "outcome"
    propensity: str = "propensity"
    slate: str = "slate"
    position: str = "position"
    target: str | None = None
    user: str | None = None
    predicted: str | None = None
    expected: str | None = None


def policy_log(
    rows: pd.DataFrame, names: LogNames, given_above: bool, candidates: int | None = None
) -> PolicyLog:
    """Return the log that a table holds, a row for each position that was shown.

    The target policy's chances are a column's, or those of a policy that shows each of so many
    `candidates` as often. Without `given_above` the table needs no positions, and where it has no
    slates, each row is one. Raises `Refusal` when a column is not there, or holds something else.
    """
    has_slates = given_above or names.slate in rows
    slate = _codes(rows, names.slate) if has_slates else np.arange(len(rows))
    position = _numbers(rows, names.position) if given_above else np.ones(len(rows))
    if names.target:
        target = _numbers(rows, names.target)
    elif candidates:
        target = _even_chances(position, candidates)
    else:
        raise Refusal("a target policy is needed: a column of its chances, or so many candidates")
    return PolicyLog(
        outcome=_numbers(rows, names.outcome),
        propensity=_numbers(rows, names.propensity),
        target=target,
        slate=slate,
        position=position,
        cluster=_codes(rows, names.user) if names.user else slate,
        predicted=_numbers(rows, names.predicted) if names.predicted else None,
        expected=_numbers(rows, names.expected) if names.expected else None,
    )


def _even_chances(position: np.ndarray, candidates: int) -> np.ndarray:
    """Return the chance of each of the candidates that are left at a position."""
    if (position > candidates).any():
        raise Refusal(f"{candidates} candidates cannot fill a slate's position {position.max():g}")
    return np.asarray(1 / (candidates - position + 1))


def _numbers(rows: pd.DataFrame, name: str) -> np.ndarray:
    values = _column(rows, name)
    try:
        return values.to_numpy("float64", na_value=np.nan)
    except (TypeError, ValueError):
        first = values.dropna().iloc[0]
        raise Refusal(f"column {name!r} holds {first!r} where a number is needed") from None


def _codes(rows: pd.DataFrame, name: str) -> np.ndarray:
    codes, _ = pd.factorize(_column(rows, name))
    if missing := int((codes < 0).sum()):
        raise Refusal(f"column {name!r} is missing in {missing:,} of {len(rows):,} rows")
    return codes


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        shown = ", ".join(map(repr, rows.columns[:MOST_NAMES]))
        more = f" and {len(rows.columns) - MOST_NAMES} more" * (len(rows.columns) > MOST_NAMES)
        raise Refusal(f"no column {name!r}: the table has {shown}{more}")
    return rows[name]
