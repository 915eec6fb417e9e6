"""Moments are kept in UTC, and many of them as few."""

from datetime import UTC, timezone

import pytest

from shared.log.moments import sqlite_moments
from tests.log.loans import HOUR, NOON


@pytest.mark.parametrize("ignored", ["", "1"])
def test_sqlite_keeps_the_moments_of_many_rows_as_those_of_few(
    ignored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYARROW_IGNORE_TIMEZONE", ignored)
    zones = (UTC, timezone(-3.5 * HOUR), timezone(14 * HOUR))
    years = (NOON.replace(year=year, microsecond=year) for year in (1700, 1969, 2013, 2200))
    moments = [None, *(year.replace(tzinfo=zone) for year in years for zone in zones)]
    few = sqlite_moments(moments)
    assert few[1] == "1700-03-10 05:30:00.001700"
    assert sqlite_moments(moments * 20) == few * 20
    slates = [moment for moment in moments for _ in range(3)]
    assert sqlite_moments(slates) == [text for text in few for _ in range(3)]
