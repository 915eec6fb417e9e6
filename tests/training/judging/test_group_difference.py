"""The largest difference between groups, and what of it is proven."""

import numpy as np
import pytest
from fairlearn.metrics import selection_rate
from sklearn.metrics import mean_absolute_error

from shared.errors import Refusal
from shared.training.judging import group_difference as module
from shared.training.judging.group_difference import group_difference


def answers(rates: list[float], rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers of groups that are given so often, and the name of each one's group."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, len(rates), rows)
    return rng.random(rows) < np.array(rates)[groups], np.array([f"group {g}" for g in groups])


def test_groups_that_are_alike_are_not_proven_apart() -> None:
    """The largest difference of eight is large by chance alone."""
    found = [
        group_difference(selection_rate, a, a, g)
        for a, g in (answers([0.3] * 8, 800, s) for s in range(8))
    ]
    assert min(each.value for each in found) > 0.05
    assert [each.low for each in found].count(0) >= 7


def test_a_group_that_is_answered_otherwise_is_proven_and_named() -> None:
    given, groups = answers([0.3, 0.3, 0.6], 2_000, 0)
    found = group_difference(selection_rate, given, given, groups)
    assert 0.15 < found.low < 0.3 < found.high < 0.45
    assert str(found).startswith("selection rate differs by 0.3")
    assert "group 2 0.6" in str(found)


def test_any_metric_of_two_columns_will_do_and_small_groups_are_left_out() -> None:
    rng = np.random.default_rng(0)
    error = np.concatenate([rng.normal(0, 1, 900), rng.normal(0, 3, 900), [9.0] * 7])
    groups = ["north"] * 900 + ["south"] * 900 + [None] * 7
    found = group_difference(mean_absolute_error, np.zeros(1_807), error, groups)
    assert found.groups == pytest.approx({"north": 0.8, "south": 2.4}, abs=0.1)
    assert found.left_out == ("missing",)
    assert str(found).endswith("; fewer than 50 rows: missing")


def test_a_group_all_of_whose_rows_are_alike_is_uncertain_all_the_same() -> None:
    given, groups = answers([0.04, 0.04], 4_000, 0)
    given, groups = [*given, *[False] * 60], [*groups, *["new"] * 60]
    assert group_difference(selection_rate, given, given, groups).low == 0


def test_of_more_rows_than_are_resampled_the_error_is_that_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given, groups = answers([0.3, 0.35], 8_000, 0)
    whole = group_difference(selection_rate, given, given, groups)
    monkeypatch.setattr(module, "MOST_RESAMPLED", 1_000)
    some = group_difference(selection_rate, given, given, groups)
    assert some.value == whole.value
    assert some.high == pytest.approx(whole.high, abs=0.01)


def test_one_group_alone_and_no_fairlearn_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal, match="1 group of 2 with at least 50 rows, .* two or more: a, b"):
        group_difference(selection_rate, [1] * 99, [1] * 99, ["a"] * 90 + ["b"] * 9)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Refusal, match="needs fairlearn, which is not installed: pip install it"):
        group_difference(selection_rate, [1], [1], ["a"])
