"""The demo's manners: its folder is its own, and an interrupt leaves nothing running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def demo(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "shared.cli", "demo", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def running_in(folder: Path) -> list[str]:
    """Return the command lines of the processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if folder in (process / "cwd").resolve(strict=True).parents or folder == Path(
                os.readlink(process / "cwd")
            ):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def wait_for(process: "subprocess.Popen[str]", text: str) -> None:
    assert process.stdout is not None
    said = ""
    while text not in said:
        more = process.stdout.read(1)
        assert more, said
        said += more


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("my only copy")
    process = demo(tmp_path)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == f"Error: {tmp_path} is not a demo's folder: name another one with --folder\n"
    assert (tmp_path / "thesis.txt").read_text() == "my only copy"


@pytest.mark.flow
def test_an_interrupt_stops_it_and_all_that_it_started(tmp_path: Path) -> None:
    folder = (tmp_path / "demo").resolve()
    process = demo(folder)
    wait_for(process, "load …")
    assert len(running_in(folder)) >= 2

    second = demo(folder)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "a demo is running in" in said

    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing is left running" in said
    time.sleep(0.2)
    assert running_in(folder) == []
