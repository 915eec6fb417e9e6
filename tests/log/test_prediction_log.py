"""Several processes share a log, and what one wrote outlives it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from shared.log.prediction_log import PredictionLog
from tests.conftest import ROOT
from tests.log.loans import (
    EVER,
    LOAN,
    OWN,
    MakeLog,
    answered,
    asked,
    contract,
    rows,
    sql,
)

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
    assert sum(post["added"] for post in counts) == 600
    assert sum(post["unchanged"] for post in counts) == 600
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
