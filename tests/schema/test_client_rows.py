"""Rows of a frame as a client sends them in JSON."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.schema.client_rows import client_rows
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.reading import read_values
from tests.serving.parcels import PARCELS

MOMENT = datetime(2024, 4, 1, 10, tzinfo=UTC)

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


def test_a_column_that_is_not_there_is_left_out() -> None:
    assert client_rows(pd.DataFrame({"id": ["a"], "more": [1]}), CONTRACT) == [{"id": "a"}]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Decimal("12.50"), "number"),
        (Decimal("3.00"), "category"),
        (Decimal(12_345_678_901_234_567_890), "text"),
        (UUID("0198c9d2-7a11-7000-8000-0123456789ab"), "text"),
        (date(2024, 5, 1), "time"),
        (MOMENT, "time"),
        (np.int64(2**62), "integer"),
        (np.float32(0.5), "number"),
        (np.True_, "boolean"),
        (float("nan"), "number"),
        (pd.NaT, "time"),
        (pd.NA, "text"),
    ],
)
def test_a_value_is_read_from_json_as_it_is_read_itself(value: Any, kind: ColumnType) -> None:
    frame = pd.DataFrame({"parcel": pd.Series([value], dtype=object)})
    (sent,) = json.loads(json.dumps(client_rows(frame, PARCELS), allow_nan=False))
    expected = ContractColumn(name="parcel", type=kind)
    readings = [read_values([held], expected) for held in (value, sent["parcel"])]
    assert readings[0].values == readings[1].values
    assert not readings[0].unreadable
    assert not readings[1].unreadable


@pytest.mark.parametrize("value", [float("inf"), b"abc", [1], {"a": 1}])
def test_what_json_cannot_hold_is_refused_by_column(value: Any) -> None:
    frame = pd.DataFrame({"parcel": pd.Series([value], dtype=object)})
    with pytest.raises(Refusal, match="the column 'parcel' has .*, which JSON cannot hold"):
        client_rows(frame, PARCELS)
