"""A model's input made of Arrow columns, without a Python object for each value."""

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.schema import arrow
from shared.schema.contract import Contract


def frame(rows: pa.Table, contract: Contract) -> pd.DataFrame:
    """Return the features of screened rows just as `Contract.inputs` would, in less time."""
    columns = {}
    for name in contract.features:
        if contract[name].type in ("category", "text"):
            columns[name] = _texts(rows[name])
        else:
            columns[name] = arrow.numbers(rows[name])[0]
    return pd.DataFrame(columns, copy=False)


def _texts(column: pa.ChunkedArray) -> np.ndarray:
    """Return texts as objects, one for each text that there is; NaN where it is missing."""
    coded = column.dictionary_encode() if pa.types.is_string(column.type) else column
    parts = []
    for chunk in coded.chunks:
        labels = np.array([*chunk.dictionary.to_pylist(), np.nan], dtype=object)
        parts.append(labels[chunk.indices.fill_null(len(chunk.dictionary)).to_numpy()])
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)
