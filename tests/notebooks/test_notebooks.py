"""The notebooks run, from the top to the bottom, on real runs and where there are none."""

import ast
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT, House

READ_THE_RUNS = ROOT / "notebooks" / "01-read-the-runs.ipynb"
COMPARE = ROOT / "notebooks" / "02-compare-the-kinds.ipynb"


def executed(
    problem: str, folder: Path, file: Path = READ_THE_RUNS, **environment: str
) -> list[Any]:
    """Execute a notebook for a problem in a folder; returns its code cells.

    The one of the runs is about the problem that the environment names, the other about its own.
    """
    notebook = nbformat.read(file, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells[0].source = cells[0].source.replace('"flights"', f'"{problem}"')
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute(env=os.environ | {"MILLRACE_PROBLEM": problem} | environment)
    return cells


@pytest.mark.parametrize("file", [READ_THE_RUNS, COMPARE], ids=lambda file: file.stem)
def test_what_a_notebook_imports_is_there(file: Path) -> None:
    cells = nbformat.read(file, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    imports = [ast.unparse(node) for node in ast.walk(ast.parse(code)) if is_import(node)]
    assert imports
    exec("\n".join(imports), {})


def is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def outputs(cell: Any, kind: str) -> list[str]:
    return [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]


@pytest.mark.flow
def test_the_runs_are_listed_their_leaderboards_plotted_and_a_card_shown(
    approved_house: House,
) -> None:
    _, runs, leaderboards, failures, card, decisions = executed("loans", approved_house.folder)
    assert "TrainFlow/" in outputs(runs, "text/plain")[0]
    assert outputs(leaderboards, "image/png")
    assert "broken" in outputs(failures, "text/plain")[0]
    assert "&lt;html" in outputs(card, "text/html")[0]
    assert not any("name" in output for output in card.outputs), "a warning beside the card"
    assert "Ada Tester" in outputs(decisions, "text/plain")[0]


@pytest.mark.flow
def test_where_nothing_ran_the_notebook_says_so(house: House) -> None:
    _, runs, leaderboards, failures, card, decisions = executed("nothing_yet", house.folder)
    for cell in (runs, failures, card):
        (said,) = outputs(cell, "text/markdown")
        assert said.startswith("**No training run of nothing_yet yet**: `make ")
        assert "train PROBLEM=nothing_yet` makes one." in said
    assert leaderboards.outputs == []
    assert outputs(decisions, "text/markdown") == ["Nothing was decided yet."]


@pytest.mark.flow
def test_the_kinds_that_have_a_run_are_compared(approved_house: House) -> None:
    _, scores, figures, shares = executed("loans", approved_house.folder, COMPARE)
    assert "Brier score" in outputs(scores, "text/html")[0]
    assert len(outputs(figures, "image/png")) == 1
    assert "income" in outputs(shares, "text/plain")[0]


@pytest.mark.flow
def test_where_none_of_the_kinds_has_a_run_the_notebook_says_so(house: House) -> None:
    _, scores, figures, shares = executed("nothing_yet", house.folder, COMPARE)
    for cell in (scores, shares):
        (said,) = outputs(cell, "text/markdown")
        assert said.startswith("**No training run of flights, delay or fate yet**")
    assert figures.outputs == []


def test_notebooks_are_committed_without_outputs() -> None:
    for file in ROOT.glob("notebooks/*.ipynb"):
        cells = nbformat.read(file, as_version=4).cells
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), file
