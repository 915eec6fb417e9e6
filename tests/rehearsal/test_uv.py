"""Without an image of one's own: each task installs by a lock that `millrace deploy --uv` makes."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hera.workflows.models import WorkflowTemplate

from tests.conftest import ROOT
from tests.rehearsal import image
from tests.rehearsal.acts import Rehearsed
from tests.rehearsal.argo import Workflow
from tests.rehearsal.stage import FLOWS, Stage
from tests.rehearsal.test_templates import containers
from tests.serving.processes import MILLRACE


@pytest.fixture(scope="module")
def compiled(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return each flow's template as a checkout of its own compiles it, from another folder."""
    checkout, elsewhere = (tmp_path_factory.mktemp(name) for name in ("checkout", "elsewhere"))
    for name in ("flows", "shared"):
        shutil.copytree(ROOT / name, checkout / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    words = ["--uv", "--settings", str(stage.house.settings), "--only-json", "made"]
    environment = os.environ | stage.house.environment | {"PYTHONPATH": str(checkout)}
    del environment["METAFLOW_KUBERNETES_CONTAINER_IMAGE"]
    done = subprocess.run(
        [str(MILLRACE), "deploy", *words],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = {path.stem: json.loads(path.read_text()) for path in elsewhere.glob("made/*.json")}
    return {f"{name.title()}Flow": template for name, template in written.items()}


def test_the_same_is_written_with_only_json_for_a_branch_of_ones_own(
    stage: Stage, compiled: dict[str, dict[str, Any]]
) -> None:
    assert compiled.keys() == {*FLOWS}
    for flow, written in compiled.items():
        WorkflowTemplate.parse_obj(written)
        assert written["metadata"]["name"] == f"flights.user.ada.{flow.lower()}"
        assert containers(written).keys() == containers(stage.template(flow)).keys()
        assert " --production " not in json.dumps(written)


def test_each_step_installs_and_runs_by_the_lock_that_came_with_its_code(
    stage: Stage, compiled: dict[str, dict[str, Any]]
) -> None:
    for template in compiled.values():
        for container in containers(template).values():
            command = container["container"]["command"][-1]
            assert "metaflow.plugins.uv.bootstrap" in command
            assert "uv run --no-sync python" in command
    shipped = re.search(r"metaflow/ScoreFlow/data/\w+/\w+", json.dumps(compiled["ScoreFlow"]))
    assert shipped
    content = dict(stage.s3.contents())[shipped[0]]
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        names = {Path(name).name for name in tar.getnames()}
    assert {"uv.lock", "pyproject.toml", "score.py"} <= names


@pytest.mark.long
def test_a_task_runs_where_nothing_is_installed_before(
    stage: Stage, rehearsed: Rehearsed, compiled: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    bare = image.bare(tmp_path / "bare")
    cluster = replace(stage.cluster, folder=tmp_path / "pods", image=bare, used=[])
    Workflow(cluster, compiled["ScoreFlow"], "uv", {"bundle": rehearsed.digest}).start()
    found = "[run.data.planned.digest, len(run.data.planned.partitions)]"
    code = "from metaflow import Step, namespace; from shared import lineage; namespace(None); "
    code += f"run = Step('ScoreFlow/argo-uv/plan').task; print({found})"
    assert stage.ask(code) == str([rehearsed.digest, 59])
