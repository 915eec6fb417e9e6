"""A problem of each kind of answer compiles into what Argo takes, and is learnt from as pods.

The binary ones are the flights, which the other tests are about.
"""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import skops.io
from hera.workflows.models import WorkflowTemplate
from problems.mileage import source
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.conftest import ROOT
from tests.rehearsal.acts import artifact
from tests.rehearsal.stage import FLOWS, Stage
from tests.serving.processes import MILLRACE

pytestmark = pytest.mark.long
# Those with few rows.
PROBLEMS = {"mileage": "regression", "weather": "multiclass"}
Templates = dict[str, dict[str, Any]]


def compiled_for(stage: Stage, folder: Path, problem: str) -> Templates:
    """Return the templates that `millrace deploy` writes for a problem, by flow."""
    made = folder / Path(problem).name
    words = ["--problem", problem, "--only-json", str(made)]
    done = subprocess.run(
        [str(MILLRACE), "deploy", *words],
        cwd=stage.house.folder,
        env=os.environ | stage.house.environment | {"MILLRACE_PROBLEM": problem},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = made.glob("*.json")
    return {f"{path.stem.title()}Flow": json.loads(path.read_text()) for path in written}


@pytest.fixture(scope="module")
def compiled(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Templates]:
    """Return the templates of each problem."""
    made = partial(compiled_for, stage, tmp_path_factory.mktemp("compiled"))
    with ThreadPoolExecutor(len(PROBLEMS)) as pool:
        return dict(zip(PROBLEMS, pool.map(made, PROBLEMS), strict=True))


@pytest.fixture(scope="module")
def trained(
    stage: Stage, compiled: dict[str, Templates], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Return the pathspec of each problem's TrainFlow, run on the cluster."""
    cluster = replace(stage.cluster, folder=tmp_path_factory.mktemp("pods"), used=[])

    def train(problem: str) -> str:
        return f"TrainFlow/{cluster.submit(compiled[problem]['TrainFlow'])}"

    with ThreadPoolExecutor(len(PROBLEMS)) as pool:
        return dict(zip(PROBLEMS, pool.map(train, PROBLEMS), strict=True))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_it_compiles_into_what_argo_takes(compiled: dict[str, Templates], problem: str) -> None:
    assert compiled[problem].keys() == {*FLOWS}
    for flow, written in compiled[problem].items():
        WorkflowTemplate.parse_obj(written)
        assert written["metadata"]["name"] == f"{problem}.user.ada.{flow.lower()}"


@pytest.mark.parametrize(("problem", "kind"), PROBLEMS.items())
def test_it_is_learnt_from_as_pods(
    stage: Stage, trained: dict[str, str], problem: str, kind: str
) -> None:
    evaluation = artifact(stage, trained[problem], "evaluation")
    assert evaluation["diagnostics"]["kind"] == kind
    assert evaluation["passed"]
    assert artifact(stage, trained[problem], "reference.shape[0]") == evaluation["rows"]


def test_a_model_that_was_fitted_elsewhere_reaches_the_pods(stage: Stage, tmp_path: Path) -> None:
    place = tmp_path / "mileage"
    shutil.copytree(ROOT / "flows" / "problems" / "mileage", place)
    rows = source.table().query("year < 1977 and miles_per_gallon.notna()")
    numbers = ["year", "cylinders", "displacement", "horsepower", "weight", "acceleration"]
    columns = make_column_transformer(
        (SimpleImputer(), numbers), (OneHotEncoder(handle_unknown="ignore"), ["origin"])
    )
    features = rows[[*numbers, "origin"]].astype(dict.fromkeys(numbers, "float64"))
    model = make_pipeline(columns, Ridge()).fit(features, rows["miles_per_gallon"])
    skops.io.dump(model, place / "own.skops")
    toml = (place / "problem.toml").read_text()
    own = '\n[[candidates]]\nname = "own"\nmodel = "own.skops"\n'
    (place / "problem.toml").write_text(toml.replace("\n[gates]", f"{own}\n[gates]"))
    templates = compiled_for(stage, tmp_path / "templates", str(place))
    (place / "own.skops").unlink()
    cluster = replace(stage.cluster, folder=tmp_path / "pods", used=[])
    run = f"TrainFlow/{cluster.submit(templates['TrainFlow'])}"
    errors = artifact(stage, run, "leaderboard")
    assert {each["candidate"]: each["error"] for each in errors} == {
        "ridge": None,
        "boosting": None,
        "own": None,
    }
