"""Rows as a client sends them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pandas as pd

from shared.schema import columns
from shared.schema.contract import Contract
from shared.schema.times import as_utc


def client_rows(frame: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Return the rows as a client would send them in JSON: key, time and features.

    What is missing is null, a time its text in ISO 8601, a decimal a number.
    """
    names = [contract.key, contract.time, *contract.features]
    return columns.rows({name: [*map(_in_json, frame[name].astype(object))] for name in names})


def _in_json(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return as_utc(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return float(value) if isinstance(value, Decimal) else value
