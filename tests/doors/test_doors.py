"""Every value at every type, put to every door: taken as the same value, or refused in one way.

A door takes one value of one type, and returns what it became and the words that refuse it, one of
which is None. Doors that cannot hold a kind of value are listed with those kinds.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.schema.client_rows import client_rows
from shared.schema.contract import ColumnType
from tests import values
from tests.doors import problem
from tests.doors.judging import JUDGING, Judge
from tests.doors.problem import Door, Outcome
from tests.doors.serving import NOT_IN_JSON, SERVING, Server

# What a door's format has no way to say.
CANNOT_HOLD: dict[str, tuple[type, ...]] = {
    "JSON": NOT_IN_JSON,
    "outcomes": NOT_IN_JSON,
    # Its data are flat, so that a list is its values.
    "inference protocol": (*NOT_IN_JSON, list, dict),
}
# The types that a door has a column for, where that is not all of them.
HAS_TYPES: dict[str, tuple[ColumnType, ...]] = {"outcomes": ("text", "boolean")}
# Doors whose columns are never missing.
REQUIRED = ("outcomes",)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Door]:
    """Return every door of a problem with one nullable feature of each type."""
    folder: Path = tmp_path_factory.mktemp("doors")
    bundle = problem.bundle(folder / "bundle")
    server, judge = Server(bundle, folder), Judge(bundle, folder)
    served = {name: partial(put, server) for name, put in SERVING.items()}
    return served | {name: partial(put, judge) for name, put in JUDGING.items()}


@pytest.mark.parametrize("kind", values.TYPES)
@pytest.mark.parametrize("name", [*SERVING, *JUDGING])
def test_a_value_is_taken_or_refused_alike_at_every_door(
    doors: dict[str, Door], name: str, kind: ColumnType
) -> None:
    if kind not in HAS_TYPES.get(name, values.TYPES):
        return
    differing = {}
    for shown, value in values.VALUES.items():
        if isinstance(value, CANNOT_HOLD.get(name, ())):
            continue
        expected: Outcome = values.outcome(shown, kind)
        if name in REQUIRED and expected == (None, None):
            expected = None, "missing"
        if typed(found := doors[name](kind, value)) != typed(expected):
            differing[shown] = (found, expected)
    assert differing == {}


def test_golden_rows_with_a_feature_of_each_type_come_back_as_in_training(tmp_path: Path) -> None:
    """As PackageFlow verifies them, a time among them."""
    bundle = problem.bundle(tmp_path / "bundle")
    rows = client_rows(bundle.golden(), bundle.contract)
    answer = Server(bundle, tmp_path).post("/predict", json.dumps(rows).encode())
    scores = np.array([row["probability"] for row in answer.json()])
    bundle.prove({"probability": scores})


def typed(outcome: Outcome) -> tuple[type, Any, str | None]:
    value, words = outcome
    # By its digits a zero below zero is another.
    return type(value), repr(value) if isinstance(value, float) else value, words


def test_there_are_sixty_values_and_each_door_holds_most_of_them() -> None:
    assert len(values.VALUES) >= 60
    for kinds in CANNOT_HOLD.values():
        held = [value for value in values.VALUES.values() if not isinstance(value, kinds)]
        assert len(held) >= 60
