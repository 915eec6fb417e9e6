"""What is answered is kept once and whole, on SQLite and PostgreSQL."""

import pytest
import sqlalchemy as sa

from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, LOAN, answered, rows


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
