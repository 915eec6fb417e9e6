"""Times: UTC where they name no zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared import utc
from shared.errors import Refusal

NOON = datetime(2013, 5, 1, 12, tzinfo=UTC)


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert utc.as_utc(datetime(2013, 5, 1, 12)) == NOON


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    berlin = timezone(timedelta(hours=2))
    found = utc.as_utc(datetime(2013, 5, 1, 14, tzinfo=berlin))
    assert (found, found.tzinfo) == (NOON, UTC)


@pytest.mark.parametrize(
    "text", ["2013-05-01T12:00", "2013-05-01 12:00Z", "2013-05-01T14:00+02:00"]
)
def test_an_iso_time_is_read(text: str) -> None:
    assert utc.parse_time(text, "--until") == NOON


def test_nothing_is_no_time() -> None:
    assert utc.parse_time(None, "--until") is None


def test_what_is_no_time_is_refused_with_the_option_that_has_it() -> None:
    with pytest.raises(Refusal) as refused:
        utc.parse_time("noon", "--until")
    assert str(refused.value) == "--until 'noon' is not an ISO time, such as 2013-05-13T00:00"
