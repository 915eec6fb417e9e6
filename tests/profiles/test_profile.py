"""Profiles: whatever a table is cut into, the parts add up to the whole, exactly."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.rows import PLAN, ROW, history, profile


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


@given(rows=st.lists(ROW, min_size=3, max_size=40))
def test_it_does_not_matter_which_parts_are_added_first(rows: list[dict[str, Any]]) -> None:
    one, two, three = (profile(rows[at::3]) for at in range(3))
    left, right = (one + two) + three, one + (two + three)
    for name, counted in left.counts.items():
        assert (right.counts[name] == counted).all()
    assert left.unseen == right.unseen


def test_many_unseen_values_are_bounded_and_counted_exactly() -> None:
    frame = history().iloc[[0] * 1_000].assign(colour=[f"c{n % 500}" for n in range(1_000)])
    found = Profiler(PLAN, 5).profile(arrow.table(frame)).unseen["colour"]
    assert len(found) == 64
    assert set(found.values()) == {2}
