"""What is answered is kept once and whole, and read as it was written, on both databases."""

from datetime import UTC, timedelta, timezone

import pytest
import sqlalchemy as sa

from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, HOUR, LOAN, NOON, OWN, MakeLog, answered, rows

# What a challenger says of a row.
SHADOW = {"bundle": "b2", "role": "challenger", "probability": 0.75}


def test_an_answered_row_reads_back_as_it_was_written(log: PredictionLog) -> None:
    full = {"income": 1e-300, "age": 41, "region": "nörth 'o\"", "employed": True}
    empty = dict.fromkeys(LOAN)
    log.predictions.append(
        [answered(0, prediction=True, probability=0.1 + 0.2, **full), answered(1, **empty)]
    )
    log.outcomes.add({"L0": True})
    read = log.predictions.window(*EVER)
    assert rows(read) == [
        answered(0, prediction=True, probability=0.1 + 0.2, **full, outcome=1.0),
        answered(1, **empty, outcome=None),
    ]
    assert list(read.columns) == [*OWN, *LOAN, "outcome"]
    assert type(rows(read)[0]["employed"]) is bool
    assert {n: str(t) for n, t in read.dtypes.items() if str(t) != "object"} == {
        "time": "datetime64[ns, UTC]",
        "logged_at": "datetime64[ns, UTC]",
        "prediction": "bool",
        "probability": "float64",
        "latency_ms": "float64",
        "income": "float64",
        "age": "Int64",
        "outcome": "float64",
    }


def test_times_are_utc_whatever_zone_they_came_in(make_log: MakeLog) -> None:
    log = make_log({"opened": "time"})
    paris = NOON.astimezone(timezone(2 * HOUR))
    log.predictions.append(
        [answered(0, time=paris, opened=paris), answered(3, opened=NOON + 3 * HOUR)]
    )
    read = log.predictions.window(paris, paris + 4 * HOUR)
    assert [str(moment) for moment in read["opened"]] == [
        "2024-03-10 05:30:00+00:00",
        "2024-03-10 08:30:00+00:00",
    ]
    assert list(read["time"]) == list(read["opened"])


def test_a_window_has_its_start_and_not_its_end(log: PredictionLog) -> None:
    log.predictions.append([answered(n) for n in range(4)])
    tick = timedelta(microseconds=1)
    assert list(log.predictions.window(NOON + HOUR, NOON + 3 * HOUR)["key"]) == ["L1", "L2"]
    assert list(log.predictions.window(NOON + HOUR + tick, NOON + 3 * HOUR + tick)["key"]) == [
        "L2",
        "L3",
    ]
    assert rows(log.predictions.window(NOON + HOUR, NOON + HOUR)) == []


def test_a_windows_rows_are_in_the_order_of_time_then_log_then_id(log: PredictionLog) -> None:
    early, late = {"logged_at": NOON}, {"logged_at": NOON + HOUR}
    log.predictions.append([answered(2)])
    log.predictions.append([answered(0, prediction_id=name, **late) for name in ("c", "b")])
    log.predictions.append([answered(0, prediction_id="d", **early), answered(1)])
    assert list(log.predictions.window(*EVER)["prediction_id"]) == ["d", "b", "c", "p1", "p2"]


def test_a_key_that_is_asked_again_has_its_outcome_in_both_rows(log: PredictionLog) -> None:
    log.predictions.append([answered(0), answered(1, key="L0")])
    log.outcomes.add({"L0": False})
    assert list(log.predictions.window(*EVER)["outcome"]) == [0.0, 0.0]


def test_the_latest_and_the_earliest_are_by_their_times_beside_when_they_were_logged(
    log: PredictionLog,
) -> None:
    log.predictions.append(
        [answered(5), answered(7, logged_at=NOON), answered(2, logged_at=NOON + 9 * HOUR)]
    )
    latest = log.predictions.latest(2)
    assert latest[0] == (NOON + 7 * HOUR, NOON)
    assert [time for time, _ in latest] == [NOON + 7 * HOUR, NOON + 5 * HOUR]
    assert latest[0][0].tzinfo is UTC
    assert log.predictions.earliest(1) == [(NOON + 2 * HOUR, NOON + 9 * HOUR)]


def test_what_was_answered_in_a_span_is_found_outside_another(log: PredictionLog) -> None:
    assert log.predictions.answered_outside((NOON, NOON), EVER, 10) == []
    far = {"time": NOON - timedelta(days=90)}
    log.predictions.append([answered(n) for n in range(4)])
    log.predictions.append([answered(5, logged_at=NOON + 2 * HOUR, **far)])
    log.predictions.append([answered(6, logged_at=NOON + 4 * HOUR, **far)])
    log.predictions.append([answered(7, logged_at=NOON + 2 * HOUR, role="challenger", **far)])
    span = (NOON, NOON + 3 * HOUR)
    assert log.predictions.answered_outside(span, span, 10) == [far["time"]]
    both = log.predictions.answered_outside(span, (NOON + HOUR, NOON + 2 * HOUR), 10)
    assert sorted(both) == [far["time"], NOON, NOON + 2 * HOUR]
    assert len(log.predictions.answered_outside(span, (NOON + HOUR, NOON + HOUR), 2)) == 2


def test_a_feature_that_a_row_leaves_out_is_missing(log: PredictionLog) -> None:
    log.predictions.append([answered(0, age=41), answered(1, region="north")])
    assert rows(log.predictions.window(*EVER)[list(LOAN)]) == [
        {"income": None, "age": 41.0, "region": None, "employed": None},
        {"income": None, "age": None, "region": "north", "employed": None},
    ]


def test_an_append_adds_all_of_its_rows_or_none(log: PredictionLog) -> None:
    log.predictions.append([answered(0)])
    with pytest.raises(LogUnavailable, match="(?i)null"):
        log.predictions.append([answered(1), answered(2) | {"key": None}])
    assert list(log.predictions.window(*EVER)["key"]) == ["L0"]


def test_a_row_that_is_appended_again_stays_as_it_was(log: PredictionLog) -> None:
    log.predictions.append([answered(0)])
    log.predictions.append([answered(0) | {"probability": 0.75}, answered(1)])
    assert list(log.predictions.window(*EVER)["probability"]) == [0.25, answered(1)["probability"]]


def test_two_roles_may_answer_the_same_prediction(log: PredictionLog) -> None:
    log.predictions.append([answered(0), answered(0) | {"role": "challenger"}])
    assert sorted(log.predictions.window(*EVER)["role"]) == ["challenger", "champion"]


def test_a_reader_does_not_wait_for_a_writer(log: PredictionLog, address: str) -> None:
    log.predictions.append([answered(0)])
    begin = "BEGIN EXCLUSIVE" if address.startswith("sqlite") else "BEGIN"
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as writer:
        writer.exec_driver_sql(begin)
        writer.exec_driver_sql("UPDATE loans_predictions SET role = 'unsaid'")
        assert list(log.predictions.window(*EVER)["role"]) == ["champion"]
        writer.exec_driver_sql("ROLLBACK")
    engine.dispose()


def test_both_scores_of_a_row_come_with_its_latest_outcome(log: PredictionLog) -> None:
    log.predictions.append([answered(1), answered(1, **SHADOW), answered(2), answered(2, **SHADOW)])
    log.outcomes.add({"L1": False})
    log.outcomes.add({"L1": True})
    found = [row for frame in log.predictions.pairs(*EVER, "b1", rows=1) for row in rows(frame)]
    pair = {"challenger": "b2", "own probability": 0.25, "theirs probability": 0.75}
    assert sorted(found, key=lambda row: row["outcome"] is None) == [
        pair | {"outcome": 1.0},
        pair | {"outcome": None},
    ]


def test_what_only_one_scored_or_another_bundle_answered_is_no_pair(log: PredictionLog) -> None:
    log.predictions.append([answered(1), answered(2, bundle="b0"), answered(2, **SHADOW)])
    log.predictions.append([answered(3, **SHADOW), answered(4), answered(4, **SHADOW)])
    assert list(log.predictions.pairs(EVER[0], NOON, "b1")) == []
    assert sum(len(frame) for frame in log.predictions.pairs(*EVER, "b1")) == 1


def test_a_log_that_is_not_there_has_no_pairs(log: PredictionLog) -> None:
    assert list(log.predictions.pairs(*EVER, "b1")) == []
