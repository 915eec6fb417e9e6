"""Rows as a client sends them."""

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.schema import columns
from shared.schema.contract import Contract
from shared.utc import as_utc

# How values that JSON has no type for are sent, so that they are read as themselves.
SENT: dict[type, Callable[[Any], Any]] = {
    UUID: str,
    datetime: lambda moment: as_utc(moment).isoformat(),
    date: lambda day: day.isoformat(),
    Decimal: lambda number: int(number) if number == number.to_integral_value() else float(number),
}


def client_rows(frame: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Return the rows as a client would send them: key, time and features; missing is null.

    A column that the frame does not have is left out. Raises `Refusal` for a value that JSON
    cannot hold.
    """
    names = (contract.key, contract.time, *contract.features)
    return json_rows(frame, (name for name in names if name in frame))


def json_rows(frame: pd.DataFrame, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return some columns of a frame's rows as JSON has them; raises `Refusal` as above."""
    return columns.rows(
        {name: [_sent(value, name) for value in frame[name].astype(object)] for name in names}
    )


def _sent(value: Any, name: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | str):
        return value
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, float) and math.isfinite(value):
        return value
    for kind, write in SENT.items():
        if isinstance(value, kind):
            return write(value)
    shown = ascii(value)[:100]
    raise Refusal(f"the column {name!r} has {shown}, which JSON cannot hold")
