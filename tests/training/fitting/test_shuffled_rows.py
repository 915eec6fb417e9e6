"""Rows in an order by chance on disk, all of them in each pass."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from shared.policies.training_weights import row_weights
from shared.sections.training import Train
from shared.settings import Settings
from shared.training.fitting import shuffled_rows
from shared.training.fitting.shuffled_rows import ShuffledRows
from tests.conftest import loans

ROWS = pa.table({"defaulted": [0, 1] * 500, "age": np.arange(1_000.0), "region": ["north"] * 1_000})


@pytest.fixture
def shuffled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ShuffledRows:
    monkeypatch.setattr(shuffled_rows, "ROWS_PER_PART", 300)
    batches = [ROWS.slice(at, 90) for at in range(0, 1_000, 90)]
    return ShuffledRows.of(batches, 1_000, settings)


def ages(shuffled: ShuffledRows, passed: int) -> list[float]:
    parts = list(shuffled.parts(passed))
    assert len(parts) == 4
    assert max(len(part.rows) for part in parts) < 350
    return [age for part in parts for age in part.rows["age"].to_pylist()]


def test_each_pass_has_every_row_once_in_an_order_of_its_own(shuffled: ShuffledRows) -> None:
    first, second = ages(shuffled, 0), ages(shuffled, 1)
    assert (shuffled.rows, shuffled.targets.tolist()) == (1_000, [0, 1])
    assert sorted(first) == sorted(second) == list(range(1_000))
    assert first != second
    assert first == ages(shuffled, 0)
    # Rows that stood side by side are far from each other.
    assert np.corrcoef(np.arange(1_000), first)[0, 1] < 0.1


def test_the_files_go_with_the_rows(shuffled: ShuffledRows) -> None:
    folder = Path(shuffled._folder.name)
    assert len([*folder.iterdir()]) == 4
    shuffled._folder.cleanup()
    assert not folder.exists()


def test_of_no_rows_there_are_no_parts(settings: Settings) -> None:
    empty = ShuffledRows.of([], 0, settings)
    assert (empty.rows, [*empty.parts(0)]) == (0, [])


def test_weights_are_those_of_all_rows_together(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shuffled_rows, "ROWS_PER_PART", 100)
    action = {"on": True, "let_through": 0.1, "propensity": "propensity"}
    raw = settings.model_dump() | {"action": action, "train": Train(weights="inverse_propensity")}
    weighed = Settings.model_validate(raw)
    rows = loans(500).assign(propensity=np.linspace(0.1, 1, 500), defaulted=0.0)
    batches = [
        pa.table(rows[["propensity", "defaulted"]].iloc[at : at + 99]) for at in range(0, 500, 99)
    ]
    found: dict[float, float] = {}
    for part in ShuffledRows.of(batches, 500, weighed).parts(0):
        assert part.weights is not None
        found |= dict(zip(part.rows["propensity"].to_pylist(), part.weights.tolist(), strict=True))
    expected = row_weights(rows, weighed)
    assert expected is not None
    assert [found[chance] for chance in rows["propensity"]] == pytest.approx(expected.tolist())
