"""Two models are compared on the rows that both held out, and on no other."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.comparisons import model_pairs
from shared.model.comparisons.model_pairs import HeldOut
from shared.schema.contract import Contract, ContractColumn
from shared.tasks import metrics
from shared.tasks.binary import binary_metrics
from shared.tasks.binary.binary_task import Threshold

TYPES = {"loan": "text", "applied": "time", "age": "number", "defaulted": "boolean"}
CONTRACT = Contract(
    key="loan",
    time="applied",
    target="defaulted",
    features=("age",),
    columns=tuple(ContractColumn(name=n, type=t) for n, t in TYPES.items()),  # type: ignore[arg-type]
)


def held_out(rows: int, seed: int, skill: float) -> HeldOut:
    """Return the same rows whatever the seed, with the answers of a model that knows so much."""
    truth = np.random.default_rng(1).random(rows) < 0.4
    chance = skill * truth + (1 - skill) * np.random.default_rng(seed).random(rows)
    frame = pd.DataFrame(
        {
            "loan": [f"L{at}" for at in range(rows)],
            "applied": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(range(rows), "min"),
            "defaulted": truth.astype(int),
            "probability": chance,
            "prediction": chance >= 0.5,
        }
    )
    return HeldOut(frame, CONTRACT, Threshold(threshold=0.5))


def test_the_difference_is_the_others_less_the_ones_and_paired() -> None:
    one, other = held_out(500, 2, 0.2), held_out(500, 3, 0.6)
    found = model_pairs.compare(one, other, seed=7)
    truth = one.rows["defaulted"].to_numpy()
    theirs, own = (held.rows["probability"].to_numpy() for held in (other, one))
    assert found
    assert found.rows == 500
    assert found.differences == metrics.difference(binary_metrics.measure, truth, theirs, own, 7)
    assert found.differences["roc_auc"].low > 0 > found.differences["log_loss"].high
    assert found.theirs["roc_auc"].value > found.own["roc_auc"].value


def test_rows_are_joined_by_key_and_time_in_whatever_order_they_stand() -> None:
    one, other = held_out(300, 2, 0.3), held_out(300, 2, 0.3)
    shuffled = other.rows.sample(frac=1, random_state=0).iloc[:200]
    found = model_pairs.compare(one, replace(other, rows=shuffled))
    assert found
    assert found.rows == 200
    assert found.differences["log_loss"].value == pytest.approx(0, abs=1e-12)


def test_rows_of_another_outcome_or_that_come_twice_are_left_out() -> None:
    one, other = held_out(100, 2, 0.3), held_out(100, 3, 0.3)
    corrected = other.rows.copy()
    corrected.loc[:9, "defaulted"] = 1 - corrected.loc[:9, "defaulted"]
    twice = pd.concat([corrected, corrected.iloc[50:55]], ignore_index=True)
    found = model_pairs.compare(one, replace(other, rows=twice))
    assert found
    assert found.rows == 85


def test_without_a_row_in_common_nothing_is_compared() -> None:
    one, other = held_out(100, 2, 0.3), held_out(100, 3, 0.3)
    later = other.rows.assign(applied=other.rows["applied"] + pd.Timedelta(days=1))
    assert model_pairs.compare(one, replace(other, rows=later)) is None


def test_rows_of_one_outcome_alone_cannot_be_compared() -> None:
    one, other = held_out(100, 2, 0.3), held_out(100, 3, 0.3)
    few = other.rows[other.rows["defaulted"] == 1]
    assert model_pairs.compare(one, replace(other, rows=few)) is None


def test_answers_of_another_kind_are_refused() -> None:
    one = held_out(100, 2, 0.3)
    columns = tuple(
        column.model_copy(update={"type": "number"}) if column.name == "defaulted" else column
        for column in CONTRACT.columns
    )
    numbers = CONTRACT.model_copy(update={"kind": "regression", "columns": columns})
    other = HeldOut(one.rows.assign(prediction=0.5), numbers, None)
    with pytest.raises(Refusal, match='its kind is "regression"'):
        model_pairs.compare(one, other)
