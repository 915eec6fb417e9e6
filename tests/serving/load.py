"""Clients that ask a server without a pause, and remember every answer that they received."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

CLIENTS = 8


@dataclass
class Load:
    """What clients received: the prediction ids of every 200, and how often each status came."""

    ids: list[str] = field(default_factory=list)
    statuses: Counter[int | str] = field(default_factory=Counter)


@contextmanager
def asking(url: str, body: Any, clients: int = CLIENTS) -> Iterator[Load]:
    """Ask until the block ends; a client whose connection breaks opens another."""
    load, over = Load(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                    while not over.is_set():
                        _ask_once(client, body, load)
            except httpx.TransportError:
                load.statuses["broken"] += 1
                over.wait(0.05)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ask_once(client: httpx.Client, body: Any, load: Load) -> None:
    answer = client.post("/predict", json=body)
    load.statuses[answer.status_code] += 1
    if answer.status_code == 200:
        given = answer.json()
        load.ids.extend(row["prediction_id"] for row in ([given] if "key" in given else given))
