"""Who answers now, by the log's newest rows, of SQLite and PostgreSQL."""

from datetime import timedelta

from shared.log.prediction_log import PredictionLog
from shared.log.service_state import Served, served
from tests.log.loans import LATE, late


def test_a_bundle_is_served_since_the_first_of_the_newest_answers_without_a_break(
    named_log: PredictionLog,
) -> None:
    assert served("loans", "b1") is None
    given = ["b2", "b1", "b2", "b2"]
    rows = [late(number) | {"bundle": bundle} for number, bundle in enumerate(given)]
    named_log.predictions.append([*rows, late(4, "challenger")])
    newest = LATE + timedelta(minutes=3)
    assert served("loans", "b2") == Served("b2", newest, 2, newest - timedelta(minutes=1))
    assert served("loans", "b1") == Served("b2", newest, 0, None)


def test_where_there_is_no_log_nobody_answers(named_log: PredictionLog) -> None:
    assert served("flights", "b1") is None
