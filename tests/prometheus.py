"""A real Prometheus for the tests: on a free port, with its data in a folder of its own."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.postgres import free_port

SECONDS = 60


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that runs, and is asked over HTTP."""

    client: httpx.Client

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return what an expression gives at this moment: labels (`metric`) and `value`."""
        answer = self.client.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", answer
        return list(answer["data"]["result"])

    def number(self, expression: str) -> float | None:
        """Return the one number that an expression gives; None when it gives nothing yet."""
        found = self.query(expression)
        assert len(found) <= 1, found
        return float(found[0]["value"][1]) if found else None

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules, with their `health` and, of alerts, their `state`."""
        groups = self.client.get("/api/v1/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


def binary(name: str) -> str | None:
    """Return the path of `prometheus` or `promtool`; None where it is not installed."""
    return shutil.which(name)


@contextmanager
def running(folder: Path, target: str, rules: Path) -> Iterator[Prometheus]:
    """Scrape a target each second as the job `millrace`, until the block ends."""
    found = binary("prometheus")
    assert found is not None, "Prometheus is not installed"
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    job = {"job_name": "millrace", "static_configs": [{"targets": [target]}]}
    config = {"global": every, "rule_files": [str(rules)], "scrape_configs": [job]}
    (folder / "prometheus.yml").write_text(json.dumps(config))
    address = f"127.0.0.1:{free_port()}"
    command = [found, f"--config.file={folder}/prometheus.yml", f"--web.listen-address={address}"]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"--storage.tsdb.path={folder}/data"], stdout=log, stderr=log
        )
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=30, trust_env=False) as client:
            wait_until(lambda: _is_ready(client, process, folder / "prometheus.log"))
            yield Prometheus(client)
    finally:
        process.kill()
        process.wait()


def wait_until(reached: Callable[[], bool]) -> None:
    """Wait until something holds, and fail where it takes a minute."""
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _is_ready(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return client.get("/-/ready").status_code == 200
    except httpx.TransportError:
        return False
