"""Rows of a frame as a client sends them in JSON."""

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pandas as pd

from shared.schema.client_rows import client_rows
from shared.schema.contract import Contract, ContractColumn

CONTRACT = Contract(
    key="id",
    time="at",
    target="hit",
    features=("depth", "price", "seen", "day"),
    columns=(
        ContractColumn(name="id", type="text"),
        ContractColumn(name="at", type="time"),
        ContractColumn(name="depth", type="number", nullable=True),
        ContractColumn(name="price", type="number"),
        ContractColumn(name="seen", type="time", nullable=True),
        ContractColumn(name="day", type="time"),
        ContractColumn(name="hit", type="boolean", nullable=True),
    ),
)


def test_rows_are_json_with_null_for_what_is_missing_whatever_their_types() -> None:
    frame = pd.DataFrame(
        {
            "id": [UUID(int=1), "0012"],
            "at": pd.to_datetime(["2024-04-01 10:00", "2024-04-01 12:00"]),
            "depth": [0.5, float("nan")],
            "price": [Decimal("12.50"), Decimal("3")],
            "seen": pd.to_datetime(["2024-03-31 23:00+02:00", None], utc=True),
            "day": [date(2024, 4, 1), date(2024, 4, 2)],
            "hit": [True, None],
            "probability": [0.1, 0.2],
        }
    )
    assert json.loads(json.dumps(client_rows(frame, CONTRACT), allow_nan=False)) == [
        {
            "id": "00000000-0000-0000-0000-000000000001",
            "at": "2024-04-01T10:00:00+00:00",
            "depth": 0.5,
            "price": 12.5,
            "seen": "2024-03-31T21:00:00+00:00",
            "day": "2024-04-01",
        },
        {
            "id": "0012",
            "at": "2024-04-01T12:00:00+00:00",
            "depth": None,
            "price": 3.0,
            "seen": None,
            "day": "2024-04-02",
        },
    ]
