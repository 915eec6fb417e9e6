"""The candidates that a caller gave, as a log keeps them: what a slate was chosen of.

They are JSON: a list of items by their names, or an object of features with a list of values each.
They stand in the order of the request, by which equal scores are told apart.
"""

from typing import Any

import msgspec
import pandas as pd

from shared.schema.columns import Columns
from shared.schema.contract import Contract
from shared.schema.reading import read_series


def logged_text(given: list[Any] | Columns) -> str:
    """Return the text that is logged of candidates, given by their names or with features."""
    return msgspec.json.encode(given).decode()


def read_candidates(text: str, contract: Contract) -> list[Any] | Columns:
    """Return the names of candidates that were given by these, else their features."""
    found: list[Any] | dict[str, list[Any]] = msgspec.json.decode(text)
    if isinstance(found, list):
        return found
    return {
        name: read_series(pd.Series(values, dtype=object), contract[name]).values.to_pylist()
        for name, values in found.items()
        if name in contract.features
    }
