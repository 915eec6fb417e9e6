"""An honest caller beside others: one row a request, at a steady rate, in a process of its own.

Run as a script it takes a server's address and a body, asks until its input ends, and writes the
seconds that each answer took.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

CLIENTS = 4
PAUSE_SECONDS = 0.015


@dataclass
class Steady:
    """What an honest caller saw: the seconds of each answer, and those that were not 200."""

    seconds: list[float] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Return the time within which this share of the answers came."""
        found = sorted(self.seconds)
        return found[min(len(found) - 1, int(share * len(found)))]


@contextmanager
def steady(url: str, row: dict[str, Any]) -> Iterator[Steady]:
    """Ask until the block ends; what was seen is there from then on."""
    seen = Steady()
    process = subprocess.Popen(
        [sys.executable, __file__, url, json.dumps(row)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == "asking\n"
    try:
        yield seen
    finally:
        told = json.loads(process.communicate("")[0])
        seen.seconds, seen.odd = told["seconds"], told["odd"]


def _ask(url: str, body: str, seen: Steady, over: threading.Event) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {"content-type": "application/json"}
    while not over.wait(PAUSE_SECONDS):
        began = time.perf_counter()
        try:
            connection.request("POST", "/predict", body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != 200:
                seen.odd.append(f"{answer.status} {told[:200]!r}")
        except (OSError, http.client.HTTPException) as error:
            seen.odd.append(repr(error))
            connection.close()
        seen.seconds.append(time.perf_counter() - began)


if __name__ == "__main__":
    seen, over = Steady(), threading.Event()
    asking = [
        threading.Thread(target=_ask, args=(*sys.argv[1:3], seen, over)) for _ in range(CLIENTS)
    ]
    for each in asking:
        each.start()
    print("asking", flush=True)
    sys.stdin.read()
    over.set()
    for each in asking:
        each.join()
    print(json.dumps({"seconds": seen.seconds, "odd": seen.odd[:10]}))
