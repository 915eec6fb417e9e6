"""The board's commands: keys for its people, and where it does not start."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.board.access import people
from shared.cli import main


def test_a_key_lets_somebody_in_once_its_line_is_among_the_people(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["board-key", "Ada Lovelace", "--role", "reviewer"])
    said = dict(line.split(maxsplit=1) for line in done.output.splitlines()[:2])
    (tmp_path / "people").write_text(said["line:"])
    access = people.access("127.0.0.1", tmp_path / "people")
    assert access.keys is not None
    found = access.keys.matching(said["key:"].encode())
    assert found is not None
    assert (found.name, found.role) == ("Ada Lovelace", "reviewer")


def test_a_board_for_everybody_does_not_start() -> None:
    done = CliRunner().invoke(main, ["board", "--host", "0.0.0.0", "--port", "0"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: whoever reaches 0.0.0.0 could decide: name people")


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_there_cannot_be_is_refused_in_one_line(port: str) -> None:
    done = CliRunner().invoke(main, ["board", "--port", port])
    assert done.exit_code == 2
    assert done.output.splitlines()[-1] == (
        f"Error: Invalid value for '--port': {port} is not in the range 0<=x<=65535."
    )
