"""Every problem, of whatever kind of answer, compiles into what Argo takes."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hera.workflows.models import WorkflowTemplate

from tests.conftest import ROOT
from tests.rehearsal.stage import FLOWS, Stage
from tests.serving.processes import MILLRACE

PROBLEMS = sorted(path.name for path in (ROOT / "flows" / "problems").iterdir() if path.is_dir())
Templates = dict[str, dict[str, Any]]


def compiled_for(stage: Stage, folder: Path, problem: str) -> Templates:
    """Return the templates that `millrace deploy` writes for a problem, by flow."""
    words = ["--problem", problem, "--only-json", str(folder / problem)]
    done = subprocess.run(
        [str(MILLRACE), "deploy", *words],
        cwd=stage.house.folder,
        env=os.environ | stage.house.environment | {"MILLRACE_PROBLEM": problem},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = (folder / problem).glob("*.json")
    return {f"{path.stem.title()}Flow": json.loads(path.read_text()) for path in written}


@pytest.fixture(scope="module")
def compiled(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Templates]:
    """Return the templates of every problem but the flights, which the stage has."""
    others = [name for name in PROBLEMS if name != "flights"]
    made = partial(compiled_for, stage, tmp_path_factory.mktemp("compiled"))
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(others, pool.map(made, others), strict=True))


@pytest.mark.parametrize("problem", [name for name in PROBLEMS if name != "flights"])
def test_every_problem_compiles_into_what_argo_takes(
    compiled: dict[str, Templates], problem: str
) -> None:
    assert compiled[problem].keys() == {*FLOWS}
    for flow, written in compiled[problem].items():
        WorkflowTemplate.parse_obj(written)
        assert written["metadata"]["name"] == f"{problem}.user.ada.{flow.lower()}"
