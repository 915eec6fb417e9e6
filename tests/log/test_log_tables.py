"""Tables grow with the contracts, and take any name, on SQLite and PostgreSQL."""

from itertools import permutations

import pandas as pd
import pytest
import sqlalchemy as sa

from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, LATER, NOON, OWN, MakeLog, answered, minute, rows, sql

OF_LOANS = "loans_predictions"
KINDS = {"number": "DOUBLE", "boolean": "BOOLEAN", "text": "TEXT", "time": "(DATETIME|TIMESTAMP)"}


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
    faults = '[["age", "outside 18 to 120", 2, "17"]]'
    counted = minute(1, bad_row=2, refused=0, p999_ms=12.5, refused_rows=2, row_faults=faults)
    newer.minutes.add([counted])
    assert rows(newer.minutes.between(*EVER)) == [minute(0), counted]
    assert newer.outcomes.add({"A1": True})["added"] == 1


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


def test_whole_numbers_keep_their_digits_beside_gaps(make_log: MakeLog) -> None:
    values = [2**53 + 1, None, -(2**63), 2**63 - 1, 3]
    log = make_log({"a": "integer"})
    log.predictions.append([answered(at, a=value) for at, value in enumerate(values)])
    logged = log.predictions.window(*EVER)["a"]
    assert logged.dtype == "Int64"
    assert [None if pd.isna(value) else int(value) for value in logged] == values


def test_a_column_of_whole_numbers_takes_fractions_once_a_bundle_has_them(
    make_log: MakeLog, address: str
) -> None:
    whole = make_log({"a": "integer", "b": "category"})
    whole.predictions.append([answered(0, a=3, b="x")])
    other = make_log({"a": "number", "b": "text"})
    other.predictions.append([answered(1, a=0.5, b="y")])
    logged = [{"a": 3.0, "b": "x"}, {"a": 0.5, "b": "y"}]
    assert rows(other.predictions.window(*EVER)[["a", "b"]]) == logged
    with sql(address) as connection:
        columns = sa.inspect(connection).get_columns("loans_predictions")
        assert connection.scalar(sa.text("SELECT sum(a) FROM loans_predictions")) == 3.5
    kinds = {column["name"]: str(column["type"]) for column in columns}
    assert set(kinds) == {*OWN, "a", "b"}
    assert kinds["a"].startswith("DOUBLE")
    # The older bundle comes back.
    again = make_log({"a": "integer", "b": "category"})
    again.predictions.append([answered(2, a=4, b="z")])
    assert rows(again.predictions.window(*EVER)[["a", "b"]]) == [*logged, {"a": 4.0, "b": "z"}]


def retyped(make_log: MakeLog, there: str, value: float, wanted: str) -> PredictionLog:
    """Return a log whose column has been of another type, with a value of it."""
    make_log({"a": there}).predictions.append([answered(0, a=value)])
    log = make_log({"a": wanted})
    log.prepare()
    return log


def test_an_older_logs_floats_become_whole_numbers_that_keep_their_digits(
    make_log: MakeLog, address: str
) -> None:
    log = retyped(make_log, "number", 41.0, "integer")
    log.predictions.append([answered(1, a=2**53 + 1)])
    assert [int(value) for value in log.predictions.window(*EVER)["a"]] == [41, 2**53 + 1]
    with sql(address) as connection:
        kinds = {c["name"]: c["type"] for c in sa.inspect(connection).get_columns(OF_LOANS)}
    assert isinstance(kinds["a"], sa.Integer)


@pytest.mark.parametrize(
    ("there", "value", "wanted"),
    [("integer", 2**53, "number"), ("integer", -(2**63), "number"), ("number", 2e16, "integer")],
)
def test_no_digit_is_lost_by_another_type(
    make_log: MakeLog, there: str, value: float, wanted: str
) -> None:
    with pytest.raises(Refusal, match=r"column a .*, and 1 row of it has a whole number"):
        retyped(make_log, there, value, wanted)
    logged = make_log({"a": there}).predictions.window(*EVER)["a"]
    assert logged.tolist() == [value]


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
