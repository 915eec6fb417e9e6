"""Counting: every value is in a bin or lost, and groups are counted as if they were tables."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.profiles.counter import Counter
from shared.profiles.counts import LOST
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.rows import PLAN, ROW, history, profile


@given(rows=st.lists(ROW, min_size=1, max_size=60))
def test_every_value_is_in_a_bin_or_lost(rows: list[dict[str, Any]]) -> None:
    found = profile(rows).counts
    for planned in PLAN.columns:
        bins, lost = found[f"bins {planned.name}"], found[f"lost {planned.name}"]
        without = sum(lost[LOST.index(kind)] for kind in ("missing", "unreadable"))
        assert bins.sum() + without == len(rows)


def test_what_is_wrong_with_a_value_is_counted_by_its_kind() -> None:
    frame = (
        history()
        .head(4)
        .assign(
            x=["1", "two", None, "inf"], y=[-1, 3, 11, 4], colour=["red", "blue", None, "green"]
        )
    )
    found = Profiler(PLAN, 5).profile(arrow.table(frame.drop(columns="on")))
    lost = {name: found.counts[f"lost {name}"].tolist() for name in ("x", "y", "colour", "on")}
    assert lost == {
        "x": [1, 2, 0, 0],
        "y": [0, 0, 2, 0],
        "colour": [1, 0, 1, 0],
        "on": [0, 0, 0, 4],
    }
    assert found.unseen == {"colour": {"blue": 1}}
    assert found.extremes["y"] == (-1.0, 11.0)


def test_the_sums_are_whole_numbers_also_of_huge_values() -> None:
    frame = history().assign(x=1e300)
    counted = Counter(PLAN).count(arrow.table(frame)).counts
    assert counted["gram"].dtype == np.int64
    assert counted["gram"][0, 0] == 500 * 64**2


def test_groups_are_counted_as_if_they_were_tables() -> None:
    table = arrow.table(history())
    starts = np.array([0, 100, 100, 350])
    grouped = Counter(PLAN).count(table, starts).counts
    for at, (first, last) in enumerate([(0, 100), (100, 100), (100, 350), (350, 500)]):
        alone = Counter(PLAN).count(table.slice(first, last - first)).counts
        assert alone.keys() - grouped.keys() == {"answers", "held gram", "own gram"}
        assert (alone["held gram"] == alone["gram"]).all()
        for name, counted in grouped.items():
            assert (counted[at] == alone[name]).all(), name


def test_products_of_numbers_beyond_history_are_summed_once_more_as_held_to_it() -> None:
    far = history().assign(x=lambda frame: frame["x"].where(frame["x"] < 1, 1e9))
    held = history().assign(
        x=lambda frame: frame["x"].where(frame["x"] < 1, PLAN["x"].held_span[1])
    )
    counted, then = (Counter(PLAN).count(arrow.table(frame)).counts for frame in (far, held))
    assert (counted["held gram"] == then["gram"]).all()
    features = [Counter(PLAN).count(arrow.table(frame)).features.matrix() for frame in (far, held)]
    crossed = features[0].astype("float64") @ features[1].T.astype("float64")
    assert (counted["own gram"] == crossed).all()
