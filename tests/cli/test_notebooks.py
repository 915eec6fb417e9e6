"""`millrace notebook`: a notebook is run where one works, and a copy has what it shows."""

from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from shared import problems
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


def test_what_is_no_notebook_is_refused_in_one_line() -> None:
    Path("mine.ipynb").write_text("text")
    said = CliRunner().invoke(main, ["notebook", "mine.ipynb"]).output
    assert said.startswith("Error: mine.ipynb is no notebook: ")
    assert CliRunner().invoke(main, ["notebook", "none.ipynb"]).output == (
        "Error: there is no notebook none.ipynb: name another file\n"
    )
