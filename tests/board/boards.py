"""Boards to ask: in this process, or as the command at an address of its own."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from shared.board import app
from shared.board.access.people import Access
from shared.board.board import Board
from tests.serving.processes import MILLRACE, clean

ADDRESS = "http://localhost"
Browser = TestClient


@contextmanager
def board_at(folder: Path, *options: str, **environment: str) -> Iterator[str]:
    """Run `millrace board` in a folder until the end of the block; yields its address."""
    command = [str(MILLRACE), "board", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=folder, env=clean() | environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("the board is at "), line
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(20)


def browser_at(access: Access, branch: str = "prod", client: str = "127.0.0.1") -> Browser:
    """Return a browser at a board of its own, which follows no redirection by itself."""
    board = app.create(Board(branch, access=replace(access)))
    return TestClient(board, ADDRESS, client=(client, 50_000), follow_redirects=False)


def token(browser: Browser, path: str) -> str:
    """Return the token of the forms on a page."""
    found = re.search(r'name="token" value="([0-9a-f]{64})"', browser.get(path).text)
    assert found, f"no form on {path}"
    return found[1]


def failure(text: str) -> str:
    """Return what a page says went wrong."""
    found = re.search(r'class="failure"[^>]*>(?:<span.*</span>)?\s*([^<]*)<', text)
    return found[1].strip() if found else ""


def copy_run(run: Path, place: Path, later: int) -> str:
    """Copy a run with the name and the time of so many microseconds later."""
    name = str(int(run.name) + later)
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
                held["ts_epoch"] += later // 1000
            (into / file).write_text(json.dumps(held))
    return name
