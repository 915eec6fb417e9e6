"""Clicks compared at equal positions."""

import numpy as np
import pytest

from shared.policies.equal_positions import click_ratio, pooled


def test_the_ratio_is_mantel_and_haenszels() -> None:
    # Outside 4 clicks of 40 rows and 2 of 50, inside 9 of 60 and 1 of 10.
    clicks = np.array([[4.0, 2.0], [9.0, 1.0]])
    rows = np.array([[40.0, 50.0], [60.0, 10.0]])
    by_hand = (9 * 40 / 100 + 1 * 50 / 60) / (4 * 60 / 100 + 2 * 10 / 60)
    assert click_ratio(clicks, rows) == pytest.approx(np.log(by_hand))


def test_what_stands_at_better_positions_is_no_better_for_it() -> None:
    rows = np.array([[10.0, 90.0], [900.0, 100.0]])
    clicks = rows * np.array([0.1, 0.01])
    assert click_ratio(clicks, rows) == pytest.approx(0)
    assert np.exp(click_ratio(pooled(clicks), pooled(rows))) == pytest.approx(0.091 / 0.019)


def test_a_group_without_clicks_or_rows_has_no_ratio() -> None:
    rows = np.array([[10.0], [20.0]])
    assert np.isnan(click_ratio(np.array([[0.0], [3.0]]), rows))
    assert np.isnan(click_ratio(np.array([[3.0], [0.0]]), np.array([[10.0], [0.0]])))


def test_many_are_compared_at_once() -> None:
    clicks, rows = np.array([[4.0, 2.0], [9.0, 1.0]]), np.array([[40.0, 50.0], [60.0, 10.0]])
    both = click_ratio(np.stack([clicks, clicks[::-1]]), np.stack([rows, rows[::-1]]))
    assert both.shape == (2,)
    assert both[1] == pytest.approx(-both[0])
