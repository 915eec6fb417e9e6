"""Counts by the type of day: what other days had is weighed as the days of some rows are."""

import numpy as np
import pytest

from shared.baseline.day_counts import FEWEST_DATES, DayCounts
from shared.profiles.counts import Counts, running_sums
from shared.profiles.day_types import DAY_TYPES, day_types

MONDAY = 19_723
WEEKS, ROWS = 10, 10
DAYS = MONDAY + np.arange(7 * WEEKS)


def cells() -> Counts:
    """Return days of ten rows of which all have the first value, but on Sundays the second."""
    sunday = np.arange(len(DAYS)) % 7 == 6
    bins = np.where(sunday[:, None], [0, ROWS], [ROWS, 0])
    return {"rows": np.full(len(DAYS), ROWS), "bins x": bins, "gram": np.ones((len(DAYS), 1, 1))}


def of_types(**rows: int) -> np.ndarray:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "free", "resting")
    return np.array([rows.get(name, 0) for name in names], "float64")


@pytest.fixture
def days() -> DayCounts:
    return DayCounts.of_cells(running_sums(cells()), DAYS, day_types(DAYS, None))


@pytest.fixture
def total() -> Counts:
    return {name: found.sum(axis=0) for name, found in cells().items()}


def test_days_are_counted_by_their_type(days: DayCounts) -> None:
    assert days.dates == (WEEKS,) * 7 + (0, 0)
    assert days.rows == (WEEKS * ROWS,) * 7 + (0, 0)
    assert days.counts == {"bins x": [[100, 0]] * 6 + [[0, 100]] + [[0, 0]] * 2}
    assert days.known.tolist() == [True] * 7 + [False, False]
    assert DayCounts.model_validate(days.model_dump(mode="json")) == days


def test_a_day_of_several_cells_is_one_and_one_without_rows_is_none() -> None:
    halves = {"rows": np.array([1, 1, 1, 1, 0, 0]), "bins x": np.ones((6, 1), "int64")}
    on = np.repeat(DAYS[:3], 2)
    assert DayCounts.of_cells(running_sums(halves), on, day_types(on, None)).dates[:3] == (1, 1, 0)


def test_rows_are_held_against_days_like_theirs(days: DayCounts, total: Counts) -> None:
    before = np.array(days.rows)
    sunday = days.on_such_days(total, before, of_types(sun=7))
    assert sunday["bins x"] / sunday["rows"] == pytest.approx([0, 1], abs=1e-3)
    assert sunday["gram"] is total["gram"]
    both = days.on_such_days(total, before, of_types(sat=5, sun=5))
    assert both["bins x"] / both["rows"] == pytest.approx([0.5, 0.5])
    week = days.on_such_days(total, before, np.array(days.rows) / WEEKS)
    assert week["bins x"] == pytest.approx(total["bins x"])
    # What came on other days alone is rare on these, and no news.
    assert sunday["bins x"].min() > 0


def test_rows_of_history_are_not_held_against_themselves(days: DayCounts, total: Counts) -> None:
    odd = cells()
    odd["bins x"][1] = [0, ROWS]
    learnt = DayCounts.of_cells(running_sums(odd), DAYS, day_types(DAYS, None))
    own = {name: found[1] for name, found in odd.items()}
    rest = {name: found.sum(axis=0) - found[1] for name, found in odd.items()}
    tuesday = of_types(tue=ROWS)
    held = learnt.on_such_days(rest, np.array(learnt.rows) - tuesday, tuesday, own)
    assert held["bins x"] / held["rows"] == pytest.approx([1, 0], abs=1e-3)


def test_days_of_which_there_are_too_few_are_held_against_all(total: Counts) -> None:
    few = {name: found[: 7 * (FEWEST_DATES - 1)] for name, found in cells().items()}
    days = DAYS[: 7 * (FEWEST_DATES - 1)]
    learnt = DayCounts.of_cells(running_sums(few), days, day_types(days, None))
    assert not learnt.known.any()
    assert learnt.on_such_days(total, np.array(learnt.rows), of_types(sun=7)) is total
    assert learnt.share_unknown(of_types(mon=3, free=1)) == 0.25
    assert len(learnt.known) == DAY_TYPES
