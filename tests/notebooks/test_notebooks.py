"""The notebooks run, from the top to the bottom, on real runs and where there are none."""

import ast
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from nbclient import NotebookClient

from shared import processes
from shared.sections.training import Candidate
from tests.conftest import ROOT, House
from tests.monitoring.traffic import week

READ_THE_RUNS, PROTOTYPE, INVESTIGATE, COMPARE = sorted(ROOT.glob("notebooks/*.ipynb"))


def executed(
    problem: str, folder: Path, file: Path = READ_THE_RUNS, **environment: str
) -> list[Any]:
    """Execute a notebook for a problem in a folder; returns its code cells.

    It is about the problem that the environment names, or, comparing kinds, about its own.
    """
    notebook = nbformat.read(file, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells[0].source = cells[0].source.replace('"flights"', f'"{problem}"')
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute(env=os.environ | {"MILLRACE_PROBLEM": problem} | environment)
    return cells


@pytest.mark.parametrize("file", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda file: file.stem)
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
    _, runs, leaderboards, failures, pair, settings, card, decisions = executed(
        "loans", approved_house.folder
    )
    assert "TrainFlow/" in outputs(runs, "text/plain")[0]
    assert outputs(leaderboards, "image/png")
    assert "broken" in outputs(failures, "text/plain")[0]
    assert "&lt;html" in outputs(card, "text/html")[0]
    assert not any("name" in output for output in card.outputs), "a warning beside the card"
    if outputs(pair, "text/html"):
        assert "Brier score" in outputs(pair, "text/html")[0]
        assert settings.outputs[0].text
    else:
        (said,) = outputs(pair, "text/markdown")
        assert said == "There is no second training run to compare it with."
    assert "Ada Tester" in outputs(decisions, "text/plain")[0]


@pytest.mark.flow
def test_where_nothing_ran_the_notebook_says_so(house: House) -> None:
    _, runs, leaderboards, failures, pair, _, card, decisions = executed(
        "nothing_yet", house.folder
    )
    for cell in (runs, failures, pair, card):
        (said,) = outputs(cell, "text/markdown")
        assert said.startswith("**No training run of nothing_yet yet**: `make ")
        assert "train PROBLEM=nothing_yet` makes one." in said
    assert leaderboards.outputs == []
    assert outputs(decisions, "text/markdown") == ["Nothing was decided yet."]


@pytest.mark.flow
def test_a_prototype_stands_beside_the_candidates_and_is_handed_over(house: House) -> None:
    # As JupyterLab runs it: beside the notebook.
    settings, where = str(house.settings), {"MILLRACE_FOLDER": str(house.folder)}
    _, _, parts, leaderboard, pair, block = executed(
        settings, ROOT / "notebooks", PROTOTYPE, **where
    )
    assert "validation" in outputs(parts, "text/plain")[0]
    assert "holdout" not in outputs(parts, "text/plain")[0]
    candidates = outputs(leaderboard, "text/html")[0]
    for name in ("logistic", "prototype", "log loss"):
        assert f">{name}</th>" in candidates
    assert "prototype less " in outputs(pair, "text/plain")[0]
    (said,) = outputs(block, "text/markdown")
    handed = tomllib.loads(said.split("```")[1].removeprefix("toml"))
    assert handed["candidates"][0]["estimator"] == "sklearn.ensemble.ExtraTreesClassifier"
    assert Candidate.model_validate(handed["candidates"][0]).name == "prototype"


@pytest.fixture(scope="module")
def in_cents(approved_house: House) -> House:
    """Return the house once a week was judged in which income is told in cents."""
    file = approved_house.folder / "cents.parquet"
    week().assign(income=lambda rows: rows["income"] * 100).to_parquet(file)
    approved_house.run("monitor", "run", "--window", str(file))
    return approved_house


@pytest.mark.flow
def test_an_alarm_is_followed_down_to_its_rows(in_cents: House) -> None:
    _, verdicts, reasons, drawn, rows, beside, query = executed(
        "loans", in_cents.folder, INVESTIGATE
    )
    assert "MonitorFlow/" in outputs(verdicts, "text/plain")[0]
    assert "income looks like a hundred times what it was" in outputs(reasons, "text/html")[0]
    assert len(outputs(drawn, "image/png")) == 1
    assert "233 rows show a reason" in rows.outputs[0].text
    assert "income" in outputs(rows, "text/html")[0]
    assert "others" in outputs(beside, "text/html")[0]
    assert outputs(query, "text/markdown")[0].startswith("The window is a file's")


@pytest.mark.flow
def test_where_no_window_was_judged_the_notebook_says_so(house: House) -> None:
    for cell in executed("nothing_yet", house.folder, INVESTIGATE)[1:]:
        (said,) = outputs(cell, "text/markdown")
        assert said.startswith("**No window of nothing_yet was judged yet**: `make ")


@pytest.mark.flow
def test_make_notebook_opens_jupyterlab_on_the_first_notebook(
    house: House,
) -> None:
    recipe = ["make", "-n", "-f", str(ROOT / "Makefile"), "notebook", "PROBLEM=loans"]
    told = subprocess.run(
        [*recipe, "ARGS=--no-browser --port=0 --IdentityProvider.token=open"],
        cwd=house.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = told.stdout.replace("\\\n", " ").splitlines()
    command = next(line for line in lines if "jupyter lab" in line)
    with processes.running(
        ["sh", "-c", f"exec {command}"],
        own_group=True,
        stderr=subprocess.STDOUT,
        cwd=house.folder,
    ) as lab:
        address = lab_address(lab)
        headers = {"Authorization": "token open"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
            listed = client.get("/api/contents/notebooks").raise_for_status().json()["content"]
            assert READ_THE_RUNS.name in [one["name"] for one in listed]
            page = client.get("/", follow_redirects=True).raise_for_status()
            assert f"notebooks/{READ_THE_RUNS.name}" in str(page.url)
            assert "JupyterLab" in page.text


def lab_address(lab: "subprocess.Popen[str]") -> str:
    """Wait until JupyterLab says where it is."""
    assert lab.stdout
    for line in lab.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("JupyterLab ended")


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
