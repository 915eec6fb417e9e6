"""The command that comes after a flow stands on a line of its own, where the flow is run here."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared import next_command

# As a flow's file does: the process that runs it starts one for each task, which prints otherwise.
FLOW = """
import subprocess, sys
from shared import next_command
next_command.print_at_end()
if sys.argv[1:]:
    next_command.say("trees are chosen", *sys.argv[1:])
else:
    for line in (["next: make train"], ["next: make package"], []):
        code = [sys.executable, __file__, *(line or ["the end"])]
        printed = subprocess.run(code, stdout=subprocess.PIPE, text=True, check=True).stdout
        print("".join(f"10:15 [1/task] {each}\\n" for each in printed.splitlines()), end="")
"""


def test_it_is_the_last_line_without_a_stamp(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    words = [sys.executable, str(tmp_path / "flow.py")]
    environment = {"PYTHONPATH": str(Path(next_command.__file__).parent.parent)}
    environment["TMPDIR"] = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "10:15 [1/task] trees are chosen",
        "10:15 [1/task] trees are chosen",
        "10:15 [1/task] trees are chosen",
        "10:15 [1/task] the end",
        "next: make package",
    ]
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("file", ["", "/nowhere/next"])
def test_where_nobody_takes_it_it_is_printed(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(next_command.VARIABLE, file)
    next_command.say("verified", "next: make review")
    assert capsys.readouterr().out == "verified\nnext: make review\n"
