"""Months of a table sent to a server over HTTP, week by week, with the outcomes arriving later."""

import time
from dataclasses import dataclass
from typing import Any

import click
import httpx
import pandas as pd

from shared.data.contract import Contract
from shared.errors import Refusal
from shared.packaging import requests

WEEK = pd.Timedelta(days=7)
ROWS_AT_ONCE = 1_000
FAHRENHEIT = ["temp", "dewp"]


@dataclass(frozen=True)
class Replayed:
    """What a server was sent: rows that it answered, outcomes that it took, the seconds taken."""

    answered: int
    outcomes: int
    seconds: float


def send(
    table: pd.DataFrame, contract: Contract, url: str, broken: pd.Timestamp, delay: pd.Timedelta
) -> Replayed:
    """Send every row of a table in order; in the week from `broken` on, the weather in Celsius.

    At the end of each week the outcomes are sent that are due, `delay` after their row's time.
    """
    moments, known = table[contract.time], table[contract.target].notna()
    answered = told = 0
    started = time.monotonic()
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        sent_until = moments.min() - delay
        for week in pd.date_range(_monday(moments.min()), moments.max(), freq=WEEK):
            rows = table[(moments >= week) & (moments < week + WEEK)]
            mark = "   the feed sends Celsius" if week == broken else ""
            sent = _in_celsius(rows) if week == broken else rows
            answered += _post(client, "/predict", requests.rows(sent, contract))
            due_until = week + WEEK - delay
            due = table[known & (moments >= sent_until) & (moments < due_until)]
            outcomes = due[[contract.key, contract.target]].astype({contract.target: bool})
            told += _post(client, "/outcomes", outcomes.to_dict("records"))
            sent_until = due_until
            click.echo(
                f"  week of {week:%e %B}: {len(rows):>6,} answered, {len(due):>6,} outcomes{mark}"
            )
    return Replayed(answered, told, time.monotonic() - started)


def _post(client: httpx.Client, route: str, rows: list[Any]) -> int:
    for at in range(0, len(rows), ROWS_AT_ONCE):
        answer = client.post(route, json=rows[at : at + ROWS_AT_ONCE])
        if answer.status_code != 200:
            raise Refusal(f"{route} answered {answer.status_code}: {answer.text[:300]}")
    return len(rows)


def _in_celsius(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: (rows[name] - 32) / 1.8 for name in FAHRENHEIT})


def _monday(moment: pd.Timestamp) -> pd.Timestamp:
    return moment.normalize() - pd.Timedelta(days=moment.weekday())
