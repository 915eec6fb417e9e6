"""A clean virtual environment made from a bundle's own files, and its server as a process."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from shared import processes
from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.processes import Process, RunningServer

START_SECONDS = 120


def memory_mb(process: Process) -> float | None:
    """Return a process's resident memory in MB; None where the system does not say."""
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    resident = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
    return resident[0] / 1024 if resident else None


def make_environment(bundle: Bundle, place: Path) -> Path:
    """Make the environment in an empty folder; returns its `bin` folder.

    Its bytecode is written by what imports it first: most of the modules are never imported.
    Raises `Refusal` with the installer's last words when something cannot be installed.
    """
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    binaries, python = place / "bin", str(place / "bin" / "python")
    if uv := shutil.which("uv", path=search):
        try:
            _run([uv, "venv", "--quiet", "--python", sys.executable, str(place)])
            _install([uv, "pip", "install", "--system-certs", "--python", python], bundle)
            return binaries
        except Refusal:
            # pip may have an index, or certificates, that uv knows nothing of.
            shutil.rmtree(place, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(place)])
    _install([python, "-m", "pip", "install", "--no-compile"], bundle)
    return binaries


def _install(installer: list[str], bundle: Bundle) -> None:
    wheels = [str(wheel) for wheel in sorted((bundle.path / "wheels").glob("*.whl"))]
    _run([*installer, "--quiet", "-r", str(bundle.path / "requirements.lock")])
    _run([*installer, "--quiet", "--no-deps", *wheels])


@contextmanager
def serving(bundle: Bundle, binaries: Path, home: Path) -> Iterator[tuple[RunningServer, float]]:
    """Run the bundle's server from its own environment, with nothing of this one's on its path.

    Gives the server, and the seconds until it was ready.
    """
    home.mkdir(parents=True, exist_ok=True)
    errors = home / "server.log"
    command = [str(binaries / "millrace"), "serve", "--bundle", str(bundle.path), "--port", "0"]
    command += [word for name in bundle.trust or () for word in ("--trust", name)]
    clean = {"PATH": f"{binaries}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(home)}
    clean["MILLRACE_LOG"] = f"sqlite:///{home / 'predictions.db'}"
    started = time.perf_counter()
    with processes.serving(command, errors=errors, cwd=home, env=clean) as server:
        _wait_until_ready(server, errors)
        yield server, time.perf_counter() - started


def _wait_until_ready(server: RunningServer, errors: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/health/ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    words = processes.last_lines(errors.read_text())
    raise Refusal(f"the server was not ready within {START_SECONDS} s: {words}")


def _run(command: list[str]) -> None:
    processes.run(command, f"{' '.join(command[:4])} … failed")
