"""Trials that Optuna proposes, where it is installed."""

from math import nan
from typing import Any

import pytest

from shared.sections.training import Range
from shared.training.fitting.proposals import propose

pytest.importorskip("optuna", reason="optuna is not installed: pip install optuna")
SPACE = {"a": Range(low=-1.0, high=1.0), "b": Range(low=1, high=64, log=True), "c": ([1], None)}


def proposed(seed: int = 0) -> list[dict[str, Any]]:
    """Return what is proposed in turn, where the best is a = 0.5, and whatever has no c fails."""
    found: list[dict[str, Any]] = []

    def attempt(name: str, parameters: dict[str, Any]) -> float:
        found.append(parameters)
        return nan if parameters["c"] is None else -abs(parameters["a"] - 0.5)

    propose([f"t{at}" for at in range(40)], SPACE, attempt, seed)
    return found


def test_trials_learn_from_those_before_and_failures_end_nothing() -> None:
    found = proposed()
    assert len(found) == 40
    assert {type(one["b"]) for one in found} == {int}
    assert all(-1 <= one["a"] <= 1 and 1 <= one["b"] <= 64 for one in found)
    first, last = ([abs(one["a"] - 0.5) for one in part] for part in (found[:10], found[-10:]))
    assert sum(last) < sum(first) / 2


def test_the_same_seed_proposes_the_same() -> None:
    assert proposed() == proposed()
    assert proposed(1) != proposed()
