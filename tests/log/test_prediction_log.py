"""The prediction log, on a real SQLite and a real PostgreSQL."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from itertools import count, pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared.errors import Refusal
from shared.log import database, log_tables
from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.schema.contract import Contract, ContractColumn
from tests.conftest import ROOT
from tests.postgres import Postgres

# An hour and a half before New York, where the test's PostgreSQL stands, goes to summer time.
NOON = datetime(2024, 3, 10, 5, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVER = (NOON - timedelta(days=365), NOON + timedelta(days=365))
LOAN = {"income": "number", "age": "integer", "region": "category", "employed": "boolean"}
OWN = ("prediction_id", "key", "time", "logged_at", "bundle", "role", "prediction", "probability")
OWN += ("latency_ms",)
MakeLog = Callable[..., PredictionLog]


@pytest.fixture
def make_log(address: str) -> Iterator[MakeLog]:
    """Return a function that opens a log there, as one process with one bundle would."""
    with ExitStack() as stack:

        def made(features: dict[str, str] = LOAN, problem: str = "loans", **words: Any) -> Any:
            opened = PredictionLog(problem, contract(features, **words), address)
            stack.callback(opened.close)
            return opened

        yield made


@pytest.fixture
def log(make_log: MakeLog) -> PredictionLog:
    return make_log()


def contract(features: dict[str, str], key: str = "text") -> Contract:
    types = {"loan": key, "applied": "time", "defaulted": "boolean"} | features
    columns = [ContractColumn(name=n, type=t, nullable=True) for n, t in types.items()]  # type: ignore[arg-type]
    names = {"key": "loan", "time": "applied", "target": "defaulted"}
    return Contract(**names, features=tuple(features), columns=tuple(columns))


def answered(number: int, **values: Any) -> dict[str, Any]:
    """Return an answered row, `number` hours after noon."""
    return {
        "prediction_id": f"p{number}",
        "key": f"L{number}",
        "time": NOON + number * HOUR,
        "logged_at": NOON + number * HOUR + timedelta(microseconds=1),
        "bundle": "b1",
        "role": "champion",
        "prediction": False,
        "probability": 0.25,
        "latency_ms": 1.5,
    } | values


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as plain dicts, with None for what is missing."""
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).to_dict("records")


def outcomes(log: PredictionLog) -> dict[Any, Any]:
    return {row["key"]: row["outcome"] for row in rows(log.predictions.window(*EVER))}


@contextmanager
def sql(address: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def asked(address: str, query: str) -> list[tuple[Any, ...]]:
    with sql(address) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


# What is written is read


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
        "age": "float64",
        "outcome": "float64",
    }


def test_a_feature_that_a_row_leaves_out_is_missing(log: PredictionLog) -> None:
    log.predictions.append([answered(0, age=41), answered(1, region="north")])
    assert rows(log.predictions.window(*EVER)[list(LOAN)]) == [
        {"income": None, "age": 41.0, "region": None, "employed": None},
        {"income": None, "age": None, "region": "north", "employed": None},
    ]


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


@pytest.mark.parametrize("ignored", ["", "1"])
def test_sqlite_keeps_the_moments_of_many_rows_as_those_of_few(
    ignored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYARROW_IGNORE_TIMEZONE", ignored)
    zones = (UTC, timezone(-3.5 * HOUR), timezone(14 * HOUR))
    years = (NOON.replace(year=year, microsecond=year) for year in (1700, 1969, 2013, 2200))
    moments = [None, *(year.replace(tzinfo=zone) for year in years for zone in zones)]
    few = log_tables.sqlite_moments(moments)
    assert few[1] == "1700-03-10 05:30:00.001700"
    assert log_tables.sqlite_moments(moments * 20) == few * 20


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


def test_the_newest_time_is_of_the_prediction_not_of_its_logging(log: PredictionLog) -> None:
    log.predictions.append(
        [answered(5), answered(7, logged_at=NOON), answered(2, logged_at=NOON + 9 * HOUR)]
    )
    newest = log.predictions.newest()
    assert newest == NOON + 7 * HOUR
    assert newest.tzinfo is UTC


def test_nothing_appended_is_nothing_read(log: PredictionLog) -> None:
    log.predictions.append([])
    log.minutes.add([])
    assert log.outcomes.add({}) == {"added": 0, "corrected": 0, "unchanged": 0}
    assert (
        rows(log.predictions.window(*EVER)),
        log.predictions.newest(),
        rows(log.minutes.between(*EVER)),
    ) == ([], None, [])


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


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    log = PredictionLog("loans", contract({}), f"sqlite:///{tmp_path / 'log.db'}")
    log.predictions.append([answered(0)])
    for file in tmp_path.iterdir():
        file.unlink()
    log.predictions.append([answered(1)])
    assert list(log.predictions.window(*EVER)["key"]) == ["L1"]
    log.close()


# Outcomes


def test_an_outcome_counts_whether_it_came_before_or_after_the_prediction(
    log: PredictionLog,
) -> None:
    assert log.outcomes.add({"L0": True}) == {"added": 1, "corrected": 0, "unchanged": 0}
    log.predictions.append([answered(0), answered(1), answered(2)])
    assert log.outcomes.add({"L1": False}) == {"added": 1, "corrected": 0, "unchanged": 0}
    assert outcomes(log) == {"L0": 1.0, "L1": 0.0, "L2": None}


@pytest.mark.parametrize("kind", [bool, np.bool_])
def test_a_label_that_stands_adds_nothing_and_another_one_wins(
    log: PredictionLog, address: str, kind: Any
) -> None:
    log.predictions.append([answered(n) for n in range(3)])
    log.outcomes.add({"L0": kind(True), "L1": kind(False)})
    told = {"L0": kind(True), "L1": kind(True), "L2": kind(False)}
    assert log.outcomes.add(told) == {"added": 1, "corrected": 1, "unchanged": 1}
    assert log.outcomes.add(told) == {"added": 0, "corrected": 0, "unchanged": 3}
    assert outcomes(log) == {"L0": 1.0, "L1": 1.0, "L2": 0.0}
    query = "SELECT key, CAST(value AS INTEGER) FROM loans_outcomes ORDER BY id"
    assert asked(address, query) == [("L0", 1), ("L1", 0), ("L1", 1), ("L2", 0)]
    assert len(log.predictions.window(*EVER)) == 3


def test_keys_may_be_any_text(log: PredictionLog) -> None:
    keys = ["it's", 'a "b"', "100%", "%s", ":key", "żółć 🦆", "a\\b", "", " ", "1; DROP TABLE x"]
    log.predictions.append([answered(n, key=key) for n, key in enumerate(keys)])
    told = {key: n % 2 == 0 for n, key in enumerate(keys)}
    assert log.outcomes.add(told)["added"] == len(keys)
    assert outcomes(log) == told
    assert log.outcomes.add(told)["unchanged"] == len(keys)


def test_keys_may_be_whole_numbers(make_log: MakeLog) -> None:
    log = make_log(key="integer")
    keys = [-(2**63), -1, 0, 1, 2**63 - 1]
    log.predictions.append([answered(n, key=key) for n, key in enumerate(keys)])
    told = dict.fromkeys(keys, True)
    assert log.outcomes.add(told) == {"added": 5, "corrected": 0, "unchanged": 0}
    assert log.outcomes.add(told) == {"added": 0, "corrected": 0, "unchanged": 5}
    assert outcomes(log) == told
    assert log.predictions.window(*EVER)["key"].dtype == "int64"


def test_many_outcomes_at_once_are_compared_with_every_one_that_stands(
    log: PredictionLog, address: str
) -> None:
    first = {f"L{n}": n % 2 == 0 for n in range(1_200)}
    assert log.outcomes.add(first) == {"added": 1_200, "corrected": 0, "unchanged": 0}
    second = {f"L{n}": n % 3 == 0 for n in range(1_300)}
    corrected = sum(first[key] != second[key] for key in first)
    assert log.outcomes.add(second) == {
        "added": 100,
        "corrected": corrected,
        "unchanged": 1_200 - corrected,
    }
    assert asked(address, "SELECT count(*) FROM loans_outcomes") == [(1_300 + corrected,)]


EXAMPLES = count()
POSTS = st.lists(st.dictionaries(st.sampled_from("abcde"), st.booleans()), max_size=6)


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(posts=POSTS)
def test_whatever_is_posted_the_last_label_of_a_key_wins_and_the_counts_add_up(
    log: PredictionLog, address: str, posts: list[dict[str, bool]]
) -> None:
    mark, standing, stored = f"{next(EXAMPLES)}/", {}, 0
    for post in posts:
        changed = {k for k in post if k in standing and standing[k] != post[k]}
        new = post.keys() - standing.keys()
        assert log.outcomes.add({mark + k: label for k, label in post.items()}) == {
            "added": len(new),
            "corrected": len(changed),
            "unchanged": len(post) - len(new) - len(changed),
        }
        standing |= post
        stored += len(new) + len(changed)
    start = NOON + int(mark[:-1]) * HOUR
    log.predictions.append(
        [answered(0, prediction_id=mark + k, key=mark + k, time=start) for k in "abcde"]
    )
    read = rows(log.predictions.window(start, start + HOUR))
    assert {row["key"]: row["outcome"] for row in read} == {
        mark + k: standing.get(k) for k in "abcde"
    }
    held = asked(address, "SELECT key FROM loans_outcomes")
    assert sum(key.startswith(mark) for (key,) in held) == stored


# Service minutes


LATER = (*log_tables.KINDS, "queue_rows", "spool_rows", "p90_ms", "p999_ms", "max_ms")


def minute(number: int, server: str = "s1", **values: Any) -> dict[str, Any]:
    counts = {"requests": 3, "rows": 2**40, "rejected": 1, "errors": 0}
    times = {"p50_ms": 1.25, "p99_ms": 9.5}
    when = {"minute": NOON + timedelta(minutes=number), "server": server}
    return when | counts | times | dict.fromkeys(LATER) | values


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
        *["float64"] * (2 + len(LATER)),
    ]


def test_a_log_from_before_more_was_counted_is_read_and_gets_the_columns_when_it_is_written(
    log: PredictionLog, make_log: MakeLog, address: str
) -> None:
    log.minutes.add([minute(0)])
    with sql(address) as connection:
        for name in LATER:
            connection.exec_driver_sql(f"ALTER TABLE loans_service_minutes DROP COLUMN {name}")
        connection.exec_driver_sql("ALTER TABLE loans_outcomes DROP COLUMN logged_at")
    assert rows(log.minutes.between(*EVER)) == [minute(0)]
    newer = make_log({"age": "integer"})
    counted = minute(1, bad_row=2, refused=0, p999_ms=12.5)
    newer.minutes.add([counted])
    assert rows(newer.minutes.between(*EVER)) == [minute(0), counted]
    assert newer.outcomes.add({"A1": True})["added"] == 1


# Reading makes nothing


def test_a_log_that_is_not_there_reads_as_empty_and_is_not_made(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    window, minutes = log.predictions.window(*EVER), log.minutes.between(*EVER)
    assert (len(window), len(minutes), log.predictions.newest()) == (0, 0, None)
    assert {name: str(t) for name, t in window.dtypes.items()} == {
        "prediction_id": "object",
        "key": "object",
        "time": "datetime64[ns, UTC]",
        "logged_at": "datetime64[ns, UTC]",
        "bundle": "object",
        "role": "object",
        "prediction": "object",
        "probability": "float64",
        "latency_ms": "float64",
        "income": "float64",
        "age": "float64",
        "region": "object",
        "employed": "object",
        "outcome": "float64",
    }
    assert {name: str(t) for name, t in minutes.dtypes.items()} == {
        "minute": "datetime64[ns, UTC]",
        "server": "object",
        **dict.fromkeys(["requests", "rows", "rejected", "errors"], "object"),
        **dict.fromkeys(["p50_ms", "p99_ms", *LATER], "float64"),
    }
    if address.startswith("sqlite"):
        assert list(tmp_path.iterdir()) == []
    else:
        with sql(address) as connection:
            assert sa.inspect(connection).get_table_names() == []


def test_reading_adds_no_column(make_log: MakeLog, address: str) -> None:
    make_log({"age": "integer"}).prepare()
    make_log({"income": "number"}).predictions.window(*EVER)
    with sql(address) as connection:
        columns = sa.inspect(connection).get_columns("loans_predictions")
    assert [column["name"] for column in columns] == [*OWN, "age"]


# Bundles with other features


def test_a_bundle_with_another_feature_adds_its_column_and_old_rows_lack_it(
    make_log: MakeLog,
) -> None:
    make_log({"age": "integer"}).predictions.append([answered(0, age=41)])
    types = {"age": "integer", "ok": "boolean", "opened": "time", "region": "category"}
    newer = make_log(types)
    values = {"age": 42, "ok": False, "opened": NOON, "region": "north"}
    newer.predictions.append([answered(1, **values)])
    assert rows(newer.predictions.window(*EVER)) == [
        answered(0, age=41.0, ok=None, opened=None, region=None, outcome=None),
        answered(1, **values, outcome=None),
    ]


def test_a_bundle_with_fewer_features_still_reads_and_writes(make_log: MakeLog) -> None:
    older, newer = make_log({"age": "integer", "income": "number"}), make_log({"income": "number"})
    older.predictions.append([answered(0, age=41, income=1.5)])
    newer.predictions.append([answered(1, income=2.5)])
    older.predictions.append([answered(2, age=42, income=3.5)])
    assert rows(newer.predictions.window(*EVER)) == [
        answered(0, income=1.5, outcome=None),
        answered(1, income=2.5, outcome=None),
        answered(2, income=3.5, outcome=None),
    ]
    assert rows(older.predictions.window(*EVER)[["age"]]) == [
        {"age": 41.0},
        {"age": None},
        {"age": 42.0},
    ]


def test_a_bundle_whose_features_were_never_logged_reads_them_as_missing(
    make_log: MakeLog,
) -> None:
    make_log({"age": "integer"}).predictions.append([answered(0, age=41)])
    features = {"a": "number", "b": "boolean", "c": "time", "d": "category", "100% :e": "text"}
    read = make_log(features).predictions.window(*EVER)
    assert rows(read) == [answered(0, **dict.fromkeys(features), outcome=None)]
    assert [str(t) for t in read[list(features)].dtypes] == [
        "float64",
        "object",
        "datetime64[ns, UTC]",
        "object",
        "object",
    ]


def test_types_that_are_stored_alike_may_follow_one_another(make_log: MakeLog) -> None:
    make_log({"a": "integer", "b": "category"}).predictions.append([answered(0, a=3, b="x")])
    other = make_log({"a": "number", "b": "text"})
    other.predictions.append([answered(1, a=0.5, b="y")])
    assert rows(other.predictions.window(*EVER)[["a", "b"]]) == [
        {"a": 3.0, "b": "x"},
        {"a": 0.5, "b": "y"},
    ]


KINDS = {"number": "DOUBLE", "boolean": "BOOLEAN", "text": "TEXT", "time": "(DATETIME|TIMESTAMP)"}


def test_a_column_of_another_type_is_refused_by_name_and_nothing_is_changed(
    make_log: MakeLog, address: str
) -> None:
    for there, wanted in permutations(KINDS, 2):
        problem = f"{there}_{wanted}"
        make_log({"age": there}, problem).prepare()
        log = make_log({"new": "number", "age": wanted}, problem)
        with pytest.raises(Refusal, match=rf"column age .* holds {KINDS[there]}") as caught:
            log.predictions.append([answered(0)])
        assert "\n" not in str(caught.value)
        with sql(address) as connection:
            columns = sa.inspect(connection).get_columns(f"{problem}_predictions")
        assert [column["name"] for column in columns] == [*OWN, "age"]
        log.close()


def test_a_key_of_another_type_is_refused_by_name(make_log: MakeLog) -> None:
    make_log(key="text").prepare()
    with pytest.raises(Refusal, match="column key of loans_predictions holds TEXT"):
        make_log(key="integer").prepare()


# Names

ODD = ["a b", "a_b", "a.b", "a%b", "100%", "%s", "%(a)s", "a:b", ":now", "p(x)", "x[1]", "it's"]
ODD += ['q"q', "Capital", "select", "żółć", "a\\b", "-", "1"]


@pytest.mark.parametrize("problem", ["order", "user"])
@pytest.mark.parametrize("at_first", [ODD, ["z"]], ids=["made", "added"])
def test_names_may_be_keywords_and_hold_spaces_quotes_capitals_and_percent_signs(
    make_log: MakeLog, problem: str, at_first: list[str]
) -> None:
    make_log(dict.fromkeys(at_first, "number"), problem).prepare()
    values = {name: float(number) for number, name in enumerate(ODD)}
    for number in range(2):
        log = make_log(dict.fromkeys(ODD, "number"), problem)
        log.predictions.append([answered(number, **values)])
    log.outcomes.add({"L0": True})
    assert rows(log.predictions.window(*EVER)) == [
        answered(0, **values, outcome=1.0),
        answered(1, **values, outcome=None),
    ]


def test_problems_share_a_database_and_nothing_else(make_log: MakeLog) -> None:
    one, other = make_log(problem="one"), make_log(problem="other")
    one.predictions.append([answered(0)])
    one.outcomes.add({"L0": True})
    other.predictions.append([answered(0), answered(1)])
    assert (outcomes(one), outcomes(other)) == ({"L0": 1.0}, {"L0": None, "L1": None})


def test_the_longest_problem_name_fits(make_log: MakeLog) -> None:
    for _ in range(2):
        make_log(problem="p" * 30).prepare()
    log = make_log(problem="p" * 30)
    log.predictions.append([answered(0)])
    assert outcomes(log) == {"L0": None}


@pytest.mark.parametrize("there", [["age"], []])
def test_names_that_differ_in_capitals_only_are_two_or_are_refused(
    make_log: MakeLog, address: str, there: list[str]
) -> None:
    make_log(dict.fromkeys(["x", *there], "number")).prepare()
    log = make_log({"age": "number", "Age": "number", "Role": "text"})
    if address.startswith("sqlite"):
        with pytest.raises(Refusal, match="'age' and 'Age' would be the same to SQLite"):
            log.prepare()
    else:
        values = {"age": 1.0, "Age": 2.0, "Role": "guest"}
        log.predictions.append([answered(0, **values)])
        assert rows(log.predictions.window(*EVER)) == [answered(0, **values, outcome=None)]


def test_a_feature_named_like_the_logs_own_column_in_capitals_is_refused_by_sqlite(
    tmp_path: Path,
) -> None:
    log = PredictionLog("loans", contract({"Role": "text"}), f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="'role' and 'Role'"):
        log.prepare()
    assert rows(log.predictions.window(*EVER)) == []


def test_a_name_that_the_database_would_cut_is_refused(make_log: MakeLog, address: str) -> None:
    fits, too_long = "ż" * 31 + "x", "ż" * 32
    make_log({fits: "number"}).predictions.append([answered(0, **{fits: 1.5})])
    assert list(make_log({fits: "number"}).predictions.window(*EVER)[fits]) == [1.5]
    make_log({fits: "number"}).prepare()
    longer = make_log({too_long: "number"})
    if address.startswith("sqlite"):
        longer.prepare()
    else:
        with pytest.raises(Refusal, match=f"'{too_long}' is longer .* 63 bytes"):
            longer.prepare()


# Addresses


def test_without_an_address_the_log_is_a_file_under_this_folder_or_what_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(database.VARIABLE, raising=False)
    PredictionLog("loans", contract(LOAN)).predictions.append([answered(0)])
    assert (tmp_path / ".millrace" / "loans.db").is_file()
    monkeypatch.setenv(database.VARIABLE, f"sqlite:///{tmp_path / 'other.db'}")
    PredictionLog("loans", contract(LOAN)).predictions.append([answered(0)])
    assert (tmp_path / "other.db").is_file()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("log.db", "no database's address"),
        ("postgresql+psycopg", "no database's address"),
        ("postgresql+psycopg://ada:secret@host:port/logs", "no database's address"),
        ("postgresql+nosuch://ada:secret@host/logs", "no database's address"),
        ("mysql://ada:secret@host/logs", "mysql is not supported; give a sqlite or postgresql"),
        ("postgresql+pg8000://ada:secret@host/logs", "no driver for postgresql.pg8000"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:log.db?mode=memory&uri=true", "names no file"),
    ],
)
def test_an_address_of_no_database_is_refused_in_one_line_that_keeps_the_password(
    given: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said) as caught:
        PredictionLog("loans", contract(LOAN), given)
    assert "MILLRACE_LOG" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_log_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    log = PredictionLog("loans", contract(LOAN), f"sqlite:///{tmp_path / 'taken' / 'x' / 'log.db'}")
    with pytest.raises(LogUnavailable, match=r"log\.db: .*Not a directory") as caught:
        log.predictions.append([answered(0)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("work", ["append", "window"])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, work: str) -> None:
    file = tmp_path / "log.db"
    file.write_text("notes of mine\n" * 100)
    log = PredictionLog("loans", contract(LOAN), f"sqlite:///{file}")
    with pytest.raises(LogUnavailable, match="not a database"):
        log.predictions.append([answered(0)]) if work == "append" else log.predictions.window(*EVER)
    assert file.read_text() == "notes of mine\n" * 100


@pytest.mark.parametrize("place", ["ada:secret@{}/logs", "ada@{}/logs?password=secret"])
@pytest.mark.parametrize(
    "work",
    [
        lambda log: log.prepare(),
        lambda log: log.predictions.append([answered(0)]),
        lambda log: log.outcomes.add({"L0": True}),
        lambda log: log.predictions.window(*EVER),
        lambda log: log.predictions.newest(),
        lambda log: log.minutes.between(*EVER),
    ],
    ids=["prepare", "append", "add_outcomes", "window", "newest", "minutes"],
)
def test_a_postgresql_that_is_away_is_told_in_one_line_that_keeps_the_password(
    place: str, work: Callable[[PredictionLog], Any]
) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        address = f"postgresql+psycopg://{place.format(where)}"
        log = PredictionLog("loans", contract(LOAN), address)
        with pytest.raises(LogUnavailable, match="refused") as caught:
            work(log)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value) + log.address


def test_a_postgresql_without_that_database_is_a_log_that_is_away(postgres: Postgres) -> None:
    address = f"{postgres.address}_of_another_name"
    with pytest.raises(LogUnavailable, match="does not exist") as caught:
        PredictionLog("loans", contract(LOAN), address).prepare()
    assert "\n" not in str(caught.value)


def test_a_postgresql_that_comes_back_has_every_row_and_takes_more(postgres: Postgres) -> None:
    log = PredictionLog("loans", contract(LOAN), postgres.new_address())
    log.predictions.append([answered(0)])
    postgres.crash()
    try:
        with pytest.raises(LogUnavailable):
            log.predictions.append([answered(1)])
    finally:
        postgres.start()
    log.predictions.append([answered(2)])
    postgres.crash()  # and back before anybody asks
    postgres.start()
    log.predictions.append([answered(3)])
    assert list(log.predictions.window(*EVER)["key"]) == ["L0", "L2", "L3"]
    log.close()


# SQLite's own settings


def test_sqlite_writes_ahead_and_waits_for_the_disk(tmp_path: Path) -> None:
    log = PredictionLog("loans", contract(LOAN), f"sqlite:///{tmp_path / 'log.db'}")
    log.predictions.append([answered(0)])
    with log.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    with closing(sqlite3.connect(tmp_path / "log.db")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


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


# Processes

WORKER = """
import json, sys, time
from datetime import datetime, timedelta
from shared.schema.contract import Contract
from shared.log.prediction_log import PredictionLog

contract = Contract.model_validate_json(sys.argv[1])
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    while time.time() < task["at"]:
        pass
    log = PredictionLog(task["problem"], contract, task["address"])
    log.prepare()
    for row in task["rows"]:
        times = {name: datetime.fromisoformat(row[name]) for name in ("time", "logged_at")}
        log.predictions.append([row | times])
    counts = [log.outcomes.add(told) for told in task["outcomes"]]
    print(json.dumps(counts), flush=True)
    if not task["stay"]:
        log.close()
"""


class Worker:
    """A process of its own that writes to a log what it is told to, task by task."""

    def __init__(self, features: dict[str, str] = LOAN) -> None:
        words = [sys.executable, "-c", WORKER, contract(features).model_dump_json()]
        self.process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, address: str, *, problem: str = "loans", **task: Any) -> None:
        """Give it a task: rows to append one by one, posts of outcomes, when, whether to stay."""
        task = {"rows": [], "outcomes": [], "stay": False, "at": 0} | task
        task |= {"address": address, "problem": problem}
        self.process.stdin.write(json.dumps(task, default=str) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        line = self.process.stdout.readline()
        assert line, "the process ended: its traceback is above"
        return json.loads(line)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def workers() -> Iterator[list[Worker]]:
    """Return two processes that are ready, whose bundles have one feature each of their own."""
    both = [Worker(LOAN | {"a": "number"}), Worker(LOAN | {"b": "number"})]
    assert [worker.answer() for worker in both] == ["ready", "ready"]
    yield both
    for worker in both:
        worker.end()


def test_two_processes_at_once_make_the_log(workers: list[Worker], address: str) -> None:
    # On SQLite a new file each time, on PostgreSQL new tables.
    for turn in range(30):
        place = address.replace("log.db", f"{turn}.db")
        at = time.time() + 0.01
        for worker in workers:
            worker.tell(place, problem=f"p{turn}", at=at)
        assert [worker.answer() for worker in workers] == [[], []]
        with sql(place) as connection:
            columns = sa.inspect(connection).get_columns(f"p{turn}_predictions")
        assert sorted(column["name"] for column in columns) == sorted([*OWN, *LOAN, "a", "b"])


def test_two_processes_at_once_add_every_row_once(
    workers: list[Worker], make_log: MakeLog, address: str
) -> None:
    given = [[answered(2 * n + own, **{"ab"[own]: 1.5}) for n in range(15)] for own in (0, 1)]
    told = [{f"L{n}": (n + post) % 2 == 0 for n in range(40)} for post in range(3)]
    for worker, share in zip(workers, given, strict=True):
        worker.tell(address, rows=share, outcomes=told)
    counts = [post for worker in workers for post in worker.answer()]
    read = make_log({"a": "number", "b": "number"}).predictions.window(*EVER)
    assert rows(read[["key", "a", "b", "outcome"]]) == [
        {"key": f"L{n}", "a": [1.5, None][n % 2], "b": [None, 1.5][n % 2], "outcome": n % 2 == 0}
        for n in range(30)
    ]
    stored = asked(address, "SELECT key, value FROM loans_outcomes ORDER BY key, id")
    labels = [[label for key, label in stored if key == f"L{n}"] for n in range(40)]
    assert all(one != other for of_key in labels for one, other in pairwise(of_key))
    assert sum(post["added"] for post in counts) == 40
    assert sum(post["added"] + post["corrected"] for post in counts) == len(stored)
    assert sum(sum(post.values()) for post in counts) == 6 * 40


def test_an_outcome_that_two_processes_add_at_once_is_there_once(
    workers: list[Worker], log: PredictionLog, address: str
) -> None:
    told = {f"L{n}": n % 2 == 0 for n in range(600)}
    for worker in workers:
        worker.tell(address, outcomes=[told])
    counts = [post for worker in workers for post in worker.answer()]
    assert sorted(post["added"] for post in counts) == [0, 600]
    assert sorted(post["unchanged"] for post in counts) == [0, 600]
    stored = asked(address, "SELECT key, CAST(value AS INTEGER) FROM loans_outcomes")
    assert sorted(stored) == sorted((key, int(label)) for key, label in told.items())


def test_a_row_is_there_though_its_process_was_killed_once_it_was_appended(
    log: PredictionLog, address: str
) -> None:
    worker = Worker()
    try:
        assert worker.answer() == "ready"
        worker.tell(address, rows=[answered(0, age=41)], outcomes=[{"L0": True}], stay=True)
        assert worker.answer() == [{"added": 1, "corrected": 0, "unchanged": 0}]
        os.kill(worker.process.pid, signal.SIGKILL)
        assert worker.process.wait() == -signal.SIGKILL
    finally:
        worker.end()
    values = {"income": None, "age": 41.0, "region": None, "employed": None}
    assert rows(log.predictions.window(*EVER)) == [answered(0, **values, outcome=1.0)]
