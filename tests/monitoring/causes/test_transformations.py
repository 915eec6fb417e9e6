"""Transformations: each is undone to what the column was."""

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes import transformations

ROWS = pd.DataFrame(
    {
        "heat": [32.0, 50.0, 212.0],
        "wind": [1.0, 2.0, 4.0],
        "at": pd.to_datetime(["2024-04-01T00:00Z", "2024-04-01T12:00Z", "2024-04-02T06:00Z"]),
    }
)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("Celsius instead of Fahrenheit", lambda x: (x - 32) / 1.8),
        ("Fahrenheit instead of Celsius", lambda x: x * 1.8 + 32),
        ("Kelvin instead of Celsius", lambda x: x + 273.15),
        ("Celsius instead of Kelvin", lambda x: x - 273.15),
        ("the opposite sign", lambda x: -x),
        ("a hundred times what it was", lambda x: x * 100),
        ("a tenth of what it was", lambda x: x / 10),
        ("kilometres instead of miles", lambda x: x * 1.609344),
        ("knots instead of miles per hour", lambda x: x / 1.150779448),
    ],
)
def test_a_change_of_units_is_undone(words: str, change) -> None:
    tried = transformations.changes_of_numbers(["heat"], {"heat": 0.0})
    (found,) = [one for one in tried if one.words.partition("looks like ")[2].startswith(words)]
    undone = found.undo(ROWS.assign(heat=change(ROWS["heat"])))
    assert undone.keys() == {"heat"}
    assert np.allclose(undone["heat"], ROWS["heat"])
    assert np.isclose(np.ptp(ROWS["heat"]) * found.closer, np.ptp(change(ROWS["heat"])))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("trip_distance", "trip_distance looks like kilometres instead of miles: x · 1.609"),
        # A number of which nobody says that it is a length may have grown as much.
        (
            "calls",
            "calls is about 1.6 times what it was, or looks like kilometres instead of miles: "
            "x · 1.609",
        ),
    ],
)
def test_a_unit_near_to_one_is_certain_where_the_name_says_its_quantity(name, words) -> None:
    assert words in [one.words for one in transformations.changes_of_numbers([name], {name: 0.0})]


def test_an_offset_costs_a_parameter_and_two_columns_change_places() -> None:
    *_, offset, swap = transformations.changes_of_numbers(
        ["wind", "heat"], {"wind": 0.0, "heat": 7.0}
    )
    assert offset.words == "heat is about 7 more than the other columns predict"
    assert (offset.cost, offset.about) == (transformations.FREE, True)
    assert offset.undo(ROWS)["heat"].tolist() == [25.0, 43.0, 205.0]
    assert swap.words == "wind and heat look swapped"
    assert swap.undo(ROWS)["wind"].tolist() == ROWS["heat"].tolist()


def test_a_clock_is_off_by_whole_hours_and_one_hour_may_be_due() -> None:
    clocks = {clock.words: clock for clock in transformations.changes_of_clock("at")}
    late = clocks["at looks like another time zone: 6 hours later"]
    assert (late.undo(ROWS)["at"] == ROWS["at"] - pd.Timedelta(hours=6)).all()
    due = [clock.words for clock in clocks.values() if clock.due]
    assert due == [
        f"at looks like another time zone, or clocks that were changed: an hour {when}"
        for when in ("earlier", "later")
    ]


def test_another_system_of_units_reaches_two_columns_alike() -> None:
    both = {one.words: one for one in transformations.changes_of_pairs(["heat", "wind"])}
    metric = both["heat and wind look like kilometres instead of miles: x · 1.609"]
    undone = metric.undo(ROWS)
    assert undone.keys() == {"heat", "wind"}
    assert np.allclose(undone["wind"] * 1.609344, ROWS["wind"])


def test_changes_of_one_kind_are_named_with_the_kind_once() -> None:
    earlier, later, plain = (
        next(change for change in transformations.changes_of_clock("sent") if said in change.words)
        for said in (": 2 hours later", ": 3 hours later", "an hour later")
    )
    assert transformations.any_of([earlier, later]).words == (
        "sent looks like another time zone: 2 hours later, or 3 hours later"
    )
    assert transformations.any_of([plain, earlier]).words == (
        "sent looks like another time zone, or clocks that were changed: an hour later, "
        "or another time zone: 2 hours later"
    )
