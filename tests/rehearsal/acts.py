"""What is done on the stage: each flow once as pods, and what people do around them."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pandas as pd
from problems.flights import source

from tests.rehearsal.stage import KEY, Stage
from tests.serving.processes import Running, serving

WEEK = ("2013-04-08", "2013-04-15")
HEADERS = {
    "content-type": "application/vnd.apache.parquet",
    "accept": "application/json",
    "authorization": f"Bearer {KEY}",
}


@dataclass(frozen=True)
class Rehearsed:
    """The pathspecs of the runs, and what was seen where they were started.

    `local` is a training run on this machine, `train` the same on the cluster. `digest` is the
    first champion, `second` the one that took over while a server ran: `answers` are the status of
    each of its answers with the bundle that gave it, in order.
    """

    version: str
    ingest: str
    local: str
    train: str
    package: str
    review: str
    monitor: str
    score: str
    digest: str
    served: int
    second: str
    answers: list[tuple[int, str]]


def rehearse(stage: Stage) -> Rehearsed:
    """Go round the loop; what does not wait for one another runs side by side."""
    ingest = stage.submit("IngestFlow")
    version = str(artifact(stage, ingest, "ingested['version']"))
    local, train = at_once(
        lambda: stage.run("train", "run", "--data", version),
        lambda: stage.submit("TrainFlow", data=version),
    )
    package, other = at_once(
        lambda: stage.submit("PackageFlow", train=train),
        lambda: stage.run("package", "--production", "run", "--train", local),
    )
    digest, second = (digest_of(stage, run) for run in (package, other))
    decision = {"bundle": digest, "decision": "approve", "reason": "it passed its rehearsal"}
    review = stage.submit("ReviewFlow", **decision, reviewer="Ada Tester")
    with served_from(stage) as running:
        served = predict(running, celsius(week()))
        monitor, score = at_once(
            lambda: stage.submit("MonitorFlow", until=WEEK[1]), lambda: stage.submit("ScoreFlow")
        )
        answers = answers_while_approved(stage, running, second)
    return Rehearsed(
        *(version, ingest, local, train, package, review, monitor, score),
        *(digest, served, second, answers),
    )


def served_from(stage: Stage) -> AbstractContextManager[Running]:
    """Serve production's champion, in a folder where no bundle lies yet."""
    folder = stage.house.folder / "server"
    folder.mkdir()
    environment = stage.house.environment | {"MILLRACE_LOG": stage.log}
    problem = str(stage.house.settings.parent)
    return serving(folder, "--problem", problem, "--branch", "prod", **environment)


def at_once(*acts: Callable[[], str]) -> list[str]:
    """Do several things side by side."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(act) for act in acts]]


def artifact(stage: Stage, run: str, expression: str) -> Any:
    """Ask the client for an artifact of a run, as JSON can hold it."""
    code = f"import json; from shared.lineage import run_history; run = {run!r}; "
    code += f"print(json.dumps(run_history.run_named(run).data.{expression}, default=str))"
    return json.loads(stage.ask(code))


def digest_of(stage: Stage, run: str) -> str:
    found = f"bundles.packaged('flights', '{run}').bundle.digest"
    return stage.ask(f"from shared.lineage import bundles; print({found})")


def week() -> pd.DataFrame:
    """Return the flights of a week that no model was trained on."""
    table = source.table()
    return table[table["scheduled"].between(*WEEK, inclusive="left")].drop(columns="late")


def celsius(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: (rows[name] - 32) / 1.8 for name in ("temp", "dewp")})


def predict(running: Running, rows: pd.DataFrame) -> int:
    """Have rows answered by a server; returns how many."""
    body = rows.to_parquet(index=False)
    answer = running.client.post("/predict", content=body, headers=HEADERS, timeout=120)
    assert answer.status_code == httpx.codes.OK, answer.text
    return len(rows)


def answers_while_approved(stage: Stage, running: Running, second: str) -> list[tuple[int, str]]:
    """Ask a server on and on while another bundle is approved, until that one has answered."""
    row = week().tail(1).assign(scheduled=pd.Timestamp("2013-04-20", tz="UTC"))
    body, answers = row.to_parquet(index=False), list[tuple[int, str]]()
    words = ["--bundle", second, "--decision", "approve", "--reason", "it is as good"]
    deadline = time.monotonic() + 120
    with ThreadPoolExecutor(1) as pool:
        approved = pool.submit(stage.house.run, "review", "--production", "run", *words)
        while [bundle for _, bundle in answers].count(second) < 10:
            assert time.monotonic() < deadline, f"the server does not follow: {answers[-1:]}"
            told = running.client.post("/predict", content=body, headers=HEADERS)
            good = told.status_code == httpx.codes.OK
            answers.append((told.status_code, told.json()[0]["bundle"] if good else told.text))
            time.sleep(0.05)
        approved.result()
    return answers
