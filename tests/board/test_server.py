"""The board's server: what it starts with, and why it cannot have an address."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shared import processes
from shared.board import server
from shared.board.access.people import Access
from shared.errors import Refusal


def test_an_address_that_is_taken_is_refused_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal) as refused:
            server.run("127.0.0.1", port, Access())
    assert str(refused.value) == (
        f"127.0.0.1:{port} cannot be had: Address already in use; name another --port"
    )


def test_an_interrupt_stops_it_without_a_word(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shared.cli", "board", "--port", "0"]
    with processes.running(command, cwd=tmp_path, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("the board is at http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert (said, process.returncode) == ("", 0)


HEAVY = """
import sys, shared.board.server
print({"sklearn", "treelite", "matplotlib", "evidently", "duckdb", "deltalake"} & {*sys.modules})
"""


def test_it_starts_without_what_no_list_or_evidence_needs() -> None:
    said = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
