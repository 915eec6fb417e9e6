"""The profile of a window: all that is judged of it, made in one pass, and added up over parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.profiles import counts, duplicates, row_sample
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import CountingPlan
from shared.profiles.counts import Counts
from shared.profiles.duplicates import DuplicateSketch
from shared.profiles.row_sample import RowSample
from shared.schema import arrow

# So many unseen values of a column are kept: those with the smallest hashes.
MOST_UNSEEN = 64
CountKey = TypeVar("CountKey", int, str)


@dataclass(frozen=True)
class Profile:
    """Counts by a plan, and what does not fit in bins.

    `arrived` are rows by hour since 1970 (UTC); `keys` and `rows` are sketches of what repeats, and
    `timeless` is one of rows but for their times;
    `unseen` are values of each category that history had not, with their counts; `extremes` the
    least and the largest of each number; `kinds` the type of each column as it came; `sampled` some
    rows.
    """

    counts: Counts
    arrived: dict[int, int]
    keys: DuplicateSketch
    rows: DuplicateSketch
    timeless: DuplicateSketch
    unseen: dict[str, dict[str, int]]
    extremes: dict[str, tuple[float, float]]
    kinds: dict[str, str]
    sampled: RowSample

    def __add__(self, other: "Profile") -> "Profile":
        return Profile(
            counts=counts.add_counts(self.counts, other.counts),
            arrived=_summed(self.arrived, other.arrived),
            keys=self.keys + other.keys,
            rows=self.rows + other.rows,
            timeless=self.timeless + other.timeless,
            unseen={
                name: _few(_summed(self.unseen.get(name, {}), other.unseen.get(name, {})))
                for name in self.unseen.keys() | other.unseen.keys()
            },
            extremes={
                name: (min(low for low, _ in both), max(high for _, high in both))
                for name in self.extremes.keys() | other.extremes.keys()
                if (both := [e[name] for e in (self.extremes, other.extremes) if name in e])
            },
            kinds=other.kinds | self.kinds,
            sampled=self.sampled + other.sampled,
        )

    @property
    def sample(self) -> pd.DataFrame:
        """The rows of the sample."""
        return self.sampled.rows

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.counts["rows"])


class Profiler:
    """Makes profiles by a plan."""

    def __init__(self, plan: CountingPlan, sample_rows: int) -> None:
        self.plan = plan
        self._counter = Counter(plan)
        self._sample_rows = sample_rows

    def profile(
        self,
        table: pa.Table,
        unreadable: Mapping[str, np.ndarray] | None = None,
        places: np.ndarray | None = None,
    ) -> Profile:
        """Profile a table, which may lack columns or have others, and perhaps its answers' places.

        Its columns are as the reading left them, with null for what it found `unreadable`.
        """
        counted = self._counter.count(table, unreadable=unreadable, places=places)
        hashed, known = _hashed(table, self.plan.key)
        moments = np.zeros(0)
        if self.plan.time in table.column_names:
            moments = arrow.seconds(table[self.plan.time])
        return Profile(
            counts=counted.counts,
            arrived=_arrived(moments[np.isfinite(moments)]),
            keys=duplicates.sketch_duplicates(hashed[known]),
            rows=duplicates.sketch_duplicates(counted.digests),
            timeless=duplicates.sketch_duplicates(counted.timeless),
            unseen={name: _few(found) for name, found in counted.unseen.items()},
            extremes=counted.extremes,
            kinds={field.name: str(field.type) for field in table.schema},
            sampled=row_sample.sample_rows(
                table, duplicates.mixed_hashes(counted.digests ^ hashed), self._sample_rows
            ),
        )


def _arrived(moments: np.ndarray) -> dict[int, int]:
    """Count moments, in seconds since 1970, by hour: once of each hour, where they are in order."""
    hours = np.floor(moments).astype("int64") // arrow.HOUR_SECONDS
    starts = np.flatnonzero(np.diff(hours, prepend=hours[:1] - 1))
    found: dict[int, int] = {}
    rows = np.diff(starts, append=len(hours))
    for hour, count in zip(hours[starts].tolist(), rows.tolist(), strict=True):
        found[hour] = found.get(hour, 0) + count
    return found


def _hashed(table: pa.Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a column's hashes, shape (rows,), and where there is a value."""
    if name not in table.column_names:
        return np.zeros(table.num_rows, "uint64"), np.zeros(table.num_rows, "bool")
    column = table[name]
    known = column.is_valid().to_numpy()
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64()).fill_null(0).to_numpy().view("uint64"), known
    texts = arrow.texts(column).fill_null("").to_pandas().to_numpy(dtype=object)
    return pd.util.hash_array(texts, categorize=False), known


def _summed(one: dict[CountKey, int], other: dict[CountKey, int]) -> dict[CountKey, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}


def _few(found: dict[str, int]) -> dict[str, int]:
    if len(found) <= MOST_UNSEEN:
        return found
    hashes = pd.util.hash_array(np.array(list(found), dtype=object), categorize=False)
    kept = sorted(zip(hashes.tolist(), found, strict=True))[:MOST_UNSEEN]
    return {name: found[name] for _, name in kept}
