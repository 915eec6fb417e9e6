"""The board over 5,000 runs, locally and on S3, beside MLflow's page of them: `make bench-board`.

The history is a few real runs, copied with other names and times. S3 is moto's server, which counts
what it is asked; Metaflow's metadata lie in the folder, as they do without a service.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import playwright.sync_api
import pytest

from tests.benchmarks.serving_peers import environment
from tests.board.boards import board_at, copy_run
from tests.board.conftest import chromium  # noqa: F401
from tests.conftest import LOANS, ROOT, House, loans
from tests.rehearsal.servers import S3
from tests.serving.processes import clean

RUNS = 5_000
APART = 3_600_000_000
PAGES = (
    "/",
    "/runs",
    "/runs?page=40&flow=MonitorFlow",
    "/monitor/loans",
    "/lookup?problem=loans&id=nobody",
)
# Those whose time is promised: a problem over time draws its pictures anew.
ASKED = tuple(page for page in PAGES if not page.startswith("/monitor"))
# What is promised of the first pages, in seconds, of the datastore in calls, and in MB.
WARM, COLD, CALLS, MEMORY, PAINT, NEW = 0.5, 2.0, 5, 300, 1.0, 3.0
# In a process of its own: how long it takes to find the champion, and again.
FIND = """
import json, time
from shared.lineage import bundles
began = time.perf_counter()
first = bundles.champion("loans")
once = time.perf_counter()
assert bundles.champion("loans").digest == first.digest
print(json.dumps([once - began, time.perf_counter() - once]))
"""


@dataclass(frozen=True)
class History:
    """A folder with 5,000 runs, what its commands are told, and the log of the S3 that they ask."""

    folder: Path
    environment: dict[str, str]
    requests: Path | None = None

    @property
    def calls(self) -> int:
        """How often S3 was asked until now; 0 of a local history."""
        return self.requests.read_text().count("HTTP/1.1") if self.requests else 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return an empty house with the loans' table and settings."""
    folder = tmp_path_factory.mktemp("house")
    loans().to_parquet(folder / "loans.parquet", index=False)
    loans(400, seed=5).to_parquet(folder / "window.parquet", index=False)
    (folder / "loans.toml").write_text(LOANS.format(source=folder / "loans.parquet"))
    return House(folder, folder / "loans.toml")


@pytest.fixture(scope="module", params=["local", "S3"])
def history(
    request: pytest.FixtureRequest, house: House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    """Return a folder with 5,000 runs of four flows."""
    folder = tmp_path_factory.mktemp("long")
    if request.param == "local":
        yield _long_history(house, History(folder, {}))
        return
    with counting_s3(folder / "requests.log") as server:
        shutil.rmtree(house.folder / ".metaflow", ignore_errors=True)
        asked = replace(house, environment=server.environment)
        yield _long_history(asked, History(folder, server.environment, folder / "requests.log"))


@contextmanager
def counting_s3(log: Path) -> Iterator[S3]:
    """Run moto's server with a bucket; a line of its log is a request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("w") as written:
        process = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
    try:
        server = S3(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(server.url)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        place = {"LocationConstraint": "eu-west-1"}
        server._client().create_bucket(Bucket="millrace", CreateBucketConfiguration=place)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _long_history(house: House, history: History) -> History:
    house.run("train", "run")
    house.run("package", "run")
    found = "from shared.lineage import run_history; "
    found += "print(next(run_history.runs('PackageFlow', 'loans'))['build'].task['digest'].data)"
    digest = asked_of_history(house.folder, house.environment, found)
    words = ["--bundle", digest, "--decision", "approve", "--reason", "it passed"]
    house.run("review", "run", *words)
    house.run("monitor", "run", "--window", str(house.folder / "window.parquet"))
    source = house.folder / ".metaflow"
    flows = [flow for flow in source.iterdir() if flow.name.endswith("Flow")]
    for flow in flows:
        place = history.folder / ".metaflow" / flow.name
        shutil.copytree(flow / "_meta", place / "_meta")
        if (flow / "data").is_dir():
            (place / "data").symlink_to(flow / "data")
        run = next(path for path in sorted(flow.iterdir(), reverse=True) if path.name.isdigit())
        for number in range(RUNS // len(flows)):
            copy_run(run, place, -number * APART)
    return history


def asked_of_history(folder: Path, environment: dict[str, str], code: str) -> str:
    """Return what a program prints that reads the history of a folder in a process of its own."""
    env = clean() | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def mlflow_at(folder: Path) -> Iterator[str]:
    """Run MLflow's UI over as many runs in SQLite; yields its address."""
    place, store = environment("mlflow", "mlflow==3.17.2", "pandas", "pyarrow"), folder / "ml"
    store.mkdir()
    uri = f"sqlite:///{store / 'runs.db'}"
    code = (
        "import mlflow, sys\n"
        "from mlflow.entities import Metric, Param, RunTag\n"
        f"client = mlflow.MlflowClient({uri!r})\n"
        "made = client.create_experiment('loans')\n"
        f"for number in range({RUNS}):\n"
        "    run = client.create_run(made).info.run_id\n"
        "    client.log_batch(run, [Metric('auc', 0.7, 0, 0)], [Param('depth', '3')], [])\n"
        "    client.set_terminated(run)\n"
    )
    subprocess.run([str(place / "python"), "-c", code], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(place / "mlflow"), "ui", "--backend-store-uri", uri, "--port", str(port)]
    process = subprocess.Popen(
        words, cwd=store, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx.get(address)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def seconds(address: str, **body: object) -> float:
    """Return how long a request takes."""
    began = time.perf_counter()
    answer = httpx.post(address, json=body, timeout=60) if body else httpx.get(address, timeout=60)
    # A look-up of what no log has is a page as well.
    assert answer.status_code in (200, 404), answer.text
    return time.perf_counter() - began


def started(word: str) -> int:
    """Return the process of a command with such a word that this one has started."""
    return next(pid for pid in _children(os.getpid()) if word in _words(pid))


def megabytes(process: int) -> float:
    """Return the resident memory of a process and all that it started, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return own * 1_024 / 1e6 + sum(map(megabytes, _children(process)))


def cpu_seconds(process: int) -> float:
    """Return the time that a process has had a core until now: of it a busy machine takes none."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task").glob("*/children")
    return [int(pid) for of_thread in listed for pid in of_thread.read_text().split()]


def _words(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_text().split("\0")


def settled(address: str) -> None:
    """Wait until the whole history was read once."""
    deadline = time.monotonic() + 600
    while "still being read" in httpx.get(f"{address}/runs", timeout=60).text:
        assert time.monotonic() < deadline
        time.sleep(1)


def painted(browser: playwright.sync_api.Browser, address: str) -> float:
    """Return after how many seconds a page's first paint has something on it."""
    page = browser.new_page()
    # Its cards are loaded after it: they are not waited for.
    answer = page.goto(address, wait_until="commit", timeout=120_000)
    assert answer
    assert answer.ok, answer.status
    code = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
    # The page's policy lets nobody wait for an expression in it.
    while (found := page.evaluate(code)) is None:
        page.wait_for_timeout(10)
    page.close()
    return float(found) / 1_000


def newest_run(history: History, flow: str) -> Path:
    place = history.folder / ".metaflow" / flow
    return max((p for p in place.iterdir() if p.name.isdigit()), key=lambda p: int(p.name))


def seen_within(history: History, address: str) -> float:
    """Return how many seconds after a new run is there the board lists it."""
    run = newest_run(history, "MonitorFlow")
    name = copy_run(run, run.parent, APART // 60)
    began = time.perf_counter()
    while name not in httpx.get(f"{address}/runs", timeout=60).text:
        assert time.perf_counter() - began < 60
        time.sleep(0.1)
    return time.perf_counter() - began


def test_pages_of_a_long_history_are_quick(
    history: History,
    chromium: playwright.sync_api.Browser,  # noqa: F811
) -> None:
    told = history.environment
    with board_at(history.folder, **told) as address:
        first = {page: seconds(address + page) for page in PAGES}
        began = time.perf_counter()
        settled(address)
        whole = time.perf_counter() - began
        time.sleep(2)
        warm, calls, spent = {}, {}, {}
        for page in PAGES:
            took, had = [], cpu_seconds(started("board"))
            for _ in range(5):
                before = history.calls
                took.append(seconds(address + page))
                calls[page] = max(calls.get(page, 0), history.calls - before)
            warm[page] = min(took)
            spent[page] = (cpu_seconds(started("board")) - had) / len(took)
            print(f"\n{page}: first {first[page]:.2f}, warm {warm[page]:.3f} s", flush=True)
        run = f"{address}/runs/TrainFlow/{newest_run(history, 'TrainFlow').name}"
        paints = [painted(chromium, run) for _ in range(3)]
        new = seen_within(history, address)
        taken = megabytes(started("board"))
    cold, begun = {}, {}
    for page in PAGES:
        # The first page that a board is asked for.
        with board_at(history.folder, **told) as address:
            had = cpu_seconds(started("board"))
            cold[page] = seconds(address + page)
            begun[page] = cpu_seconds(started("board")) - had
    again = json.loads(asked_of_history(history.folder, told, FIND))
    (history.folder / ".millrace" / "runs.cache").rename(history.folder / "runs.cache")
    anew = json.loads(asked_of_history(history.folder, told, FIND))
    where = "S3" if history.requests else "local"
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"\nload {busy:.1f} a core (above 1 everything takes that many times as long)")
    print(f"{RUNS:,} runs, {where}: {taken:.0f} MB; all read {whole:.0f} s after the first pages")
    print(f"first paint of a run {', '.join(f'{each:.2f}' for each in paints)} s; new {new:.1f} s")
    print(f"champion {again[0]:.2f}, again {again[1]:.3f} s; nothing remembered {anew[0]:.2f} s")
    for page in PAGES:
        print(
            f"{page:35} first {first[page]:.2f}  cold {cold[page]:.2f} (CPU {begun[page]:.2f})  "
            f"warm {warm[page]:.3f} s (CPU {spent[page]:.3f})  calls of S3 {calls[page]}"
        )
    assert max(cold[page] for page in ASKED) <= COLD
    assert max(warm[page] for page in ASKED) <= WARM
    assert again[0] <= COLD
    assert again[1] <= WARM
    assert max(calls.values()) <= CALLS
    assert taken <= MEMORY
    assert min(paints) <= PAINT
    assert new <= NEW


def test_mlflow_beside_it(tmp_path: Path) -> None:
    with mlflow_at(tmp_path) as peer:
        search = f"{peer}/ajax-api/2.0/mlflow/runs/search"
        asked: dict[str, Any] = {"experiment_ids": ["1"], "max_results": 50}
        first = seconds(search, **asked)
        theirs = min(seconds(search, **asked) for _ in range(5))
        taken = megabytes(started("ui"))
    print(f"\nMLflow's search of 50 of {RUNS:,}: first {first:.2f}, {theirs:.3f} s; {taken:.0f} MB")
    assert theirs > 0
