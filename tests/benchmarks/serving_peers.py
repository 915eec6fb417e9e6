"""Servers of one model, to be put under the same load: Millrace, one by hand, MLflow, …"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from shared.model.bundle import Bundle

PEERS = Path(__file__).parent / "peers"
# Environments are kept between runs.
ENVIRONMENTS = Path(__file__).parent.parent.parent / ".bench"
BINARIES = Path(sys.executable).parent
START_SECONDS = 120


@dataclass(frozen=True)
class Peer:
    """A server that runs: where it takes a row, the row as it wants it, and its process group."""

    name: str
    url: str
    row: bytes
    group: int
    start_seconds: float

    @property
    def megabytes(self) -> float:
        """The memory that its processes hold now."""
        pages = sum(int((place / "statm").read_text().split()[1]) for place, _ in self._processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def cpu_seconds(self) -> float:
        """The time that its processes have had a core until now."""
        spent = sum(int(fields[11]) + int(fields[12]) for _, fields in self._processes())
        return spent / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> Iterator[tuple[Path, list[str]]]:
        """Yield each process's folder, and what its state says after its name."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.group:
                    yield stat.parent, fields


@contextmanager
def all_of_them(bundle: Bundle, row: dict[str, Any], folder: Path) -> Iterator[list[Peer]]:
    """Start each peer with the bundle's model, one process each."""
    features = {name: row[name] for name in bundle.contract.features}
    with (
        millrace(bundle, row, folder) as ours,
        _by_hand(bundle, row, folder) as by_hand,
        _echo(row, folder) as echo,
        _mlserver(bundle, features, folder) as mlserver,
        _mlflow(bundle, features, folder) as mlflow,
        _bentoml(bundle, features, folder) as bentoml,
    ):
        yield [ours, by_hand, echo, mlserver, mlflow, bentoml]


@contextmanager
def millrace(
    bundle: Bundle, row: dict[str, Any], folder: Path, route: str = "/predict"
) -> Iterator[Peer]:
    """Start Millrace with a bundle; its log is in the folder."""
    words = [str(BINARIES / "millrace"), "serve", "--bundle", str(bundle.path), "--port"]
    yield from _running("millrace", words, route, row, folder, {})


@contextmanager
def _by_hand(bundle: Bundle, row: dict[str, Any], folder: Path) -> Iterator[Peer]:
    place = {"BUNDLE": str(bundle.path), "LOG": str(folder / "by-hand.db")}
    yield from _running("by hand", _uvicorn("handmade"), "/predict", row, folder, place)


@contextmanager
def _echo(row: dict[str, Any], folder: Path) -> Iterator[Peer]:
    yield from _running("bare echo", _uvicorn("echo"), "/predict", row, folder, {})


def _uvicorn(module: str) -> list[str]:
    words = [str(BINARIES / "uvicorn"), f"{module}:app", "--app-dir", str(PEERS)]
    return [*words, "--no-access-log", "--log-level", "warning", "--port"]


@contextmanager
def _mlserver(bundle: Bundle, features: dict[str, Any], folder: Path) -> Iterator[Peer]:
    place = environment("mlserver", "mlserver==1.7.1", "mlserver-sklearn==1.7.1", "pandas")
    save = [str(place / "python"), str(PEERS / "save_for_mlserver.py"), str(bundle.path)]
    subprocess.run([*save, str(folder / "mlserver"), *bundle.manifest.trusted], check=True)
    start = f"MLSERVER_HTTP_PORT=$0 exec {place / 'mlserver'} start {folder / 'mlserver'}"
    inputs = [
        {
            "name": name,
            "shape": [1, 1],
            "datatype": "BYTES" if isinstance(value, str) else "FP64",
            "data": [value],
        }
        for name, value in features.items()
    ]
    body = {
        "parameters": {"content_type": "pd"},
        "inputs": inputs,
        "outputs": [{"name": "predict_proba"}],
    }
    route = "/v2/models/flights/infer"
    yield from _running("mlserver", ["sh", "-c", start], route, body, folder, {})


@contextmanager
def _mlflow(bundle: Bundle, features: dict[str, Any], folder: Path) -> Iterator[Peer]:
    place = environment("mlflow", "mlflow==3.17.2", "pandas", "pyarrow")
    save = [str(place / "python"), str(PEERS / "save_for_mlflow.py"), str(bundle.path)]
    subprocess.run([*save, str(folder / "mlflow"), *bundle.manifest.trusted], check=True)
    words = [str(place / "mlflow"), "models", "serve", "-m", str(folder / "mlflow")]
    words += ["--env-manager", "local", "--workers", "1", "--port"]
    body = {"dataframe_records": [features]}
    extra = {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    yield from _running("mlflow", words, "/invocations", body, folder, extra)


@contextmanager
def _bentoml(bundle: Bundle, features: dict[str, Any], folder: Path) -> Iterator[Peer]:
    place = environment("bentoml", "bentoml==1.4.39", "pandas")
    words = [str(place / "bentoml"), "serve", "bento_service:Flights", "--working-dir", str(PEERS)]
    extra = {
        "PATH": f"{place}{os.pathsep}{os.environ['PATH']}",
        "BUNDLE": str(bundle.path),
        "TRUSTED": " ".join(bundle.manifest.trusted),
        "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOME": str(folder / "bentoml"),
    }
    yield from _running(
        "bentoml", [*words, "--port"], "/predict", {"rows": [features]}, folder, extra
    )


def environment(name: str, *wanted: str, ours: bool = True) -> Path:
    """Return the binaries of an environment with a peer, and `ours` of the model's libraries."""
    place = ENVIRONMENTS / name
    pins = [f"{p}=={_version(p)}" for p in ("scikit-learn", "skops", "numpy") if ours]
    uv = str(BINARIES / "uv")
    if not (place / "made").is_file():
        subprocess.run([uv, "venv", "--quiet", "--clear", str(place)], check=True)
        python = ["--python", str(place / "bin" / "python")]
        subprocess.run([uv, "pip", "install", "--quiet", *python, *wanted, *pins], check=True)
        (place / "made").touch()
    return place / "bin"


def _version(package: str) -> str:
    from importlib import metadata

    return metadata.version(package)


def _running(
    name: str,
    command: list[str],
    route: str,
    body: Mapping[str, Any],
    folder: Path,
    environment: Mapping[str, str],
) -> Iterator[Peer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.monotonic()
    with (folder / f"{name}.log").open("w") as said:
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=folder,
            env=os.environ | environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    row, url = json.dumps(body).encode(), f"http://127.0.0.1:{port}{route}"
    try:
        # One for all tries: to make a client takes more of the cores than to ask.
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not _answers(client, url, row):
                waited = time.monotonic() - started
                assert process.poll() is None, (folder / f"{name}.log").read_text()[-2000:]
                assert waited < START_SECONDS, f"{name} does not answer"
                time.sleep(0.05)
        yield Peer(name, url, row, process.pid, time.monotonic() - started)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(client: httpx.Client, url: str, row: bytes) -> bool:
    headers = {"content-type": "application/json"}
    try:
        return client.post(url, content=row, headers=headers).status_code == 200
    except httpx.TransportError:
        return False
