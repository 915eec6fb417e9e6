"""The notebook and the test of a new problem run as they were written."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from shared import problems
from shared.cli import main
from shared.packaging import wheel
from shared.starting.writing import companions
from tests.conftest import ROOT, loans


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a problem that was made of loans, in an empty folder."""
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.chdir(tmp_path)
    loans(900).to_csv("loans.csv", index=False)
    result = CliRunner().invoke(main, ["new", "explored", "loans.csv", "--target", "defaulted"])
    assert result.exit_code == 0, result.output
    return tmp_path / "problems" / "explored"


def test_the_notebook_reads_the_rows_and_tries_the_candidates(made: Path) -> None:
    notebook = nbformat.read(made / "explore.ipynb", as_version=4)
    nbformat.validate(notebook)
    held: dict[str, Any] = {}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        exec(cell.source, held)
    assert len(held["rows"]) == 900
    assert [each["candidate"] for each in held["tried"]] == ["logistic", "boosting", "forest"]
    assert all(each["scores"] for each in held["tried"])


def test_the_test_holds_the_table_to_its_contract(made: Path) -> None:
    held: dict[str, Any] = {"__file__": str(made / "test_explored.py")}
    exec((made / "test_explored.py").read_text(), held)
    tests = [value for name, value in held.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()
    with (made / "problem.toml").open("a") as settings:
        settings.write("\n[contract]\nage = { maximum = 30 }\n")
    with pytest.raises(AssertionError):
        held["test_the_first_and_the_last_rows_keep_to_the_contract"]()


def test_both_are_as_the_style_wants_them(tmp_path: Path) -> None:
    (tmp_path / "explore.ipynb").write_text(companions.notebook_text("loans"))
    (tmp_path / "test_loans.py").write_text(companions.quick_test_text("loans"))
    ruff = [str(Path(sys.executable).with_name("ruff")), "--config", str(ROOT / "pyproject.toml")]
    for words in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run(
            [ruff[0], words[0], *ruff[1:], *words[1:], str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    assert json.loads(companions.notebook_text("loans"))["cells"][1]["outputs"] == []


def test_neither_is_code_of_the_problem(made: Path, tmp_path: Path) -> None:
    built = wheel.build_problem_wheel("explored", made, tmp_path / "wheels")
    names = {Path(name).name for name in zipfile.ZipFile(built).namelist()}
    assert "problem.toml" in names
    assert not names & {"test_explored.py", "explore.ipynb"}
