"""A board over a house's history, and a browser to look at it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.serving.processes import MILLRACE, clean


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the Chromium of this machine."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("needs chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        opened = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


@contextmanager
def board_at(folder: Path, *options: str) -> Iterator[str]:
    """Run `millrace board` in a folder until the end of the block; yields its address."""
    command = [str(MILLRACE), "board", "--port", "0", *options]
    process = subprocess.Popen(command, cwd=folder, env=clean(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("the board is at "), line
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(20)
