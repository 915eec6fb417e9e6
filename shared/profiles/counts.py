"""Counts of rows: whole numbers by name, so that those of two tables add up to those of both."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from shared.profiles.counting_plan import SCORE
from shared.schema import arrow

OUTCOME = "outcome"
# What may be wrong with a value, as `lost` counts it.
LOST = ("missing", "unreadable", "outside", "absent")
# Probabilities by their log odds: from -8 to 8, in steps that change no metric's third digit.
SCORE_BINS = 512
OUTCOMES = 3

Counts = dict[str, np.ndarray]
"""Whole numbers by name: `rows`, `gram`, `answers`, and of each column `bins …` and `lost …`;
of each number `exact …` and `unseen …`, too.

Each may have leading axes, of groups of rows that were counted apart. `answers` are rows by
outcome (none, false, true) and by bins of the score.
"""


class Tally:
    """Counts numbers from 0 on, by group of rows from one of `starts` to the next.

    A negative number counts for nothing. `sizes` are the rows of each group.
    """

    def __init__(self, starts: np.ndarray, rows: int) -> None:
        self.sizes = np.diff(np.append(starts, rows)).astype("int64")
        several = len(starts) > 1
        self._group = np.repeat(np.arange(len(starts)), self.sizes) if several else None

    def count(self, found: np.ndarray, width: int, known: np.ndarray | None = None) -> np.ndarray:
        """Count into `width` bins; `known` are the rows that `found` is of, if not of all."""
        groups = len(self.sizes)
        if self._group is None or not len(found):
            kept = found[found >= 0] if len(found) and found.min() < 0 else found
            made = np.bincount(kept, minlength=width) if len(kept) else np.zeros(width, "int64")
            return np.broadcast_to(made, (groups, width)).astype("int64")
        group = self._group if known is None else self._group[known]
        kept = found >= 0
        at = group[kept] * width + found[kept]
        return np.bincount(at, minlength=groups * width).reshape(-1, width)


def add_counts(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Counts:
    """Add counts that were made by the same plan."""
    return {name: one[name] + other[name] for name in one}


def counts_between(
    running: Mapping[str, np.ndarray], starts: np.ndarray, stops: np.ndarray
) -> Counts:
    """Return counts of spans of groups, from their running sums with a leading zero."""
    return {name: total[stops] - total[starts] for name, total in running.items()}


def running_sums(counted: Mapping[str, np.ndarray]) -> Counts:
    """Return the running sums over the first axis, with a leading zero."""
    return {
        name: np.concatenate([np.zeros_like(found[:1]), np.cumsum(found, axis=0)])
        for name, found in counted.items()
    }


def score_bin(chance: np.ndarray) -> np.ndarray:
    """Return the bin of each probability; shape (rows,), whole numbers."""
    with np.errstate(divide="ignore"):
        odds = np.log(chance) - np.log1p(-chance)
    at = np.floor((odds + arrow.MOST_ODDS) * (SCORE_BINS / (2 * arrow.MOST_ODDS)))
    return np.clip(np.nan_to_num(at), 0, SCORE_BINS - 1).astype("int64")


def score_middles() -> np.ndarray:
    """Return the probability in the middle of each bin of the score."""
    odds = (np.arange(SCORE_BINS) + 0.5) * (2 * arrow.MOST_ODDS / SCORE_BINS) - arrow.MOST_ODDS
    return 1 / (1 + np.exp(-odds))


def answer_cells(table: pa.Table) -> np.ndarray:
    """Return each row's place among the outcomes (none, false, true) by the bins of its score.

    Shape (rows,): outcome times `SCORE_BINS` plus bin, or -1 where a row has no score.
    """
    if SCORE not in table.column_names:
        return np.full(table.num_rows, -1)
    chance = arrow.numbers(table[SCORE])[0]
    outcome = np.zeros(len(chance), "int64")
    if OUTCOME in table.column_names:
        known_outcome = arrow.numbers(table[OUTCOME])[0]
        outcome = np.where(np.isnan(known_outcome), 0, 1 + (known_outcome > 0.5)).astype("int64")
    return np.where(np.isnan(chance), -1, outcome * SCORE_BINS + score_bin(chance))
