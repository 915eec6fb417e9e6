"""What verification sends."""

import json

import pandas as pd

from shared.model.bundle import Bundle
from shared.packaging import sample_requests
from shared.schema.client_rows import client_rows
from shared.schema.contract import Contract, ContractColumn


def numbers_only() -> Contract:
    return Contract(
        key="id",
        time="at",
        target="hit",
        features=("depth",),
        columns=(
            ContractColumn(name="id", type="integer"),
            ContractColumn(name="at", type="time"),
            ContractColumn(name="depth", type="number", nullable=True),
            ContractColumn(name="hit", type="boolean", nullable=True),
        ),
    )


def test_rows_are_sent_as_json_with_null_for_what_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "at": pd.to_datetime(["2024-04-01 10:00", "2024-04-01 12:00"]),
            "depth": [0.5, float("nan")],
            "hit": [True, None],
            "probability": [0.1, 0.2],
        }
    )
    sent = client_rows(frame, numbers_only())
    assert json.loads(json.dumps(sent, allow_nan=False)) == [
        {"id": 1, "at": "2024-04-01T10:00:00+00:00", "depth": 0.5},
        {"id": 2, "at": "2024-04-01T12:00:00+00:00", "depth": None},
    ]


def test_every_time_is_sent_as_a_text_and_a_missing_one_as_null() -> None:
    columns = [
        c.model_copy(update={"type": "time"}) if c.name == "depth" else c
        for c in numbers_only().columns
    ]
    contract = numbers_only().model_copy(update={"columns": tuple(columns)})
    moments = pd.to_datetime(["2024-04-01 10:00", "2024-04-01 12:00"])
    frame = pd.DataFrame({"id": [1, 2], "at": moments, "depth": [pd.NaT, moments[0]]})
    assert [row["depth"] for row in client_rows(frame, contract)] == [
        None,
        "2024-04-01T10:00:00+00:00",
    ]


def test_there_are_ten_kinds_of_bad_requests_even_for_a_single_number(bundle: Bundle) -> None:
    good = {"id": 1, "at": "2024-04-01T10:00:00Z", "depth": 0.5}
    kinds = [kind for kind, _, _ in sample_requests.bad(good, numbers_only())]
    assert len(kinds) == len(set(kinds)) >= 10
    loan = client_rows(bundle.golden().head(1), bundle.contract)[0]
    more = [kind for kind, _, _ in sample_requests.bad(loan, bundle.contract)]
    assert {"a number for a text", "above its range", "a required value is null"} <= set(more)
