"""Profiles: whatever a table is cut into, the parts add up to the whole, exactly."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.profiles import duplicates, planning
from shared.profiles.counter import Counter
from shared.profiles.counts import LOST
from shared.profiles.profile import Profile, Profiler
from shared.schema import arrow
from shared.schema.contract import Contract, ContractColumn

START = datetime(2024, 1, 1, tzinfo=UTC)


def column(name: str, kind: Any, **said: Any) -> ContractColumn:
    return ContractColumn(name=name, type=kind, nullable=True, **said)


CONTRACT = Contract(
    key="id",
    time="at",
    target="late",
    features=("x", "y", "colour", "on", "since"),
    columns=(
        column("id", "text"),
        column("at", "time"),
        column("x", "number"),
        column("y", "integer", minimum=0, maximum=9, outside="refuse"),
        column("colour", "category", categories=("red", "green"), outside="refuse"),
        column("on", "boolean"),
        column("since", "time"),
        column("late", "boolean"),
    ),
)
ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "d"]) | st.none(),
        "at": st.integers(0, 10**6).map(lambda s: pd.Timestamp(START) + pd.Timedelta(seconds=s)),
        "x": st.floats(-1e9, 1e9) | st.none(),
        "y": st.integers(-2, 12) | st.none(),
        "colour": st.sampled_from(["red", "green", "blue", "ultramarine"]) | st.none(),
        "on": st.booleans() | st.none(),
        "since": st.integers(0, 10**9).map(lambda s: pd.Timestamp(s, unit="s", tz="UTC")),
        "probability": st.floats(0, 1) | st.none(),
        "outcome": st.sampled_from([0.0, 1.0]) | st.none(),
    }
)


def history() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": [f"r{n}" for n in range(500)],
            "at": pd.Timestamp(START) + pd.to_timedelta(np.arange(500), unit="h"),
            "x": rng.normal(0, 1e6, 500),
            "y": rng.integers(0, 9, 500),
            "colour": rng.choice(["red", "green"], 500),
            "on": rng.random(500) < 0.5,
            "since": pd.Timestamp(START) + pd.to_timedelta(rng.integers(0, 10**6, 500), unit="s"),
            "probability": rng.random(500),
        }
    )


PLAN = planning.plan_counting(arrow.table(history()), CONTRACT)


def profile(rows: list[dict[str, Any]]) -> Profile:
    frame = pd.DataFrame(rows, columns=[*list(history().columns), "outcome"])
    typed = dict.fromkeys(("x", "y", "probability", "outcome"), "float64")
    return Profiler(PLAN, 5).profile(arrow.table(frame.astype(typed)))


@settings(deadline=None)
@given(rows=st.lists(ROW, max_size=60), cut=st.integers(0, 60))
def test_the_parts_add_up_to_the_whole(rows: list[dict[str, Any]], cut: int) -> None:
    whole = profile(rows)
    for parts in (
        profile(rows[:cut]) + profile(rows[cut:]),
        profile(rows[cut:]) + profile(rows[:cut]),
    ):
        for name, counted in whole.counts.items():
            assert (parts.counts[name] == counted).all(), name
        assert parts.arrived == whole.arrived
        assert (parts.unseen, parts.extremes) == (whole.unseen, whole.extremes)
        for one, other in ((parts.keys, whole.keys), (parts.rows, whole.rows)):
            assert (one.hashes == other.hashes).all()
            assert (one.counts == other.counts).all()
        # Rows are told apart by what the model is asked, not by what it answered.
        asked = [name for name in whole.sample if name not in ("probability", "outcome")]
        assert parts.sample[asked].equals(whole.sample[asked])


@settings(deadline=None)
@given(rows=st.lists(ROW, min_size=3, max_size=40))
def test_it_does_not_matter_which_parts_are_added_first(rows: list[dict[str, Any]]) -> None:
    one, two, three = (profile(rows[at::3]) for at in range(3))
    left, right = (one + two) + three, one + (two + three)
    for name, counted in left.counts.items():
        assert (right.counts[name] == counted).all()
    assert left.unseen == right.unseen


@settings(deadline=None)
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


def test_many_unseen_values_are_bounded_and_counted_exactly() -> None:
    frame = history().iloc[[0] * 1_000].assign(colour=[f"c{n % 500}" for n in range(1_000)])
    found = Profiler(PLAN, 5).profile(arrow.table(frame)).unseen["colour"]
    assert len(found) == 64
    assert set(found.values()) == {2}


def test_the_sums_are_whole_numbers_also_of_huge_values() -> None:
    frame = history().assign(x=1e300)
    counted = Counter(PLAN).count(arrow.table(frame)).counts
    assert counted["gram"].dtype == np.int64
    assert counted["gram"][0, 0] == 500 * 64**2


@pytest.mark.parametrize("rows", [0, 1, 5_000, 60_000])
def test_a_sketch_tells_the_share_of_repeats(rows: int) -> None:
    distinct = np.arange(rows, dtype="uint64")
    again = distinct[: rows // 4]
    found = duplicates.sketch_duplicates(np.concatenate([distinct, again]))
    assert found.repeated == pytest.approx(0.2 if rows > 1 else 0, abs=0.03)
    parts = duplicates.sketch_duplicates(distinct) + duplicates.sketch_duplicates(again)
    assert (parts.counts == found.counts).all()


def test_groups_are_counted_as_if_they_were_tables() -> None:
    table = arrow.table(history())
    starts = np.array([0, 100, 100, 350])
    grouped = Counter(PLAN).count(table, starts).counts
    for at, (first, last) in enumerate([(0, 100), (100, 100), (100, 350), (350, 500)]):
        alone = Counter(PLAN).count(table.slice(first, last - first)).counts
        for name, counted in alone.items():
            assert (grouped[name][at] == counted).all(), name


def test_times_of_any_precision_are_read() -> None:
    moments = pd.date_range("1990-01-01", "2090-01-01", periods=7, tz="UTC").as_unit("ns")
    found = arrow.seconds(arrow.table(pd.DataFrame({"at": moments}))["at"])
    assert found == pytest.approx([moment.timestamp() for moment in moments])
