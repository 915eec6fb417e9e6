"""What the README shows works as it stands there, in its order, in a checkout of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
# What a session, or the `make` that runs the tests, has set.
SET_BY_OTHERS = ("METAFLOW", "MILLRACE", "ARGS", "MAKE", "MFLAGS")
# These two are run by .ci/run, as whoever follows the README runs them.
ANSWERS_AT = {
    "make serve": "http://127.0.0.1:8000/health/live",
    "make board": "http://127.0.0.1:8080/static/board.css",
}
BY_CI = ["make demo", "make test"]
JUDGE = ".venv/bin/millrace judge --bundle bundle --window bundle/"
CHECKOUT = ("Makefile", "README.md", "pyproject.toml", "requirements.lock", "flows", "shared")


def commands() -> list[str]:
    """Return the commands of the README's `sh` blocks; one may go on over several lines."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    found: list[str] = []
    for line in "".join(blocks).splitlines():
        if found and (found[-1].count("'") % 2 or found[-1].endswith("\\")):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with the quickest candidate, and every eighth flight."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in CHECKOUT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    settings = folder / "flows" / "problems" / "flights" / "problem.toml"
    slower = r'\[\[candidates\]\]\nname = "(forest|boosting)".*?(?=\n\[)'
    settings.write_text(re.sub(slower, "", settings.read_text(), flags=re.DOTALL))
    source, read = settings.with_name("source.py"), '_read("flights.csv.zip")'
    code = source.read_text()
    assert read in code
    source.write_text(code.replace(read, f"{read}[::8].reset_index(drop=True)"))
    return folder


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Return what a shell has after the set-up, which is taken from this environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(SET_BY_OTHERS)}
    binaries = Path(sys.executable).parent
    return kept | {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "MAKEFLAGS": f"READY={ROOT / 'Makefile'} BIN={binaries}",
        "MILLRACE_REVIEWER": "Ada Tester",
    }


@pytest.fixture
def background() -> Iterator[list["subprocess.Popen[str]"]]:
    """Keep the processes that are not waited for; all of each one's group is ended."""
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


@pytest.mark.flow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not shutil.which("curl"), reason="the README's examples need curl")
def test_its_commands_work_one_after_the_other(
    checkout: Path, environment: dict[str, str], background: list["subprocess.Popen[str]"]
) -> None:
    said: dict[str, str] = {}
    for command in commands():
        if command in BY_CI:
            continue
        if command in ANSWERS_AT:
            background.append(_start(command, checkout, environment))
            continue
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        said[command.split(" -H")[0]] = done.stdout
        if found := re.search(r"bundle ([0-9a-f]{64}) is verified", done.stdout):
            environment["DIGEST"] = found[1][:8]
    assert '"probability"' in said["curl -s localhost:8000/predict"]
    assert '"added":1' in said["curl -s localhost:8000/outcomes"]
    assert "too few rows" in said["make monitor"]
    assert "42,097 rows: 42,097 new" in said["make ingest"]
    assert "42,097 rows: 42,097 answered, 0 refused" in said["make score"]
    assert "nothing exceeded its threshold" in said[f"{JUDGE}golden.parquet"]
    assert "entry:  shop:predict:" in said[".venv/bin/millrace key --name shop --role predict"]
    replay = ".venv/bin/millrace replay problems.flights.source:table"
    assert "outcome-joined" in said[f"{replay} --start 2013-07-05 --until 2013-07-06"]
    assert list((checkout / "exported" / "predictions" / "day=2013-07-05").iterdir())
    assert (checkout / ".millrace" / "cards" / "flights" / "index.html").is_file()


def test_ci_runs_the_two_commands() -> None:
    called = re.findall(r"^make \w+", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert [command for command in called if command in BY_CI] == BY_CI[::-1]
    assert set(BY_CI) <= set(commands())


def test_its_make_targets_files_and_options_exist() -> None:
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)\b(?=[ `\n]*(?:BUNDLE|`|\n))", README)) <= set(targets)
    for path in re.findall(r"`((?:flows|shared|notebooks|docs)/[\w./-]*)`", README):
        assert (ROOT / path).exists(), path
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / picture).stat().st_size < 200_000, picture


def _start(command: str, folder: Path, environment: dict[str, str]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(ANSWERS_AT[command], trust_env=False)
            return process
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"{command} does not answer")
