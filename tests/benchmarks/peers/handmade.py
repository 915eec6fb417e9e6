"""What an engineer writes by hand in an afternoon: the same model, each answer in SQLite.

Starlette and msgspec, requests that wait answered together, one durable commit for them; scikit-
learn's own call on the input that the pipeline's encoder would make. Nothing is checked.
"""

import asyncio
import os
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from threadpoolctl import ThreadpoolController

from shared.model.bundle import open_bundle

Waiting = tuple[dict[str, Any], asyncio.Future[dict[str, Any]]]

bundle = open_bundle(Path(os.environ["BUNDLE"]))
contract = bundle.contract
columns = bundle.model[0].transformers_
numbers = list(columns[0][2])
codes = {
    name: {value: code for code, value in enumerate(found) if isinstance(value, str)}
    for name, found in zip(columns[1][2], columns[1][1].categories_, strict=True)
}
estimator = bundle.model[-1]
threads, worker = ThreadpoolController(), ThreadPoolExecutor(1)
log = sqlite3.connect(os.environ["LOG"], check_same_thread=False, isolation_level=None)
log.execute("PRAGMA journal_mode=WAL")
log.execute("PRAGMA synchronous=FULL")
logged = ["id", contract.key, contract.time, *contract.features, "probability"]
log.execute(f"CREATE TABLE answers ({', '.join(logged)}, PRIMARY KEY (id))")
insert = f"INSERT INTO answers VALUES ({', '.join('?' * len(logged))})"
encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder()
waiting: list[Waiting] = []
at_work: set[asyncio.Task[None]] = set()


def answered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    table = [
        *([row[name] for row in rows] for name in numbers),
        *([known.get(row[name], np.nan) for row in rows] for name, known in codes.items()),
    ]
    with threads.limit(limits=1):
        given = np.array(table, dtype="float64").T
        chances = estimator.predict_proba(given)[:, 1].tolist()
    names = [uuid.uuid4().hex for _ in rows]
    log.execute("BEGIN IMMEDIATE")
    asked = [[row[name] for name in logged[1:-1]] for row in rows]
    log.executemany(insert, [[i, *a, p] for i, a, p in zip(names, asked, chances, strict=True)])
    log.execute("COMMIT")
    return [
        {"prediction_id": name, contract.key: row[contract.key], "probability": chance}
        for name, row, chance in zip(names, rows, chances, strict=True)
    ]


async def answer_those_who_wait() -> None:
    loop = asyncio.get_running_loop()
    while waiting:
        batch, waiting[:] = waiting[:4096], waiting[4096:]
        found = await loop.run_in_executor(worker, answered, [row for row, _ in batch])
        for (_, future), answer in zip(batch, found, strict=True):
            future.set_result(answer)


async def predict(request: Request) -> Response:
    future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    waiting.append((decoder.decode(await request.body()), future))
    if not at_work:
        task = asyncio.create_task(answer_those_who_wait())
        at_work.add(task)
        task.add_done_callback(at_work.discard)
    return Response(encoder.encode(await future), media_type="application/json")


app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
