"""A few rows of very many, chosen by their hashes alone, so that samples of parts add up."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

SampledTable = tuple[pa.Table, np.ndarray]


@dataclass(frozen=True)
class RowSample:
    """The rows with the smallest hashes, at most so many: tables of different types, with hashes.

    Adding two samples gives the sample of all their rows.
    """

    pieces: tuple[SampledTable, ...]
    most: int

    def __add__(self, other: "RowSample") -> "RowSample":
        pieces: list[SampledTable] = list(self.pieces)
        for table, hashes in other.pieces:
            at = next((at for at, (t, _) in enumerate(pieces) if t.schema == table.schema), None)
            if at is None:
                pieces.append((table, hashes))
            else:
                there, known = pieces[at]
                pieces[at] = pa.concat_tables([there, table]), np.concatenate([known, hashes])
        return RowSample(tuple(_smallest(pieces, self.most)), self.most)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The rows, those with the smallest hashes first."""
        # An empty part knows no types, only that it had these columns.
        pieces = [piece for piece in self.pieces if len(piece[1])] or self.pieces[:1]
        frames = [table.to_pandas() for table, _ in pieces]
        hashes = np.concatenate([found for _, found in pieces])
        together = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
        return together.take(np.argsort(hashes, kind="stable")).reset_index(drop=True)


def sample_rows(table: pa.Table, hashes: np.ndarray, most: int) -> RowSample:
    """Sample at most so many of a table's rows, given the hash of each."""
    fields = table.schema
    for at, field in enumerate(fields):
        if pa.types.is_dictionary(field.type):
            fields = fields.set(at, field.with_type(field.type.value_type))
    pieces = _smallest([(table, hashes)], most)
    return RowSample(
        tuple((few.cast(fields.remove_metadata()), kept) for few, kept in pieces), most
    )


def _smallest(pieces: list[SampledTable], most: int) -> Iterator[SampledTable]:
    every = np.concatenate([hashes for _, hashes in pieces])
    kept = np.arange(len(every))
    if len(every) > most:
        kept = np.argpartition(every, most)[:most]
    ends = np.cumsum([len(hashes) for _, hashes in pieces])
    for (table, hashes), end in zip(pieces, ends, strict=True):
        first = end - len(hashes)
        at = np.sort(kept[(kept >= first) & (kept < end)]) - first
        if len(at) == len(hashes):
            yield table, hashes
        elif len(at):
            yield table.take(pa.array(at)), hashes[at]
