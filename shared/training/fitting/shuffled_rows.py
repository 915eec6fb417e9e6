"""Rows in an order by chance, on disk: read again and again in parts that fit into memory."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.policies.training_weights import row_weights
from shared.settings import Settings

# So many rows are in memory at once; of a table for which that makes too many files, more.
ROWS_PER_PART, MOST_PARTS = 65_536, 256


@dataclass(frozen=True)
class Part:
    """Some of the rows, in an order by chance, and their weights, shape (rows,), if they differ."""

    rows: pa.Table
    weights: np.ndarray | None


@dataclass(frozen=True)
class ShuffledRows:
    """Rows that lie in files of a folder, each in one that was chosen by chance.

    `targets` are the values of the target that there are; of numbers none are listed. The files go
    with this object.
    """

    rows: int
    targets: np.ndarray
    _folder: TemporaryDirectory[str]
    _weights: tuple[np.ndarray | None, ...]
    _seed: int

    @classmethod
    def of(cls, batches: Iterable[pa.Table], most: int, settings: Settings) -> Self:
        """Write the rows of batches, at most so many; one batch is in memory at a time.

        Of rows that are weighed, what they are weighed by is held of all, as weights are in means.
        """
        count = min(MOST_PARTS, -(-max(most, 1) // ROWS_PER_PART))
        folder = TemporaryDirectory(prefix="millrace-rows-")
        files = [Path(folder.name) / str(part) for part in range(count)]
        held: list[list[np.ndarray]] = [[] for _ in files]
        rng, rows, targets = np.random.default_rng(settings.seed), 0, set[float]()
        with ExitStack() as stack:
            writers: list[pa.RecordBatchStreamWriter] = []
            for batch in batches:
                if not writers:
                    made = (pa.ipc.new_stream(str(file), batch.schema) for file in files)
                    writers = [stack.enter_context(writer) for writer in made]
                rows += len(batch)
                # Classes are learnt as whole numbers, and what is measured as a float.
                if pa.types.is_integer(batch[settings.target].type):
                    targets.update(np.unique(batch[settings.target]).tolist())
                for part, some in enumerate(_dealt(batch, count, rng)):
                    writers[part].write_table(some)
                    if settings.weighed_by:
                        held[part].append(some[settings.weighed_by].to_numpy())
        weights = _weights(held, settings) if settings.weighed_by else (None,) * count
        return cls(rows, np.array(sorted(targets)), folder, weights, settings.seed)

    def parts(self, passed: int) -> Iterator[Part]:
        """Yield all rows in parts, in an order that is another one in each pass."""
        rng = np.random.default_rng([self._seed, passed])
        for at in rng.permutation(len(self._weights) if self.rows else 0):
            with pa.OSFile(str(Path(self._folder.name) / str(at))) as file:
                rows = pa.ipc.open_stream(file).read_all()
            order, weights = rng.permutation(len(rows)), self._weights[at]
            if len(rows):
                yield Part(rows.take(order), None if weights is None else weights[order])


def _dealt(batch: pa.Table, count: int, rng: np.random.Generator) -> Iterator[pa.Table]:
    """Yield a batch's rows dealt by chance among so many tables, in the tables' order."""
    chosen = rng.integers(0, count, len(batch))
    order = np.argsort(chosen, kind="stable")
    mixed = batch.take(order)
    ends = np.searchsorted(chosen[order], np.arange(count + 1))
    for first, last in itertools.pairwise(ends.tolist()):
        yield mixed.slice(first, last - first)


def _weights(held: list[list[np.ndarray]], settings: Settings) -> tuple[np.ndarray | None, ...]:
    parts = [np.concatenate(some) if some else np.empty(0) for some in held]
    column = np.concatenate(parts).astype("float64")
    weights = row_weights(pd.DataFrame({str(settings.weighed_by): column}), settings)
    if weights is None:
        return (None,) * len(parts)
    return tuple(np.split(weights, np.cumsum([len(some) for some in parts])[:-1]))
