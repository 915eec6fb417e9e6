"""Rows of a table sent to a running server over HTTP as traffic, with their outcomes."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.pool import ThreadPool
from typing import Any

import httpx
import pandas as pd

from shared.errors import Refusal
from shared.frames import with_values
from shared.log.prediction_log import PredictionLog
from shared.schema.client_rows import client_rows, json_rows
from shared.schema.contract import Contract
from shared.schema.reading import read_series
from shared.schema.validation import enforced_faults
from shared.schema.violations import examples_of
from shared.serving.request_rows.rows import asked_columns
from shared.tables.sources import maker_words, refuse_lacking
from shared.words import number_of

KEY_VARIABLE = "MILLRACE_API_KEY"
# How long a server that is busy or away is asked again.
PATIENCE_SECONDS = 120.0
AGAIN_SECONDS = 1.0
# How long rows may wait in the server's spool before they are counted.
SPOOLED_SECONDS = 60.0


class RefusedRows(Refusal):
    """The server's refusal of rows that were sent together, with the errors in each."""

    def __init__(self, words: str, errors: list[dict[str, Any]]) -> None:
        super().__init__(words)
        self.errors = errors


class ServerClient:
    """A running server, asked until it answers; raises `Refusal` when it does not, or refuses."""

    def __init__(self, url: str) -> None:
        key = os.environ.get(KEY_VARIABLE)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def predict(self, rows: pd.DataFrame, contract: Contract) -> list[str]:
        """Have rows answered; returns their prediction ids."""
        answers = self.post("/predict", client_rows(rows, contract))
        return [answer["prediction_id"] for answer in answers]

    def send_outcomes(self, table: pd.DataFrame, contract: Contract, at_once: int) -> int:
        """Send the true labels that a table has, in parts; returns how many were taken."""
        names, known = (contract.key, contract.target), table[table[contract.target].notna()]
        parts = (known.iloc[at : at + at_once] for at in range(0, len(known), at_once))
        answers = (self.post("/outcomes", json_rows(part, names)) for part in parts)
        return sum(int(answer["received"]) for answer in answers)

    def ready(self) -> dict[str, Any]:
        """Return what the server says of itself when it is ready; raises `Refusal` if it is not."""
        try:
            answer = self._client.get("/health/ready")
        except httpx.HTTPError as error:
            raise Refusal(f"no server at {self._client.base_url}: {error}") from None
        if answer.status_code != 200:
            raise Refusal(f"the server is not ready: {answer.text[:300]}")
        return dict(answer.json())

    def close(self) -> None:
        self._client.close()

    def post(self, route: str, body: Any) -> Any:
        """Return what a route answers to a body (JSON); raises `Refusal` where it does not."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            wait, said = AGAIN_SECONDS, ""
            try:
                answer = self._client.post(route, json=body)
                if answer.status_code == 200:
                    return answer.json()
                said = f"{answer.status_code}: {answer.text[:300]}"
                if answer.status_code != 503:
                    raise RefusedRows(f"{route} answered {said}", _errors(answer))
                wait = float(answer.headers.get("retry-after", wait))
            except httpx.TransportError as error:
                said = str(error) or type(error).__name__
            if time.monotonic() > until:
                raise Refusal(f"{route} was not answered for {PATIENCE_SECONDS:g} s: {said}")
            time.sleep(wait)


def _errors(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the errors in rows that a refusal names; none of another refusal."""
    try:
        listed = answer.json()["detail"]
    except (ValueError, LookupError, TypeError):
        return []
    whole = isinstance(listed, list) and all(isinstance(one, dict) for one in listed)
    return [one for one in listed if isinstance(one.get("row"), int)] if whole else []


@dataclass
class ReplayResult:
    """What was sent and what came of it: rows, the answers' ids, the outcomes that were sent."""

    sent: int = 0
    prediction_ids: list[str] = field(default_factory=list)
    outcomes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Pace:
    """How rows are sent: so many at once, by so many clients, so many times as fast as they came.

    Without a speed, as fast as they are answered.
    """

    rows_per_request: int = 100
    clients: int = 8
    speed: float | None = None


def between(
    table: pd.DataFrame,
    contract: Contract,
    start: datetime | None,
    until: datetime | None,
    source: str | None = None,
) -> pd.DataFrame:
    """Return the rows whose time is in [start, until); raises `Refusal` where there are none.

    So it does where a column that rows must have is not there, or a time cannot be read. `source`
    is that of the settings, which is named where it may make what the rows lack.
    """
    moments = _moments(table, contract, source)
    chosen = pd.Series(True, index=table.index)
    if start:
        chosen &= moments >= pd.Timestamp(start, tz="UTC")
    if until:
        chosen &= moments < pd.Timestamp(until, tz="UTC")
    if not len(table):
        raise Refusal("the source has no rows: there is nothing to send")
    if not chosen.any():
        span = f"{moments.min()} to {moments.max()}"
        raise Refusal(f"no row of the source is in that time; it has {span}")
    return with_values(table[chosen], {contract.time: moments[chosen]})


def refuse_sent_before(table: pd.DataFrame, contract: Contract, log: PredictionLog) -> None:
    """Raise `Refusal` where keys that are made of files' names and places are in the log already.

    An outcome of one row would be taken for that of another. One row of each file is looked up.
    """
    if not contract[contract.key].made:
        return
    keys = table[contract.key].astype(str)
    files = keys.str.rpartition(":")[0]
    if found := log.predictions.key_among(keys[~files.duplicated()].tolist()):
        raise Refusal(
            f"the log has a row {found} already: rows are known by their file's name and their "
            f"place in it, so give newer rows in a file of another name, or with keys of their own "
            f"in a column {contract.key}"
        )


def _moments(table: pd.DataFrame, contract: Contract, source: str | None) -> pd.Series:
    asked = asked_columns(contract)
    lacking = [c.name for c in asked if c.name not in table and not c.nullable]
    refuse_lacking(lacking, [*map(str, table.columns)], source)
    time = next(column for column in asked if column.name == contract.time)
    reading = read_series(table[contract.time], time)
    for words, wrong in enforced_faults(reading, time):
        examples = ", ".join(examples_of(table[contract.time], wrong)) if words != "missing" else ""
        rows = f"{wrong.sum():,} of {number_of(len(table), 'row')}"
        made = maker_words(source) if wrong.all() else None
        mend = f". {made}" if made else ""
        seen = f", such as {examples}" if examples else ""
        raise Refusal(f"{contract.time}: {words} in {rows}{seen}{mend}")
    return reading.values.to_pandas().set_axis(table.index)


def reconcile(replayed: ReplayResult, server: ServerClient, log: PredictionLog) -> dict[str, int]:
    """Return what was sent, answered, logged, told and joined, once nothing waits to be logged."""
    until = time.monotonic() + SPOOLED_SECONDS
    while server.ready()["spooled"] and time.monotonic() < until:
        time.sleep(AGAIN_SECONDS)
    logged, joined = log.predictions.count(replayed.prediction_ids)
    return {
        "sent": replayed.sent,
        "answered": len(replayed.prediction_ids),
        "logged": logged,
        "outcomes sent": replayed.outcomes,
        "outcome-joined": joined,
    }


def not_answered(
    table: pd.DataFrame, contract: Contract, log: PredictionLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows whose key the log has not at their time, and those that it has."""
    moments = table[contract.time].dt.floor("us")
    known = log.predictions.answered_rows(
        *(end.to_pydatetime() for end in (moments.min(), moments.max()))
    )
    keys = table[contract.key].astype(str)
    there = [(k, m.to_pydatetime()) in known for k, m in zip(keys, moments, strict=True)]
    held = pd.Series(there, index=table.index, dtype=bool)
    return table[~held], table[held]


def send(
    table: pd.DataFrame,
    contract: Contract,
    server: ServerClient,
    pace: Pace,
    progress: Callable[[int], None],
) -> ReplayResult:
    """Have every row of a table answered, in order of time; then send the labels that are known.

    `progress` is given how many rows were answered just now. Raises `Refusal` that says what was
    answered before, where the server refuses rows: nothing more is sent then.
    """
    server.ready()
    ordered = table.sort_values(contract.time, kind="stable")
    replayed = ReplayResult(sent=len(ordered))
    began, stop = time.monotonic(), threading.Event()
    refused: list[tuple[slice, Refusal]] = []

    def answered(part: slice) -> list[str]:
        try:
            return [] if stop.is_set() else server.predict(ordered.iloc[part], contract)
        except Refusal as refusal:
            refused.append((part, refusal))
            stop.set()
            return []

    with ThreadPool(pace.clients) as pool:
        for ids in pool.imap_unordered(answered, _due(ordered[contract.time], pace, stop)):
            replayed.prediction_ids += ids
            progress(len(ids))
    if refused:
        part, refusal = min(refused, key=lambda one: one[0].start)
        raise Refusal(refused_words(ordered.iloc[part], contract, refusal, replayed))
    if contract.target in ordered:
        try:
            replayed.outcomes = server.send_outcomes(ordered, contract, pace.rows_per_request)
        except Refusal as refusal:
            rows = number_of(replayed.sent, "row")
            raise Refusal(
                f"{refusal}. All {rows} were answered and logged: the same command with "
                "--skip-logged sends the outcomes alone"
            ) from None
    replayed.seconds = time.monotonic() - began
    return replayed


def refused_words(
    part: pd.DataFrame, contract: Contract, refusal: Refusal, replayed: ReplayResult
) -> str:
    """Say which row of its source was refused and why, what was answered, and how to go on."""
    words, mend = str(refusal), "Then"
    errors = refusal.errors if isinstance(refusal, RefusedRows) else []
    if errors:
        first, more = errors[0], len(errors) - 1
        at = part.index[first["row"]]
        words = (
            f"row {int(at) + 1:,} ({contract.key} {part[contract.key].loc[at]}): "
            f"{first['field']}: {first['problem']}, received {first['received']}"
        )
        words += f", and {number_of(more, 'more error')} beside it" if more else ""
        mend = "Mend it, then"
    done = len(replayed.prediction_ids)
    words = f"{words}. {done:,} of {number_of(replayed.sent, 'row')} were answered and logged"
    if not done:
        return words
    return f"{words}. {mend} send the others by the same command with --skip-logged"


def _due(moments: pd.Series, pace: Pace, stop: threading.Event) -> Iterator[slice]:
    """Yield the places of rows that are to be sent together, as they fall due, until the stop."""
    if pace.speed is None or moments.empty:
        yield from _slices(0, len(moments), pace.rows_per_request)
        return
    seconds = (moments - moments.iloc[0]).dt.total_seconds().to_numpy() / pace.speed
    began, at = time.monotonic(), 0
    while at < len(seconds) and not stop.is_set():
        due = int(seconds.searchsorted(time.monotonic() - began, side="right"))
        yield from _slices(at, due, pace.rows_per_request)
        at = due
        if at < len(seconds):
            stop.wait(max(0.0, seconds[at] - (time.monotonic() - began)))


def _slices(start: int, stop: int, size: int) -> Iterator[slice]:
    for at in range(start, stop, size):
        yield slice(at, min(at + size, stop))
