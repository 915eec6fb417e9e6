"""Answered loans for a log, and what a database then holds of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa

from shared import log_columns
from shared.log.prediction_log import PredictionLog
from shared.schema.contract import Contract, ContractColumn

# An hour and a half before New York, where the test's PostgreSQL stands, goes to summer time.
NOON = datetime(2024, 3, 10, 5, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVER = (NOON - timedelta(days=365), NOON + timedelta(days=365))
# The last hour of a day and the first of the next, in UTC.
LATE = datetime(2024, 3, 9, 23, tzinfo=UTC)
LOAN = {"income": "number", "age": "integer", "region": "category", "employed": "boolean"}
OWN = ("prediction_id", "key", "time", "logged_at", "bundle", "role", "prediction", "probability")
OWN += ("latency_ms",)
LATER = (*log_columns.ERROR_KINDS, "queue_rows", "spool_rows", "p90_ms", "p999_ms", "max_ms")
LATER += ("refused_rows", "row_faults", "refused_outcomes", "outcome_faults")
MakeLog = Callable[..., PredictionLog]


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


def late(number: int, role: str = "champion") -> dict[str, Any]:
    """Return an answered row, `number` minutes after the last hour of a day began."""
    moment = LATE + timedelta(minutes=number)
    income = 2.5 if number % 2 else None
    return answered(number, role=role, time=moment, logged_at=moment, income=income, region="süd")


def minute(number: int, server: str = "s1", **values: Any) -> dict[str, Any]:
    counts = {"requests": 3, "rows": 2**40, "rejected": 1, "errors": 0}
    times = {"p50_ms": 1.25, "p99_ms": 9.5}
    when = {"minute": NOON + timedelta(minutes=number), "server": server}
    return when | counts | times | dict.fromkeys(LATER) | values


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
