"""The one way from rows to what a model takes, however they come."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.schema import arrow, columns
from shared.schema.columns import Columns
from shared.schema.contract import Contract, ContractColumn

# Of more rows each different text is looked at once.
MANY_ROWS = 1_000
Rows = pd.DataFrame | Columns | Sequence[dict[str, Any]]


def model_input(rows: Rows | pa.Table, contract: Contract) -> pd.DataFrame:
    """Return the features of rows as a model takes them, in the contract's order.

    Numbers, integers and booleans become float64 with NaN for missing; times become seconds since
    1970 (UTC); categories become str objects with NaN for missing, and for those that the contract
    does not know, whatever the estimator would make of them. An Arrow table has been screened
    by the contract, and takes less time: no Python object is made for each of its values.
    Raises `Refusal` when a column is missing or holds what cannot be converted.
    """
    if isinstance(rows, pa.Table):
        made = {name: _arrow_values(rows[name], contract[name]) for name in contract.features}
        return pd.DataFrame(made, copy=False)
    if isinstance(rows, pd.DataFrame):
        index, there = rows.index, list(rows.columns)
    elif isinstance(rows, dict):
        index, there = pd.RangeIndex(columns.size(rows)), list(rows)
    else:
        index, there = pd.RangeIndex(len(rows)), list(rows[0] if rows else contract.features)
    if absent := [name for name in contract.features if name not in there]:
        raise Refusal(f"columns {absent} are missing; received {there}")
    made = {name: _as_input(_values(rows, name), contract[name]) for name in contract.features}
    return pd.DataFrame(made, index=index, copy=False)


def _arrow_values(column: pa.ChunkedArray, expected: ContractColumn) -> np.ndarray:
    if expected.type in ("category", "text"):
        return _texts(column, expected.categories)
    return arrow.numbers(column)[0]


def _texts(column: pa.ChunkedArray, categories: tuple[str, ...] | None) -> np.ndarray:
    """Return texts as objects, one for each text that there is; NaN where it is missing."""
    coded = column.dictionary_encode() if pa.types.is_string(column.type) else column
    parts = []
    for chunk in coded.chunks:
        labels = _known(np.array([*chunk.dictionary.to_pylist(), np.nan], dtype=object), categories)
        parts.append(labels[chunk.indices.fill_null(len(chunk.dictionary)).to_numpy()])
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def _values(rows: Rows, name: str) -> pd.Series | list[Any]:
    if isinstance(rows, pd.DataFrame | dict):
        return rows[name]
    return [row.get(name) for row in rows]


def _as_input(values: pd.Series | list[Any], column: ContractColumn) -> np.ndarray:
    try:
        if column.type == "time":
            moments = pd.DatetimeIndex(pd.to_datetime(values, utc=True))
            return ((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy()
        if column.type in ("category", "text"):
            if isinstance(values, pd.Series) and len(values) > MANY_ROWS and _are_texts(values):
                codes, different = pd.factorize(values)
                return np.append(_known(np.asarray(different), column.categories), np.nan)[codes]
            texts = np.empty(len(values), dtype=object)
            missing = pd.isna(values) if isinstance(values, pd.Series) else map(_is_none, values)
            texts[:] = [
                np.nan if absent else str(value)
                for value, absent in zip(values, missing, strict=True)
            ]
            return _known(texts, column.categories)
        if isinstance(values, pd.Series):
            return values.to_numpy("float64", na_value=np.nan)
        return np.array(values, dtype="float64")
    except (TypeError, ValueError) as error:
        raise Refusal(f"column {column.name!r} should hold {column.type} values: {error}") from None


def _known(texts: np.ndarray, categories: tuple[str, ...] | None) -> np.ndarray:
    """Return texts without those that are none of the categories, where there are some."""
    if categories is None:
        return texts
    known = frozenset(categories)
    return np.array([text if text in known else np.nan for text in texts], dtype=object)


def _are_texts(values: pd.Series) -> bool:
    """Tell whether a column has nothing but texts, and gaps."""
    return values.dtype == "object" and pd.api.types.infer_dtype(values, skipna=True) == "string"


def _is_none(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
