"""Old rows of a log are removed, and no others, of SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from shared.log import contents, old_rows
from shared.log.prediction_log import PredictionLog
from tests.log.loans import LATE, asked, late, minute

HALF = LATE + timedelta(minutes=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def filled(named_log: PredictionLog) -> PredictionLog:
    """Return a log of four answers, a minute apart, with outcomes from today, and two minutes."""
    named_log.predictions.append([late(at) for at in range(4)])
    named_log.outcomes.add({"L0": True, "L3": False, "gone": True})
    named_log.minutes.add([minute(0), minute(24 * 60)])
    return named_log


def keys(address: str, table: str) -> list[str]:
    return sorted(key for (key,) in asked(address, f"SELECT key FROM loans_{table}"))


def test_only_rows_from_before_are_removed(filled: PredictionLog, address: str) -> None:
    # The outcomes were told today, and are younger than that.
    assert old_rows.count("loans", HALF)["predictions"] == 2
    removed = old_rows.remove("loans", HALF)
    assert removed == {"predictions": 2, "outcomes": 0, "service_minutes": 0}
    assert keys(address, "predictions") == ["L2", "L3"]
    assert keys(address, "outcomes") == ["L0", "L3", "gone"]


def test_an_old_outcome_goes_with_the_last_prediction_of_its_key(
    filled: PredictionLog, address: str
) -> None:
    with filled.writing() as connection:
        old = filled.tables.outcomes.update().values(logged_at=LATE)
        connection.execute(old)
    counted = old_rows.count("loans", HALF)
    assert old_rows.remove("loans", HALF) == counted
    assert counted["outcomes"] == 2
    assert keys(address, "outcomes") == ["L3"]


def test_the_rows_of_an_open_window_stay(filled: PredictionLog, address: str) -> None:
    since = LATE + timedelta(minutes=1)
    old_rows.remove("loans", LATE + HOUR, since)
    assert keys(address, "predictions") == ["L1", "L2", "L3"]


def test_old_service_minutes_are_removed_some_at_a_time(
    filled: PredictionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_rows, "ROWS_AT_ONCE", 1)
    steps: list[int] = []
    ever = LATE + timedelta(days=365)
    removed = old_rows.remove("loans", ever, on_removed=steps.append)
    assert removed["service_minutes"] == 2
    assert set(steps) == {1}
    assert len(steps) == sum(removed.values())
    assert contents.summary("loans").tables["predictions"].rows == 0
