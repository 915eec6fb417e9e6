"""Rows of a table taken evenly over time: of each hour as large a share as of all rows."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.schema import arrow
from shared.schema.arrow import HOUR_SECONDS
from shared.schema.contract import ContractColumn
from shared.schema.reading import read_series
from shared.words import number_of

Rows: TypeAlias = pd.DataFrame | pa.Table
# Hashes have 63 bits, so that a limit above all of them has 64.
BITS = 63
ABOVE_ALL = np.uint64(1 << BITS)
NO_TIME = -(1 << 40)


@dataclass(frozen=True)
class SampledBy:
    """What rows are taken by: the columns of their time and of their key, and a seed.

    Of impressions `key` is the slate, so that slates are whole, and `time` is None: they are taken
    evenly by chance alone.
    """

    key: str
    time: ContractColumn | None
    seed: int

    @property
    def columns(self) -> list[str]:
        """The columns that are looked at."""
        return [self.key, *([self.time.name] if self.time else [])]

    def hours(self, rows: Rows) -> np.ndarray:
        """Return the hour of each row since 1970 (UTC); rows without a time are in one before."""
        if self.time is None:
            return np.zeros(len(rows), dtype="int64")
        found = arrow.seconds(read_series(rows[self.time.name], self.time).values) // HOUR_SECONDS
        return np.where(np.isnan(found), NO_TIME, found).astype("int64")

    def hashes(self, rows: Rows) -> np.ndarray:
        """Return a hash of each row's key and the seed, the same wherever the row stands."""
        text = ContractColumn(name=self.key, type="text")
        texts = read_series(rows[self.key], text).values.cast(pa.string())
        held = texts.to_numpy().astype(object)
        hash_key = f"{self.seed:016d}"[-16:]
        hashed = pd.util.hash_array(held, hash_key=hash_key, categorize=False)
        return hashed >> np.uint64(64 - BITS)


@dataclass(frozen=True)
class EvenSample:
    """Which rows of a table are taken: of each of its `hours`, those with hashes below a limit.

    The `hours` rise; `limits` has one for each, and both are of shape (hours,). `rows` are taken of
    the table's rows `of` it. The same rows are taken wherever they stand in the table.
    """

    by: SampledBy
    rows: int
    of: int
    hours: np.ndarray
    limits: np.ndarray

    @property
    def share(self) -> float:
        """The share of the table's rows that are taken."""
        return self.rows / self.of if self.of else 1.0

    @property
    def is_whole(self) -> bool:
        """Whether all rows are taken."""
        return self.rows == self.of

    @property
    def words(self) -> str:
        """How many rows are taken of how many."""
        evenly = "evenly over time" if self.by.time else "in whole slates, evenly by chance"
        return f"{self.rows:,} of {number_of(self.of, 'row')}, {evenly}"

    def taken(self, rows: Rows) -> np.ndarray:
        """Tell which rows are taken, shape (rows,); of other hours by the share of all."""
        found = self.by.hours(rows)
        at = np.searchsorted(self.hours, found)
        known = np.append(self.hours, NO_TIME - 1)[at] == found
        others = np.uint64(self.share * float(ABOVE_ALL))
        limits = np.where(known, np.append(self.limits, others)[at], others)
        return np.asarray(self.by.hashes(rows) < limits)


def even_sample(parts: Callable[[], Iterator[Rows]], most: int, by: SampledBy) -> EvenSample:
    """Choose at most so many of a table's rows, evenly over time; all, if there are no more.

    `parts` gives the table's rows in parts, twice: they are counted by the hour, then those with
    the smallest hashes of each hour are found. Hours get their rows by the running total, so that
    every span of whole hours has its share of them, to two rows; which hour gets the next is left
    to chance, so that no hour of the day and no day of the week is passed over. Where a key repeats
    across a limit, none of its rows is taken. No more than a few times `most` hashes are in memory,
    and a count for each hour.
    """
    counted: Counter[int] = Counter()
    for rows in parts():
        counted.update(dict(zip(*_counts(by.hours(rows)), strict=True)))
    hours = np.array(sorted(counted), dtype="int64")
    counts = np.array([counted[hour] for hour in hours.tolist()], dtype="int64")
    total = int(counts.sum())
    if total <= most:
        return EvenSample(by, total, total, hours, np.full(len(hours), ABOVE_ALL))
    smallest = _Smallest(_quotas(counts, most, np.random.default_rng(by.seed)))
    for rows in parts():
        smallest.add(np.searchsorted(hours, by.hours(rows)), by.hashes(rows))
    smallest.prune()
    return EvenSample(by, smallest.below_limits, total, hours, smallest.limits)


def _quotas(counts: np.ndarray, most: int, random: np.random.Generator) -> np.ndarray:
    """Return how many rows of each hour are taken, of those that it has; shape (hours,).

    Each row that is taken stands for as many as there are for one: at which of these the running
    total rises is even chance.
    """
    share = np.cumsum(counts) * (most / counts.sum())
    share[-1] = most
    rises = np.append(random.random(most), 1.0)
    whole = share.astype("int64")
    quotas, taken = np.zeros(len(counts), "int64"), 0
    for hour, until in enumerate(whole + (share - whole >= rises[whole])):
        quotas[hour] = min(until - taken, counts[hour])
        taken += quotas[hour]
    return quotas


class _Smallest:
    """The smallest hashes of each of several groups, and the limits that they set so far.

    Each group has a quota; its limit is the hash after so many, above all while it has no more.
    """

    def __init__(self, quotas: np.ndarray) -> None:
        self._quotas, self._most = quotas, 2 * int(quotas.sum()) + len(quotas)
        self.limits = np.full(len(quotas), ABOVE_ALL)
        self._groups, self._hashes = np.empty(0, "int64"), np.empty(0, "uint64")

    def add(self, groups: np.ndarray, hashes: np.ndarray) -> None:
        """Add hashes of some groups, both of shape (rows,)."""
        below = hashes < self.limits[groups]
        self._groups = np.concatenate([self._groups, groups[below]])
        self._hashes = np.concatenate([self._hashes, hashes[below]])
        if len(self._hashes) > self._most:
            self.prune()

    def prune(self) -> None:
        """Keep what a limit may be set by, and set the limits."""
        order = np.lexsort((self._hashes, self._groups))
        groups, hashes = self._groups[order], self._hashes[order]
        rank = np.arange(len(groups)) - np.searchsorted(groups, groups)
        kept = rank <= self._quotas[groups]
        at_limit = rank == self._quotas[groups]
        self.limits[groups[at_limit]] = hashes[at_limit]
        self._groups, self._hashes = groups[kept], hashes[kept]

    @property
    def below_limits(self) -> int:
        """How many of the hashes are below the limits."""
        return int((self._hashes < self.limits[self._groups]).sum())


def _counts(hours: np.ndarray) -> tuple[list[int], list[int]]:
    found, counts = np.unique(hours, return_counts=True)
    return found.tolist(), counts.tolist()
