"""Service minutes are read as they were counted, on SQLite and PostgreSQL."""

from datetime import timedelta

from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, LATER, NOON, minute, rows


def test_minutes_are_read_from_the_one_that_the_start_is_in_until_the_end(
    log: PredictionLog,
) -> None:
    quiet = minute(1, requests=0, rows=0, rejected=0, p50_ms=None, p99_ms=None)
    busy = minute(2, refused=2, log_away=1, queue_rows=2**33, p90_ms=8.0, max_ms=99.5)
    log.minutes.add([minute(2, "s2"), busy, quiet, minute(0), minute(3)])
    seconds = timedelta(seconds=59)
    read = log.minutes.between(NOON + timedelta(minutes=1) + seconds, NOON + timedelta(minutes=2))
    assert rows(read) == [quiet, busy, minute(2, "s2")]
    assert [str(t) for t in read.dtypes] == [
        "datetime64[ns, UTC]",
        "object",
        *["int64"] * 4,
        *["float64"] * (len(LATER) - 1),
        "object",
        "float64",
        "object",
    ]


def test_a_minute_that_is_there_already_is_replaced(log: PredictionLog) -> None:
    log.minutes.add([minute(0), minute(0, "s2")])
    later = minute(0, requests=9, refused_rows=4, row_faults='[["age", "missing", 4, null]]')
    log.minutes.add([later, minute(1)])
    assert rows(log.minutes.between(*EVER)) == [later, minute(0, "s2"), minute(1)]
