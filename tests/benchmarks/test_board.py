"""The board over 5,000 runs, beside MLflow's page of as many: `make bench-board`.

The history is a few real runs, copied with other names and times.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.benchmarks.serving_peers import environment
from tests.board.boards import board_at
from tests.conftest import House, loans

RUNS = 5_000
APART = 3_600_000_000
PAGES = ("/", "/runs", "/runs?page=40&flow=MonitorFlow", "/monitor/loans")


@pytest.fixture(scope="module")
def long_history(approved_house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with 5,000 runs of four flows."""
    window = approved_house.folder / "window.parquet"
    loans(400, seed=5).to_parquet(window, index=False)
    approved_house.run("monitor", "run", "--window", str(window))
    folder, source = tmp_path_factory.mktemp("long"), approved_house.folder / ".metaflow"
    flows = [flow for flow in source.iterdir() if flow.name.endswith("Flow")]
    for flow in flows:
        place = folder / ".metaflow" / flow.name
        shutil.copytree(flow / "_meta", place / "_meta")
        (place / "data").symlink_to(flow / "data")
        run = next(path for path in sorted(flow.iterdir(), reverse=True) if path.name.isdigit())
        for number in range(RUNS // len(flows)):
            _copy(run, place, number)
    return folder


def _copy(run: Path, place: Path, number: int) -> None:
    """Copy a run with the name and the time of so many hours earlier."""
    name = str(int(run.name) - number * APART)
    for base, _, files in os.walk(run):
        into = place / name / Path(base).relative_to(run)
        into.mkdir(parents=True)
        for file in files:
            text = (Path(base) / file).read_text() if file.endswith(".json") else None
            if text is None or into.name != "_meta":
                os.link(Path(base) / file, into / file)
                continue
            held = json.loads(text.replace(run.name, name))
            if "ts_epoch" in held:
                held["ts_epoch"] -= number * APART // 1000
            (into / file).write_text(json.dumps(held))


@contextmanager
def mlflow_at(folder: Path) -> Iterator[str]:
    """Run MLflow's UI over as many runs in SQLite; yields the address of its search."""
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
    answer.raise_for_status()
    return time.perf_counter() - began


def memory() -> float:
    """Return the resident memory of the board that runs, in MB."""
    command = ["pgrep", "-f", "millrace board --port 0"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    status = Path(f"/proc/{listed.stdout.split()[0]}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1024


def test_pages_of_a_long_history_are_quick(long_history: Path, tmp_path: Path) -> None:
    with board_at(long_history) as address:
        first = {page: seconds(address + page) for page in PAGES}
        deadline = time.monotonic() + 300
        while "still being read" in httpx.get(f"{address}/runs").text:
            assert time.monotonic() < deadline
            time.sleep(1)
        time.sleep(2)
        warm = {page: min(seconds(address + page) for _ in range(5)) for page in PAGES}
        taken = memory()
    with board_at(long_history) as address:
        cold = {page: seconds(address + page) for page in PAGES}
    with mlflow_at(tmp_path) as peer:
        search = f"{peer}/ajax-api/2.0/mlflow/runs/search"
        asked = {"experiment_ids": ["1"], "max_results": 50}
        seconds(search, **asked)
        theirs = min(seconds(search, **asked) for _ in range(5))
    print(f"\n{RUNS:,} runs, {taken:.0f} MB; MLflow's search of 50 of as many: {theirs:.3f} s")
    for page in PAGES:
        print(f"{page:35} first {first[page]:.2f}  cold {cold[page]:.2f}  warm {warm[page]:.3f} s")
    assert max(cold[page] for page in PAGES[:3]) <= 2
    assert max(warm[page] for page in PAGES[:3]) <= 0.5
    assert taken <= 300
