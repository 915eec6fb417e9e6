"""Counts of rows by a plan: whole numbers, so that those of two tables add up to those of both."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.profiles import relations, values
from shared.profiles.plan import SCORE, CategoryPlan, NumberPlan, Plan

OUTCOME = "outcome"
# What may be wrong with a value, as `lost` counts it.
LOST = ("missing", "unreadable", "outside", "absent")
# Probabilities by their log odds: from -8 to 8, in steps that change no metric's third digit.
SCORE_BINS = 512
HOURS = 24
# Exact values of numbers, in float32, are counted in so many buckets by the first bits of a hash.
# By more bits of it those are known that history had.
BUCKETS = 64
HASHES = 1 << 16
MOST_ODDS = 8.0
MULTIPLY = np.uint64(0x9E3779B97F4A7C15)

Counts = dict[str, np.ndarray]
"""Whole numbers by name: `rows`, `gram`, `answers`, and of each column `bins …` and `lost …`;
of each number `exact …` and `unseen …`, too.

Each may have leading axes, of groups of rows that were counted apart. `answers` are rows by
outcome (none, false, true) and by bins of the score.
"""


def add(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Counts:
    """Add counts that were made by the same plan."""
    return {name: one[name] + other[name] for name in one}


def between(running: Mapping[str, np.ndarray], starts: np.ndarray, stops: np.ndarray) -> Counts:
    """Return counts of spans of groups, from their running sums with a leading zero."""
    return {name: total[stops] - total[starts] for name, total in running.items()}


def running(counted: Mapping[str, np.ndarray]) -> Counts:
    """Return the running sums over the first axis, with a leading zero."""
    return {
        name: np.concatenate([np.zeros_like(found[:1]), np.cumsum(found, axis=0)])
        for name, found in counted.items()
    }


def score_bin(chance: np.ndarray) -> np.ndarray:
    """Return the bin of each probability; shape (rows,), whole numbers."""
    with np.errstate(divide="ignore"):
        odds = np.log(chance) - np.log1p(-chance)
    at = np.floor((odds + MOST_ODDS) * (SCORE_BINS / (2 * MOST_ODDS)))
    return np.clip(np.nan_to_num(at), 0, SCORE_BINS - 1).astype("int64")


def score_middles() -> np.ndarray:
    """Return the probability in the middle of each bin of the score."""
    odds = (np.arange(SCORE_BINS) + 0.5) * (2 * MOST_ODDS / SCORE_BINS) - MOST_ODDS
    return 1 / (1 + np.exp(-odds))


class Counter:
    """Counts tables by a plan.

    Of the last table counted, `digests` are the rows' hashes, shape (rows,), and `features` what
    the relations are made of, shape (features, rows).
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.relations = relations.Relations(plan)
        self._had = {
            column.name: _had(column) for column in plan.columns if isinstance(column, NumberPlan)
        }
        self.digests = np.zeros(0, dtype="uint64")
        self.features = np.zeros((self.relations.size, 0))

    def count(self, table: pa.Table, starts: np.ndarray | None = None) -> Counts:
        """Count a table, or each group of its rows from one of `starts` to the next.

        Returns arrays without a leading axis, or with one of the groups.
        """
        rows = table.num_rows
        groups = np.array([0]) if starts is None else starts
        sizes = np.diff(np.append(groups, rows))
        group = None if starts is None else np.repeat(np.arange(len(groups)), sizes)
        self._tally = _Tally(len(groups), group)
        features = np.zeros((self.relations.size, rows))
        features[0] = relations.STEPS
        none = np.zeros(0, "int64")
        self.digests = np.zeros(rows, dtype="uint64")
        counted: Counts = {"rows": sizes.astype("int64")}
        counted[f"bins {relations.HOUR}"] = self._tally.of(none, HOURS)
        for column in self.plan.columns:
            counted |= self._column(table, column, features)
        if self.plan.time in table.column_names:
            moments = values.seconds(table[self.plan.time])
            features[self.relations.groups[relations.HOUR]] = relations.of_hours(moments)
            at = np.nan_to_num(moments // values.HOUR_SECONDS % HOURS, nan=-1).astype("int64")
            counted[f"bins {relations.HOUR}"] = self._tally.of(at, HOURS)
            self._mix(np.nan_to_num(moments).view("uint64"))
        self.features = features
        counted["gram"] = _grams(features, groups, rows)
        counted["answers"] = self._answers(table)
        return counted if starts is not None else {n: c[0] for n, c in counted.items()}

    def _column(
        self, table: pa.Table, column: NumberPlan | CategoryPlan, features: np.ndarray
    ) -> Counts:
        name, rows = column.name, table.num_rows
        if name not in table.column_names:
            absent = np.full(rows, LOST.index("absent"))
            none = np.zeros(0, "int64")
            counted = {
                f"bins {name}": self._tally.of(none, column.width),
                f"lost {name}": self._tally.of(absent, len(LOST)),
            }
            if isinstance(column, NumberPlan):
                counted[f"exact {name}"] = self._tally.of(none, BUCKETS)
                counted[f"unseen {name}"] = self._tally.of(none, 1)
            return counted
        at = self.relations.groups.get(name)
        if isinstance(column, NumberPlan):
            return self._number(table[name], column, features, at)
        return self._category(table[name], column, features, at)

    def _number(
        self, raw: pa.ChunkedArray, column: NumberPlan, features: np.ndarray, at: slice | None
    ) -> Counts:
        found, missing = values.numbers(raw)
        known = ~np.isnan(found)
        every = bool(known.all())
        bins = np.searchsorted(column.edges, found if every else found[known], side="right")
        lost = np.full(len(found), -1)
        if not every:
            lost[~known] = LOST.index("unreadable")
            lost[missing] = LOST.index("missing")
        low, high = column.minimum, column.maximum
        if low is not None or high is not None:
            with np.errstate(invalid="ignore"):
                out = (found < (-np.inf if low is None else low)) | (
                    found > (np.inf if high is None else high)
                )
            lost[out] = LOST.index("outside")
        if at:
            features[at.start] = relations.standard(found, column)
        if column.name != SCORE:
            self._mix(np.where(known, found, 0.5).view("uint64"))
        of = None if every else known
        known_values = found if every else found[known]
        hashes = _hashes(known_values)
        return {
            f"bins {column.name}": self._tally.of(bins, column.width, of),
            f"exact {column.name}": self._tally.of(hashes // (HASHES // BUCKETS), BUCKETS, of),
            f"unseen {column.name}": self._tally.of(
                self._unseen(known_values, hashes, column), 1, of
            ),
            f"lost {column.name}": self._tally.of(lost, len(LOST)),
        }

    def _unseen(self, found: np.ndarray, hashes: np.ndarray, column: NumberPlan) -> np.ndarray:
        """Return 0 for each number within the range of history that it never had, else -1."""
        unseen = np.full(len(found), -1)
        if column.values:
            at = np.flatnonzero(~self._had[column.name][hashes])
            within = (found[at] > column.values[0]) & (found[at] < column.values[-1])
            unseen[at[within]] = 0
        return unseen

    def _category(
        self, raw: pa.ChunkedArray, column: CategoryPlan, features: np.ndarray, at: slice | None
    ) -> Counts:
        texts = values.texts(raw)
        listed = pa.array(column.categories, texts.type)
        codes = pc.index_in(texts, value_set=listed, skip_nulls=True)
        codes = codes.fill_null(len(column.categories)).to_numpy().astype("int64")
        missing = texts.is_null().to_numpy()
        every = not missing.any()
        lost = np.where(missing, LOST.index("missing"), -1)
        if column.enforced:
            lost[~missing & (codes == len(column.categories))] = LOST.index("outside")
        for place in range(column.related if at else 0):
            features[at.start + place][codes == place] = relations.STEPS  # type: ignore[union-attr]
        self._mix(codes.astype("uint64"))
        known = None if every else ~missing
        return {
            f"bins {column.name}": self._tally.of(
                codes if every else codes[known], column.width, known
            ),
            f"lost {column.name}": self._tally.of(lost, len(LOST)),
        }

    def _answers(self, table: pa.Table) -> np.ndarray:
        if SCORE not in table.column_names:
            return self._tally.of(np.zeros(0, "int64"), 3 * SCORE_BINS, None).reshape(
                -1, 3, SCORE_BINS
            )
        chance = values.numbers(table[SCORE])[0]
        known = ~np.isnan(chance)
        outcome = np.zeros(len(chance), "int64")
        if OUTCOME in table.column_names:
            told = values.numbers(table[OUTCOME])[0]
            outcome = np.where(np.isnan(told), 0, 1 + (told > 0.5)).astype("int64")
        bins = outcome[known] * SCORE_BINS + score_bin(chance[known])
        return self._tally.of(bins, 3 * SCORE_BINS, known).reshape(-1, 3, SCORE_BINS)

    def _mix(self, bits: np.ndarray) -> None:
        mixed = (self.digests ^ bits) * MULTIPLY
        self.digests = mixed ^ (mixed >> np.uint64(29))


def _had(column: NumberPlan) -> np.ndarray:
    had = np.zeros(HASHES, "bool")
    had[_hashes(np.array(column.values or (), "float64"))] = True
    return had


def _hashes(found: np.ndarray) -> np.ndarray:
    """Return a hash of each number below `HASHES`, the same for the same number in float32."""
    with np.errstate(over="ignore"):
        mixed = (found.astype("float32") + np.float32(0)).view("uint32") * MULTIPLY
    return (((mixed ^ (mixed >> np.uint64(31))) * MULTIPLY) >> np.uint64(48)).astype("int64")


class _Tally:
    """Counts numbers from 0 on by group; a negative one counts for nothing."""

    def __init__(self, groups: int, group: np.ndarray | None) -> None:
        self._groups, self._group = groups, group

    def of(self, found: np.ndarray, width: int, known: np.ndarray | None = None) -> np.ndarray:
        """Count into `width` bins; `known` are the rows that `found` is of, if not of all."""
        if self._group is None or not len(found):
            kept = found[found >= 0] if len(found) and found.min() < 0 else found
            made = np.bincount(kept, minlength=width) if len(kept) else np.zeros(width, "int64")
            return np.broadcast_to(made, (self._groups, width)).astype("int64")
        group = self._group if known is None else self._group[known]
        kept = found >= 0
        at = group[kept] * width + found[kept]
        return np.bincount(at, minlength=self._groups * width).reshape(-1, width)


def _grams(features: np.ndarray, starts: np.ndarray, rows: int) -> np.ndarray:
    ends = np.append(starts[1:], rows)
    made = [features[:, a:b] @ features[:, a:b].T for a, b in zip(starts, ends, strict=True)]
    return np.rint(np.array(made)).astype("int64")
