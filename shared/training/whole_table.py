"""All rows of a table of which a training reads a sample, for what learns from all in batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.schema.cells import cells_of_contract
from shared.schema.column_reading import ARROW_TYPES
from shared.schema.contract import Contract
from shared.schema.reading import read_series, typed_frame
from shared.settings import Settings
from shared.tables.even_sample import EvenSample, Rows
from shared.tasks.choice import task_of
from shared.training.fitting.shuffled_rows import ShuffledRows
from shared.training.pinned import Pinned, source_parts


@dataclass(frozen=True)
class WholeTable:
    """The rows of a source, at a version, that a contract knows of by a sample of them.

    With `served`, the rows of the prediction log that have an outcome are among them. What was
    shuffled is kept until this object goes.
    """

    pinned: Pinned
    contract: Contract
    settings: Settings
    rows: int
    """How many rows the source has, with and without an outcome."""
    served: bool = False
    _shuffled: dict[pd.Timestamp, ShuffledRows] = field(default_factory=dict, repr=False)

    @property
    def source(self) -> str:
        """What is read, in words: another table may have the same sample."""
        served = " and the log" if self.served else ""
        return f"{self.rows:,} rows of {self.pinned}{served}"

    def before(self, moment: pd.Timestamp) -> ShuffledRows:
        """Return the rows to learn from before a moment, in an order by chance, on disk.

        They are those from the start of the split on that have an outcome of a class that the
        contract lists. Values that the contract cannot read are missing.
        """
        if moment not in self._shuffled:
            batches = self._labelled(moment)
            self._shuffled[moment] = ShuffledRows.of(batches, self.rows, self.settings)
        return self._shuffled[moment]

    def _labelled(self, moment: pd.Timestamp) -> Iterator[pa.Table]:
        start, contract = self.settings.split.start, self.contract
        task, target = task_of(contract), contract.target
        of_target = contract.model_copy(update={"columns": (contract[target],)})
        for rows in self._all():
            moments = pd.Series(_column(rows, contract.time, contract).to_pandas())
            wanted = (moments < moment).to_numpy()
            if start:
                wanted &= (moments >= start).to_numpy()
            wanted &= _column(rows, target, contract).is_valid().to_numpy()
            if not wanted.any():
                continue
            some = rows.filter(pa.array(wanted)) if isinstance(rows, pa.Table) else rows[wanted]
            learnt = task.encode(typed_frame(some, of_target)[target]).to_numpy()
            read = {name: _column(some, name, contract) for name in self._learnt_columns}
            found = pa.table(read | {target: pa.array(learnt)})
            # Of several classes, one that is not listed is -1; numbers may be less than 0.
            is_number = np.issubdtype(learnt.dtype, np.floating)
            is_listed = np.isfinite(learnt) if is_number else learnt >= 0
            yield found if is_listed.all() else found.filter(pa.array(is_listed))

    @property
    def _learnt_columns(self) -> list[str]:
        """The features, and what weights are made of."""
        names = {*self.contract.features, self.settings.weighed_by}
        return [column.name for column in self.contract.columns if column.name in names]

    def _all(self) -> Iterator[Rows]:
        cells = cells_of_contract(self.contract, self.settings.csv)
        names = {column.name for column in self.contract.columns}
        parts = source_parts(self.pinned, names, cells)
        if not self.served:
            yield from parts
            return
        from shared.training import served_rows

        key = self.contract.key
        served = served_rows.labelled_rows(pd.DataFrame({key: []}), self.contract, self.settings)
        for rows in parts:
            served = served[~served[key].isin(_column(rows, key, self.contract).to_pandas())]
            yield rows
        yield served


def whole_table(
    pinned: Pinned,
    sampled: EvenSample | None,
    contract: Contract,
    settings: Settings,
    served: bool = False,
) -> WholeTable | None:
    """Return the table that rows were sampled of; None where all its rows were taken."""
    if sampled is None or sampled.is_whole:
        return None
    return WholeTable(pinned, contract, settings, sampled.of, served)


def _column(rows: Rows, name: str, contract: Contract) -> pa.ChunkedArray:
    """Return a column as the contract reads it; missing throughout where rows have none."""
    kind = ARROW_TYPES[contract[name].type]
    there = rows.column_names if isinstance(rows, pa.Table) else rows
    if name not in there:
        return pa.chunked_array([pa.nulls(len(rows), kind)])
    # Batches have a type in common, whether or not their texts came with a dictionary.
    return read_series(rows[name], contract[name]).values.cast(kind)
