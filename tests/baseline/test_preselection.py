"""Preselection: all columns where they are few, and the true partners among very many."""

import numpy as np
import pytest

from shared.baseline.preselection import FEW_OTHERS, MOST_OTHERS, preselect

ROWS, CLASSES = 4_000, 5


def noise(columns: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {f"n{at}": rng.integers(0, CLASSES, ROWS) for at in range(columns)}


def test_of_few_columns_all_others_are_taken_in_their_order() -> None:
    classes = noise(FEW_OTHERS + 1)
    found = preselect(classes, list(classes))
    assert found == {name: [other for other in classes if other != name] for name in classes}


@pytest.mark.parametrize("kept", [0.3, 1.0])
def test_the_column_that_one_depends_on_is_found_among_300_others(kept: float) -> None:
    classes = noise(300)
    rng = np.random.default_rng(1)
    own = np.where(rng.random(ROWS) < kept, (classes["n250"] - 2) ** 2, classes["n3"])
    found = preselect(classes | {"own": own}, list(classes))
    assert "n250" in found["own"]
    assert {len(others) for others in found.values()} == {MOST_OTHERS}


def test_rows_without_a_class_count_for_nothing() -> None:
    classes = noise(300)
    found = preselect(classes | {"own": np.full(ROWS, -1)}, list(classes))
    assert len(found["own"]) == MOST_OTHERS
