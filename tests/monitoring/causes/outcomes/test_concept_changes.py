"""Another world is told from wrong labels: its outcomes follow the features, in another way."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.outcomes import concept_changes
from shared.tasks.binary.binary_task import Binary
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.regression.regression_task import Regression

ONCE, LATER = np.array([1.2, -0.9, 0.7]), np.array([-1.2, 0.9, 0.7])
FATES = ("early", "late", "lost")
Outcomes = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _late(given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.random(len(given)) < 1 / (1 + np.exp(-given))


def _minutes(given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 10 + 3 * given + rng.normal(0, 3, len(given))


def _fate(given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    best = _utilities(given) + rng.gumbel(size=(len(given), 3))
    return np.array(FATES, dtype=object)[best.argmax(axis=1)]


def _utilities(given: np.ndarray) -> np.ndarray:
    return np.stack([given, -given, 0.8 * np.abs(given) - 0.5], axis=1)


KINDS: dict[str, tuple[Any, Outcomes]] = {
    "binary": (Binary(), _late),
    "regression": (Regression(), _minutes),
    "multiclass": (Multiclass(FATES), _fate),
}


def answered(kind: str, seed: int, weights: np.ndarray, rows: int = 1_500) -> pd.DataFrame:
    """Return rows with features, the answers of a model of ONCE, and outcomes by the weights."""
    task, outcomes = KINDS[kind]
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 3))
    told = features @ ONCE
    scores = told[:, None] if kind == "regression" else 1 / (1 + np.exp(-told[:, None]))
    if kind == "multiclass":
        chances = np.exp(_utilities(told))
        scores = chances / chances.sum(axis=1, keepdims=True)
    frame = pd.DataFrame(features, columns=["a", "b", "c"])
    frame[[*task.score_names]] = scores
    return frame.assign(outcome=outcomes(features @ weights, rng))


def case(kind: str, now: pd.DataFrame) -> Any:
    reference = answered(kind, 0, ONCE)
    contract = SimpleNamespace(target="outcome", features=("a", "b", "c"))
    bundle = SimpleNamespace(task=KINDS[kind][0], contract=contract, reference=lambda: reference)
    baseline = SimpleNamespace(plan=SimpleNamespace(by_name={}))
    return SimpleNamespace(
        bundle=bundle, baseline=baseline, profile=SimpleNamespace(sample=now, size=len(now))
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_outcomes_that_follow_the_features_otherwise_are_another_world(
    kind: str, seed: int
) -> None:
    assert concept_changes.is_changed(case(kind, answered(kind, seed, LATER)))
    assert not concept_changes.is_changed(case(kind, answered(kind, seed, ONCE)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_outcomes_of_other_rows_are_no_other_world(kind: str, seed: int) -> None:
    rows = answered(kind, seed, ONCE)
    mixed = np.random.default_rng(seed).permutation(rows["outcome"].to_numpy())
    assert not concept_changes.is_changed(case(kind, rows.assign(outcome=mixed)))


@pytest.mark.parametrize("share", [0.4, 1.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_labels_that_were_flipped_are_no_other_world(share: float, seed: int) -> None:
    rows = answered("binary", seed, ONCE)
    flipped = np.random.default_rng(seed).random(len(rows)) < share
    wrong = rows.assign(outcome=rows["outcome"] ^ flipped)
    assert not concept_changes.is_changed(case("binary", wrong))


def test_of_few_rows_nothing_is_said() -> None:
    few = answered("binary", 1, LATER, rows=concept_changes.FEWEST_ROWS - 1)
    assert not concept_changes.is_changed(case("binary", few))
    lacking = answered("binary", 1, LATER).drop(columns=["b"])
    assert not concept_changes.is_changed(case("binary", lacking))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_labels_of_other_rows_in_a_third_follow_the_answers_less_whatever_the_features_are(
    kind: str, seed: int
) -> None:
    rows, rng = answered(kind, seed, ONCE), np.random.default_rng(seed)
    assert not concept_changes.are_looser(case(kind, rows))
    mixed, here = rows["outcome"].to_numpy(copy=True), np.flatnonzero(rng.random(len(rows)) < 0.4)
    mixed[here] = mixed[rng.permutation(here)]
    assert concept_changes.are_looser(case(kind, rows.assign(outcome=mixed)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_world_is_not_taken_for_labels_that_are_wrong_anywhere(
    kind: str, seed: int
) -> None:
    assert not concept_changes.are_looser(case(kind, answered(kind, seed, LATER)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_that_are_harder_to_predict_follow_the_answers_as_before(seed: int) -> None:
    rows = answered("binary", seed, ONCE, rows=4_000)
    harder = rows[rows["probability"].between(0.35, 0.65)].reset_index(drop=True)
    assert not concept_changes.are_looser(case("binary", harder))
