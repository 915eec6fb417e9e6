"""A bundle goes to MLflow, its registry and ONNX, and answers there as here; in environments of
their own, as MLflow needs what nothing else here does."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from shared import problems, processes
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.schema.client_rows import json_rows
from shared.schema.inference import infer_contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.settings_reading import with_given
from tests.conftest import ROOT, bundle_of

UV = str(Path(sys.executable).parent / "uv")
TOOLS = ("mlflow", "onnxruntime", "skl2onnx")
START_SECONDS = 120
# As a registry behind a server takes each file by a request of its own.
MOST_FILES = 25
# A registry needs none of the server's workers for other jobs.
QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
# In the environment of the tools: give the alias to bundles, and say what the registry has.
REGISTER = """
import json, sys
from pathlib import Path
import pandas as pd
from shared.exporting import mlflow_model, registry
from shared.model.bundle import open_bundle
uri, rows, *folders = sys.argv[1:]
found = [registry.register(open_bundle(Path(each)), uri, champion=True).version for each in folders]
mlflow = mlflow_model.installed_mlflow()
mlflow.set_registry_uri(uri)
mlflow.set_tracking_uri(uri)
frame = pd.read_parquet(rows)
frame["region"] = frame["region"].astype("category")
answers = mlflow.pyfunc.load_model("models:/loans@champion").predict(frame)["probability"]
pipeline = mlflow.sklearn.load_model("models:/loans@champion")
named = mlflow.MlflowClient().get_model_version_by_alias("loans", "champion").version
kinds = type(pipeline).__name__
print(json.dumps({"versions": found, "named": str(named), "answers": list(answers), "is": kinds}))
"""

OWN = """
from sklearn.linear_model import LogisticRegression

class Mine(LogisticRegression):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, ::-1]
"""
# Where neither Millrace nor the problem's folder can be found.
ANSWER = """
import importlib.util, json, sys
import mlflow, pandas as pd
assert not any(map(importlib.util.find_spec, ("shared", "problems")))
rows = pd.read_parquet(sys.argv[2])
answers = mlflow.pyfunc.load_model(sys.argv[1]).predict(rows)
pipeline = mlflow.sklearn.load_model(sys.argv[1])
print(json.dumps([list(answers["probability"]), type(pipeline[-1]).__name__]))
"""


def venv(place: Path) -> Path:
    """Return the Python of a new environment."""
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    return place / "bin" / "python"


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has what this one has, and the tools."""
    place = tmp_path_factory.mktemp("tools") / "environment"
    python = venv(place)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    (site / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *TOOLS], check=True)
    return python


@pytest.fixture(scope="module")
def rows(bundle: Bundle) -> pd.DataFrame:
    """Return golden rows, whole, with gaps, and with a region that training never had."""
    golden = bundle.golden()[list(bundle.contract.features)]
    gaps = [golden.assign(**{name: None}) for name in ("income", "guarantee")]
    return pd.concat([golden, *gaps, golden.assign(region="mars")], ignore_index=True)


def ran(python: Path, folder: Path, *words: str, ok: bool = True) -> str:
    """Return what a command printed that sees this checkout, in a folder."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "METAFLOW_USER": "tester"}
    done = subprocess.run(
        [str(python), *words], env=env, cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    return done.stdout + ("" if ok else done.stderr)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def test_mlflow_serves_it_without_millrace_and_gives_the_same_answers(
    tools: Path, bundle: Bundle, rows: pd.DataFrame, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    printed = ran(
        tools, tmp_path, "-m", "shared.cli", "export", str(bundle.path), "--mlflow", str(folder)
    )
    mlflow = tools.with_name("mlflow")
    last = printed.splitlines()[-1]
    assert last == f"next: {mlflow} models serve -m {folder} --env-manager local"
    assert not [*folder.rglob("__pycache__")]
    assert len([each for each in folder.rglob("*") if each.is_file()]) < MOST_FILES
    clean = venv(tmp_path / "clean")
    install = [UV, "pip", "install", "--quiet", "--system-certs", "--python", str(clean), "-r"]
    subprocess.run([*install, str(folder / "requirements.txt")], check=True)
    env = {"PATH": f"{clean.parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    alone = subprocess.run([str(clean), "-c", "import shared"], env=env, cwd="/", check=False)
    assert alone.returncode != 0, "Millrace is installed where it should not be"
    port = free_port()
    serve = [str(clean.parent / "mlflow"), "models", "serve", "-m", str(folder), "-p", str(port)]
    serve += ["--env-manager", "local"]
    with (
        (tmp_path / "served.log").open("w") as said,
        processes.running(serve, env=env, cwd="/", own_group=True, stdout=said),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client,
    ):
        wait_until_it_answers(client)
        records = json_rows(rows, rows.columns)
        answer = client.post("/invocations", json={"dataframe_records": records})
        refused = client.post("/invocations", json={"dataframe_records": [{"age": "old"}]})
    answers = pd.DataFrame(answer.json()["predictions"])
    wanted = bundle.answers(bundle.scores(rows), rows)
    assert answers["prediction"].tolist() == wanted["prediction"].tolist()
    assert answers["probability"].tolist() == wanted["probability"].tolist()
    assert refused.status_code == 400
    assert "age: " in refused.text


def wait_until_it_answers(client: httpx.Client, path: str = "/ping") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if client.get(path).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("MLflow's server did not answer")


def test_a_model_of_the_teams_own_goes_with_its_code(
    tools: Path,
    table: pd.DataFrame,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team, folder = tmp_path / "team", tmp_path / "model"
    team.mkdir()
    (team / "models.py").write_text(OWN)
    monkeypatch.setenv(problems.VARIABLE, "")
    problems.make_importable("team_loans", team)
    mine = Candidate(name="mine", estimator="problems.team_loans.models.Mine")
    own = settings.model_copy(update={"name": "team_loans", "candidates": (mine,)})
    bundle = bundle_of(table, own, "mine", tmp_path / "bundle")
    command = ["-m", "shared.cli", "export", str(bundle.path), "--mlflow", str(folder)]
    monkeypatch.delenv(problems.VARIABLE)
    ran(tools, tmp_path, *command)
    shutil.rmtree(team)
    rows = bundle.golden()
    rows.to_parquet(tmp_path / "rows.parquet")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    words = [str(tools), "-c", ANSWER, str(folder), str(tmp_path / "rows.parquet")]
    said = subprocess.run(words, env=env, cwd="/", capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    answers, kind = json.loads(said.stdout.splitlines()[-1])
    assert kind == "Mine"
    assert answers == rows["probability"].tolist()


@pytest.fixture(params=["database", "server"])
def registry_uri(request: pytest.FixtureRequest, tools: Path, tmp_path: Path) -> Iterator[str]:
    """Return the address of a registry: its database, or a server that has and keeps the files."""
    database = f"sqlite:///{tmp_path}/registry.db"
    if request.param == "database":
        yield database
        return
    port = free_port()
    serve = [
        str(tools),
        "-m",
        "mlflow",
        "server",
        "--backend-store-uri",
        database,
        "--port",
        f"{port}",
    ]
    serve += ["--workers", "1", "--artifacts-destination", str(tmp_path / "kept")]
    uri = f"http://127.0.0.1:{port}"
    with (
        (tmp_path / "server.log").open("w") as said,
        processes.running(
            serve, env=os.environ | QUIET, cwd=str(tmp_path), own_group=True, stdout=said
        ),
        httpx.Client(base_url=uri, timeout=60, trust_env=False) as client,
    ):
        wait_until_it_answers(client, "/health")
        yield uri


def test_the_alias_of_the_registry_follows_and_no_bundle_is_there_twice(
    tools: Path,
    bundle: Bundle,
    other_bundle: Bundle,
    table: pd.DataFrame,
    registry_uri: str,
    tmp_path: Path,
) -> None:
    code, file = tmp_path / "code.py", tmp_path / "rows"
    code.write_text(REGISTER)
    table.to_parquet(file)
    folders = [str(each.path) for each in (bundle, other_bundle, bundle)]
    words = [str(code), registry_uri, str(file), *folders]
    found = json.loads(ran(tools, tmp_path, *words).splitlines()[-1])
    assert found["versions"] == ["1", "2", "1"]
    assert (found["named"], found["is"]) == ("1", "Pipeline")
    assert found["answers"] == bundle.scores(table).tolist()


def test_a_graph_is_written_where_each_part_converts_and_else_names_the_part(
    tools: Path, bundle: Bundle, table: pd.DataFrame, settings: Settings, tmp_path: Path
) -> None:
    command = ["-m", "shared.cli", "export"]
    graph = tmp_path / "graph.onnx"
    said = ran(tools, tmp_path, *command, str(bundle.path), "--onnx", str(graph), ok=False)
    assert said.startswith("Error: skl2onnx cannot convert HistGradientBoostingClassifier (")
    assert not graph.exists()

    contract, known = infer_contract(table, settings), table[table["defaulted"].notna()]
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["region", "guarantee"]),
        (SimpleImputer(), ["income", "age"]),
        ("passthrough", ["employed"]),
    )
    inputs = model_input(known, contract)
    model = make_pipeline(columns, LogisticRegression(max_iter=2_000))
    skops.io.dump(model.fit(inputs, known["defaulted"].astype(bool)), tmp_path / "own.skops")
    given = with_given(settings, str(tmp_path / "own.skops"))
    own = bundle_of(table, given, given.candidates[0].name, tmp_path / "own", contract)
    said = ran(tools, tmp_path, *command, str(own.path), "--onnx", str(graph))
    assert 0 <= float(said.split("up to ")[1].split()[0]) < 1e-6
    assert graph.stat().st_size > 500
