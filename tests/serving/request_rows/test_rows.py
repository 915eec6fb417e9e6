"""The rows that a server takes and gives."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.errors import Refusal
from shared.serving.request_rows import rows
from tests.serving.parcels import PARCELS


def test_key_and_time_are_required_even_where_a_contract_calls_them_nullable() -> None:
    columns = tuple(c.model_copy(update={"nullable": True}) for c in PARCELS.columns)
    loose = PARCELS.model_copy(update={"columns": columns})
    required = [column.name for column in rows.asked_columns(loose) if not column.nullable]
    assert required == ["parcel", "sent"]
    assert [column.nullable for column in rows.outcome_columns(loose)] == [False, False]


def test_rows_have_key_time_and_features_in_that_order() -> None:
    expected = ["parcel", "sent", "weight", "fragile", "carrier", "floor"]
    assert list(rows.names(PARCELS)) == expected
    assert [column.name for column in rows.asked_columns(PARCELS)] == expected


def test_an_answer_says_what_is_logged_of_it() -> None:
    logged = {
        "prediction_id": ["a"],
        "key": ["P1"],
        "prediction": [True],
        "probability": [0.75],
        "bundle": ["b"],
        "latency_ms": [1.0],
    }
    form = rows.AnswerForm(PARCELS)
    (answer,) = form.answers(logged)
    assert [getattr(answer, name) for name in form.names] == ["a", "P1", True, 0.75, "b"]


def test_a_bundle_says_how_many_rows_a_request_may_have_whatever_else_its_settings_say(
    tmp_path: Path,
) -> None:
    settings = tmp_path / "settings.json"
    bundle: Any = SimpleNamespace(path=tmp_path, digest="e78ddd137295")
    for packaged, limits in (
        ({"of another version": 1}, (10_000, 100_000)),
        ({"serve": {"json_rows": 5}}, (5, 100_000)),
    ):
        settings.write_text(json.dumps(packaged))
        found = rows.row_limits(bundle)
        assert (found.json_rows, found.table_rows) == limits
    for broken in ("", "[]", '{"serve": {"json_rows": 0}}'):
        settings.write_text(broken)
        with pytest.raises(Refusal, match=r"bundle e78ddd137295: settings.json has no \[serve\]: "):
            rows.row_limits(bundle)
