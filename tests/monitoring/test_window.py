"""The window: parts add up to the whole, whichever of them knows what."""

from dataclasses import replace
from datetime import timedelta

from shared.model.bundle import Bundle
from shared.monitoring import window
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, read_case, week


def test_parts_add_up_and_what_only_one_of_them_knows_is_kept(
    bundle: Bundle, settings: Settings
) -> None:
    rows, later = week(30), ANSWERED + timedelta(hours=1)
    one = read_case(rows.head(10), bundle, settings).window
    other = replace(
        read_case(rows.tail(20), bundle, settings).window,
        answered=(ANSWERED, later),
        next_due=later,
        pending=3,
        others=4,
    )
    whole = window.total([one, other])
    assert whole.profile.size == 30
    assert (whole.first, whole.last) == (rows["applied"].min(), rows["applied"].max())
    assert (whole.answered, whole.next_due) == ((ANSWERED, later), later)
    assert (whole.pending, whole.others, whole.labelled) == (3, 4, True)
    twice = window.total([whole, replace(other, answered=(later, later + timedelta(hours=1)))])
    assert twice.answered == (ANSWERED, later + timedelta(hours=1))
