"""`millrace notebook`: a notebook is run where one works, and a copy has what it shows."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from shared import problems, processes
from shared.cli import main

SHOWN = Path(".millrace/notebooks/desk-mine.ipynb")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(problems.VARIABLE, "desk")
    monkeypatch.chdir(tmp_path)


def noted(*code: str) -> Result:
    Path("mine.ipynb").write_text(nbformat.writes(new_notebook(cells=[*map(new_code_cell, code)])))
    return CliRunner().invoke(main, ["notebook", "mine.ipynb"])


def test_a_copy_has_what_it_shows_up_to_the_cell_that_fails(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), os.environ['MILLRACE_PROBLEM'])"
    result = noted(code, "1 / 0", "print('never')")
    assert result.output == (
        f"Error: mine.ipynb: ZeroDivisionError: division by zero; {SHOWN} has the rest\n"
    )
    first, *_, last = nbformat.read(SHOWN, as_version=4).cells
    assert first.outputs[0].text == f"{tmp_path} desk\n"
    assert last.outputs == []
    assert "outputs" not in Path("mine.ipynb").read_text().replace('"outputs": []', "")


def test_a_kernel_that_ends_is_said_in_one_line() -> None:
    result = noted("print('before')", "import os; os._exit(1)", "print('never')")
    assert result.output == (
        "Error: mine.ipynb: its kernel ended before the notebook did, by an interrupt or for want "
        f"of memory; {SHOWN} has what it showed\n"
    )
    assert nbformat.read(SHOWN, as_version=4).cells[0].outputs[0].text == "before\n"


def test_an_interrupt_is_said_in_one_line(tmp_path: Path) -> None:
    cells = [new_code_cell("open('begun', 'w').close()\nimport time; time.sleep(60)")]
    Path("mine.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
    command = [sys.executable, "-m", "shared.cli", "notebook", "mine.ipynb"]
    with processes.running(command, own_group=True, stderr=subprocess.STDOUT) as process:
        while not Path("begun").exists():
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert said.splitlines()[-1].startswith("Error: mine.ipynb: its kernel ended before")
    # The kernel itself may have its say.
    assert "shared/cli" not in said


def test_what_is_no_notebook_is_refused_in_one_line() -> None:
    Path("mine.ipynb").write_text("text")
    said = CliRunner().invoke(main, ["notebook", "mine.ipynb"]).output
    assert said.startswith("Error: mine.ipynb is no notebook: ")
    assert CliRunner().invoke(main, ["notebook", "none.ipynb"]).output == (
        "Error: there is no notebook none.ipynb: name another file\n"
    )
