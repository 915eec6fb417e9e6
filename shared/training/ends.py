"""The first and the last rows of a source, typed and held against their contract."""

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.schema.contract import Contract, ContractColumn
from shared.schema.inference import infer_contract, infer_target
from shared.schema.reading import column_of, read_column, typed_frame
from shared.schema.violations import Violation
from shared.settings import Settings
from shared.tables.even_sample import EvenSample
from shared.training import contract_checks, sampling
from shared.training.pinned import Pinned, pin, read_source

ROWS_OF_A_CLASS = 20


def load_ends(
    settings: Settings,
    rows: int,
    pinned: Pinned | None = None,
    sampled: EvenSample | None = None,
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    """Read as many of the first rows and of the last that a training reads, as it does.

    Between them are a few rows of each class of the target that these lack: without one, what can
    be trained would seem as if it could not.
    """
    pinned = pinned or pin(settings, None)
    sampled = sampled or sampling.sample(settings, pinned)
    with sampling.telling_of(sampled):
        return ends_of(read_source(settings, pinned, sampled), rows, settings, pinned)


def ends_of(
    source: pa.Table | pd.DataFrame, rows: int, settings: Settings, pinned: Pinned
) -> tuple[pd.DataFrame, Contract, list[Violation]]:
    """Return what `load_ends` does, of a source that was read."""
    target = infer_target(source, settings)
    places = _places_of_ends(column_of(source, target.name), target, rows)
    if isinstance(source, pd.DataFrame):
        source = source.iloc[places]
    else:
        source = source.take(pa.array(places))
    contract = infer_contract(source, settings, truths=target.truths)
    found = contract_checks.checked(source, contract, settings, pinned)
    return typed_frame(source, contract), contract, found


def _places_of_ends(values: pa.ChunkedArray, target: ContractColumn, rows: int) -> np.ndarray:
    """Return the places of so many first and last rows, and of some of each class they lack."""
    places = np.arange(len(values))
    ends = np.r_[places[:rows], places[-rows:]]
    if len(places) <= 2 * rows or not target.has_classes:
        return np.unique(ends)
    classes = read_column(values, target).values.to_pandas()
    lacking = classes[classes.notna() & ~classes.isin(classes.iloc[ends].unique())]
    return np.union1d(ends, lacking.groupby(lacking, observed=True).head(ROWS_OF_A_CLASS).index)
