"""Counting tables by a plan: every number and category in its bin, in one pass over the columns."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shared.log_columns import PROBABILITY
from shared.profiles import day_types, gram, row_digests
from shared.profiles.binning import Binner
from shared.profiles.counting_plan import CategoryPlan, CountingPlan, NumberPlan
from shared.profiles.counts import LOST, Counts, Tally
from shared.profiles.feature_rows import FeatureRows
from shared.profiles.row_digests import MULTIPLY
from shared.schema import arrow
from shared.tasks.choice import answer_counts

# Exact values of numbers, in float32, are counted in buckets by so many first bits of a hash.
# By more bits of it those are known that history had.
BUCKET_BITS, HASH_BITS = 6, 16
BUCKETS = 1 << BUCKET_BITS
# Places of no row.
NONE = np.zeros(0, "int64")


@dataclass(frozen=True)
class Counted:
    """A table's counts, and what else the same pass finds of its rows.

    `digests` are hashes of the rows' features and time, `timeless` those without the time, shapes
    (rows,); `features` are those of the Gram matrix. `extremes` are the least and the largest of
    each number, and `unseen` the values of each category that history had not, with their counts.
    """

    counts: Counts
    digests: np.ndarray
    timeless: np.ndarray
    features: FeatureRows
    extremes: dict[str, tuple[float, float]]
    unseen: dict[str, dict[str, int]]


class Counter:
    """Counts tables by a plan, from as many threads as call."""

    def __init__(self, plan: CountingPlan) -> None:
        numbers = [column for column in plan.columns if isinstance(column, NumberPlan)]
        self.plan = plan
        self.relations = gram.GramLayout(plan)
        self.binners = {column.name: Binner(column.edges) for column in numbers}
        self.answers = answer_counts(plan.answers)
        self.had = {column.name: _had_by_history(column) for column in numbers}

    def count(
        self,
        table: pa.Table,
        starts: np.ndarray | None = None,
        unreadable: Mapping[str, np.ndarray] | None = None,
        places: np.ndarray | None = None,
    ) -> Counted:
        """Count a table, or each group of its rows from one of `starts` to the next.

        The counts have no leading axis, or one of the groups, whose answers are not counted: their
        places are many, and nobody asks for them. What the reading of a column found `unreadable`
        (a boolean for each row) is null in the table. `places` are the answers', where known.
        """
        groups = np.array([0]) if starts is None else starts
        made = _Pass(self, table, groups, unreadable or {})
        counts = made.counts
        if starts is None:
            answers = self._answers(table, places)
            counts = {**{name: found[0] for name, found in counts.items()}, "answers": answers}
        hashes = made.digests, made.timeless
        return Counted(counts, *hashes, made.features, made.extremes, made.unseen)

    def _answers(self, table: pa.Table, known: np.ndarray | None) -> np.ndarray:
        places, shape = self.answers.places(table) if known is None else known, self.answers.shape
        return np.bincount(places[places >= 0], minlength=math.prod(shape)).reshape(shape)


class _Pass:
    """One pass over a table's columns."""

    def __init__(
        self,
        counter: Counter,
        table: pa.Table,
        starts: np.ndarray,
        unreadable: Mapping[str, np.ndarray],
    ) -> None:
        rows, plan = table.num_rows, counter.plan
        self._counter, self._tally = counter, Tally(starts, rows)
        self._unreadable = unreadable
        # Rows with a number beyond all of history, and its scores held to it, by their feature.
        self._held: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.features = FeatureRows(counter.relations, rows)
        self.digests = np.zeros(rows, dtype="uint64")
        self.extremes: dict[str, tuple[float, float]] = {}
        self.unseen: dict[str, dict[str, int]] = {}
        self.counts: Counts = {"rows": self._tally.sizes}
        for column in plan.columns:
            if column.name not in table.column_names:
                self._absent(column, rows)
            elif isinstance(column, NumberPlan):
                self._number(table[column.name], column)
            else:
                self._category(table[column.name], column)
        self.timeless = self.digests.copy()
        self._hours(table)
        self.counts["gram"] = self.features.sums_of_products(starts)
        if len(starts) == 1:
            self.counts |= self._held_products()

    def _absent(self, column: NumberPlan | CategoryPlan, rows: int) -> None:
        name, absent = column.name, np.full(rows, LOST.index("absent"))
        self.counts[f"bins {name}"] = self._tally.count(NONE, column.width)
        self.counts[f"lost {name}"] = self._tally.count(absent, len(LOST))
        if isinstance(column, NumberPlan):
            self.counts[f"exact {name}"] = self._tally.count(NONE, BUCKETS)
            self.counts[f"unseen {name}"] = self._tally.count(NONE, 1)

    def _number(self, raw: pa.ChunkedArray, column: NumberPlan) -> None:
        name, (every, missing) = column.name, arrow.numbers(raw)
        # Where one is missing, so is the least.
        known = ~np.isnan(every) if np.isnan(every.min(initial=np.inf)) else None
        found = every if known is None else every[known]
        if len(found):
            self.extremes[name] = float(found.min()), float(found.max())
        lost = _lost_numbers(every, known, missing, column, self.extremes.get(name))
        if at := self._counter.relations.groups.get(name):
            self.features.steps(at)[:] = _scores(every, column)
            if len(found):
                self._hold(name, at, every, column)
        if name not in self._counter.plan.watched:
            row_digests.mix(self.digests, row_digests.number_bits(every))
        bins = self._counter.binners[name](found)
        self.counts[f"bins {name}"] = self._tally.count(bins, column.width, known)
        self._count_exact(found, column, known)
        self._count_lost(name, lost)

    def _count_exact(self, found: np.ndarray, column: NumberPlan, known: np.ndarray | None) -> None:
        """Count exact values; history's are looked up where it had few."""
        name, unseen = column.name, NONE
        if column.values:
            hashes = _hashes(found, HASH_BITS)
            unseen = self._unseen(found, hashes, column)
            buckets = hashes >> (HASH_BITS - BUCKET_BITS)
        else:
            buckets = exact_buckets(found)
        self.counts[f"exact {name}"] = self._tally.count(buckets, BUCKETS, known)
        self.counts[f"unseen {name}"] = self._tally.count(unseen, 1, known)

    def _unseen(self, found: np.ndarray, hashes: np.ndarray, column: NumberPlan) -> np.ndarray:
        """Return 0 for each number within the range of history that it never had, else -1.

        Where there is none, it is empty.
        """
        assert column.values
        at = np.flatnonzero(~self._counter.had[column.name][hashes])
        within = (found[at] > column.values[0]) & (found[at] < column.values[-1])
        if not within.any():
            return NONE
        unseen = np.full(len(found), -1)
        unseen[at[within]] = 0
        return unseen

    def _category(self, raw: pa.ChunkedArray, column: CategoryPlan) -> None:
        name, other = column.name, len(column.categories)
        codes, missing = arrow.codes(raw, column.categories)
        strange = ~missing & (codes == other)
        lost = np.where(missing, LOST.index("missing"), -1) if missing.any() else None
        if strange.any():
            pairs = arrow.texts(raw.filter(pa.array(strange))).value_counts().to_pylist()
            self.unseen[name] = {pair["values"]: pair["counts"] for pair in pairs}
            if column.enforced:
                lost = np.full(len(codes), -1) if lost is None else lost
                lost[strange] = LOST.index("outside")
        if name in self._counter.relations.groups:
            self.features.codes(name)[:] = np.minimum(codes, column.related)
        if name not in self._counter.plan.watched:
            row_digests.mix(self.digests, codes.view("uint64"))
        of = ~missing if missing.any() else None
        known = codes if of is None else codes[of]
        self.counts[f"bins {name}"] = self._tally.count(known, column.width, of)
        self._count_lost(name, lost)

    def _count_lost(self, name: str, lost: np.ndarray | None) -> None:
        """Count what is wrong with each value, a place in `LOST` or -1; None if nothing is."""
        if name in self._unreadable:
            lost = np.full(len(self.digests), -1) if lost is None else lost
            lost[self._unreadable[name]] = LOST.index("unreadable")
        self.counts[f"lost {name}"] = self._tally.count(NONE if lost is None else lost, len(LOST))

    def _hours(self, table: pa.Table) -> None:
        time, hours, relations = self._counter.plan.time, NONE, self._counter.relations
        if time in table.column_names:
            moments = arrow.seconds(table[time])
            self.features.steps(relations.groups[gram.HOUR])[:] = gram.hour_waves(moments)
            if calendar := self._counter.plan.calendar:
                features = day_types.holiday_features(moments, calendar)
                self.features.steps(relations.holidays)[:] = features * gram.STEPS
            known = np.isfinite(moments)
            whole = np.floor(np.where(known, moments, 0)).astype("int64")
            hours = np.where(known, whole // arrow.HOUR_SECONDS % gram.HOURS, -1)
            row_digests.mix(self.digests, row_digests.time_bits(moments))
        self.counts[f"bins {gram.HOUR}"] = self._tally.count(hours, gram.HOURS)

    def _hold(self, name: str, at: slice, every: np.ndarray, column: NumberPlan) -> None:
        """Keep the scores of a number that lies beyond all of history as held to what is there."""
        (begin, end), (low, high) = column.span, self.extremes[name]
        if begin <= low and high < end:
            return
        beyond = np.flatnonzero((every < begin) | (every >= end))
        held = _scores(every[beyond].clip(*column.held_span), column)
        differ = held != self.features.steps(at)[0, beyond]
        self._held[at.start] = beyond[differ], held[differ]

    def _held_products(self) -> Counts:
        """Return products of features held to history by themselves, and by those that came."""
        held = self.counts["gram"]
        if not self._held:
            return {"held gram": held, "own gram": held}
        at, whole = list(self._held), np.array([0])
        rows = np.unique(np.concatenate([rows for rows, _ in self._held.values()]))
        came = self.features.matrix(rows)
        then = came.copy()
        for feature, (beyond, scores) in self._held.items():
            then[feature, np.searchsorted(rows, beyond)] = scores
        sums = [gram.sums_of_products(each, whole) for each in (then, came)]
        held = held + sums[0] - sums[1]
        own, farther = held.copy(), (came[at] - then[at]).astype("float64")
        own[0, at] += np.rint(farther @ then.T.astype("float64")).astype("int64")
        return {"held gram": held, "own gram": own}


def _lost_numbers(
    every: np.ndarray,
    known: np.ndarray | None,
    missing: np.ndarray,
    column: NumberPlan,
    extremes: tuple[float, float] | None,
) -> np.ndarray | None:
    """Return what is wrong with each number, a place in `LOST`, or -1; None if nothing is.

    `known` are those that are numbers, if not all are, and `extremes` the least and the largest.
    """
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    is_within = not extremes or (low <= extremes[0] and extremes[1] <= high)
    if known is None and is_within:
        return None
    lost = np.full(len(every), -1)
    if known is not None:
        lost[~known] = LOST.index("unreadable")
        lost[missing] = LOST.index("missing")
    if not is_within:
        with np.errstate(invalid="ignore"):
            lost[(every < low) | (every > high)] = LOST.index("outside")
    return lost


def _scores(every: np.ndarray, column: NumberPlan) -> np.ndarray:
    related = arrow.log_odds(every) if column.name == PROBABILITY else every
    return gram.standard_scores(related, column)


def _had_by_history(column: NumberPlan) -> np.ndarray:
    had = np.zeros(1 << HASH_BITS, "bool")
    had[_hashes(np.array(column.values or (), "float64"), HASH_BITS)] = True
    return had


def exact_buckets(found: np.ndarray) -> np.ndarray:
    """Return the bucket in which each number's exact value is counted."""
    return _hashes(found, BUCKET_BITS)


def _hashes(found: np.ndarray, bits: int) -> np.ndarray:
    """Return a hash of so many bits of each number, the same for the same number in float32."""
    with np.errstate(over="ignore"):
        mixed = (found.astype("float32") + np.float32(0)).view("uint32") * MULTIPLY
    mixed ^= mixed >> np.uint64(31)
    mixed *= MULTIPLY
    mixed >>= np.uint64(64 - bits)
    return mixed.view("int64")
