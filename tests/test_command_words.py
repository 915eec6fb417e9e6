"""What Millrace prints as a command runs as it stands there."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shared
from shared import command_words
from tests.conftest import ROOT


def run(command: str, folder: Path) -> str:
    """Run a command as a newcomer's shell does: nothing of the environment is on its path."""
    path = {"PATH": os.defpath, "HOME": str(folder), "USERNAME": "ada"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def newcomer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)


@pytest.mark.usefixtures("newcomer")
def test_a_printed_command_runs_in_the_folder_that_it_was_printed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, ROOT):
        monkeypatch.chdir(folder)
        said = run(command_words.millrace("--version"), folder)
        assert said == f"millrace, version {shared.__version__}\n"
        # Python tells that the flow's file is there without the seconds that Metaflow takes.
        assert run(command_words.flow("review").replace(" ", " -m py_compile ", 1), folder) == ""
        assert "make check" in run(command_words.make_target("help"), folder)


@pytest.mark.usefixtures("newcomer")
def test_what_lies_in_the_working_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "a team's"
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    python, millrace = programs / "python", programs / "millrace"
    python.symlink_to(sys.executable)
    millrace.symlink_to(python)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(command_words, "FLOWS", checkout / "flows")
    (checkout / "Makefile").touch()

    monkeypatch.chdir(checkout)
    assert command_words.millrace("runs") == ".venv/bin/millrace runs"
    assert command_words.flow("train", "run") == ".venv/bin/python flows/train.py run"
    assert command_words.make_target("train") == "make train"

    monkeypatch.chdir(tmp_path)
    assert command_words.millrace("runs") == """'a team'"'"'s/.venv/bin/millrace' runs"""
    assert command_words.make_target("train") == """make -f 'a team'"'"'s/Makefile' train"""

    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.defpath}")
    assert command_words.millrace("runs") == "millrace runs"
    millrace.unlink()
    assert command_words.millrace("runs") == "python -m shared.cli runs"


# As a person types it: the targets of a problem, and the files of flows.
WRITTEN_OUT = re.compile(
    r"(`|run )(make (ingest|train|package|review|serve|score|monitor|notebook)\b(?! PROBLEM=)"
    r"|(python )?flows/\w+\.py)"
)
# Here it is said of commands in general, and none of it is printed to be run.
IN_GENERAL = ("shared/cli/reference.py", "shared/runs/judged_models.py")


@pytest.mark.parametrize("folder", ["shared", "flows"])
def test_no_command_of_a_problem_is_written_out_without_its_name(folder: str) -> None:
    found = []
    for file in sorted((ROOT / folder).rglob("*.py")):
        text = file.read_text()
        if WRITTEN_OUT.search(text) and str(file.relative_to(ROOT)) not in IN_GENERAL:
            nodes = list(ast.walk(ast.parse(text)))
            said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
            texts = (n for n in nodes if isinstance(n, ast.Constant) and id(n) not in said)
            found += [f"{file}: {n.value}" for n in texts if WRITTEN_OUT.search(str(n.value))]
    assert found == []
