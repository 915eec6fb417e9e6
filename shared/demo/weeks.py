"""Months of a table sent to a server over HTTP, week by week, with the outcomes arriving later."""

import time
from dataclasses import dataclass

import click
import httpx
import pandas as pd

from shared.errors import Refusal
from shared.schema.contract import Contract
from shared.serving.replay import ServerClient

WEEK = pd.Timedelta(days=7)
ROWS_PER_REQUEST = 1_000
FAHRENHEIT = ["temp", "dewp"]
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Replayed:
    """What a server was sent: rows that it answered, outcomes that it took, the seconds taken."""

    answered: int
    outcomes: int
    seconds: float

    def __add__(self, other: "Replayed") -> "Replayed":
        return Replayed(
            self.answered + other.answered,
            self.outcomes + other.outcomes,
            self.seconds + other.seconds,
        )


def send(
    table: pd.DataFrame,
    contract: Contract,
    url: str,
    delay: pd.Timedelta,
    broken: pd.Timestamp | None = None,
) -> Replayed:
    """Send every row of a table in order; in the week from `broken` on, the weather in Celsius.

    At the end of each week the outcomes are sent that are due, `delay` after their row's time.
    """
    moments = table[contract.time]
    answered = outcomes = 0
    started = time.monotonic()
    server = ServerClient(url)
    sent_until = moments.min() - delay
    for week in pd.date_range(_monday(moments.min()), moments.max(), freq=WEEK):
        rows = table[(moments >= week) & (moments < week + WEEK)]
        celsius = week == broken
        mark = "   the feed sends Celsius" if celsius else ""
        sent = _in_celsius(rows) if celsius else rows
        for at in range(0, len(sent), ROWS_PER_REQUEST):
            answered += len(server.predict(sent.iloc[at : at + ROWS_PER_REQUEST], contract))
        due_until = week + WEEK - delay
        due = table[(moments >= sent_until) & (moments < due_until)]
        known = server.send_outcomes(due, contract, ROWS_PER_REQUEST)
        outcomes += known
        sent_until = due_until
        click.echo(f"  week of {week:%e %B}: {len(rows):>6,} answered, {known:>6,} outcomes{mark}")
    server.close()
    return Replayed(answered, outcomes, time.monotonic() - started)


def wait_for_challenger(url: str, digest: str) -> None:
    """Wait until a server scores with a challenger; raises `Refusal` if that takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not any(
        digest in line and 'role="challenger"' in line and line.endswith(" 1.0")
        for line in httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    ):
        if time.monotonic() > until:
            raise Refusal(f"the server does not score with {digest[:12]}: see serve's words above")
        time.sleep(0.5)


def _in_celsius(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: (rows[name] - 32) / 1.8 for name in FAHRENHEIT})


def _monday(moment: pd.Timestamp) -> pd.Timestamp:
    return moment.normalize() - pd.Timedelta(days=moment.weekday())
