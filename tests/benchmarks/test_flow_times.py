"""The wall time of each flow on the flights, beside the same fits by plain scikit-learn.

TrainFlow may take 1.5 times the plain script's time, and 15 seconds more, for each kind of answer.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from problems.flights import source

ROOT = Path(__file__).parent.parent.parent
PAIRS = 3
PLAIN = """
import pandas as pd
from shared import problems
from shared.model.inputs import model_input
from shared.schema.inference import infer_contract
from shared.tables import sources
from shared.tasks.choice import task_of
from shared.training import splits
from shared.training.fitting import estimators
from sklearn.metrics import log_loss, root_mean_squared_error

settings = problems.load_problem()
table = sources.read_source(settings.source)
contract = infer_contract(table, settings)
parts = splits.by_time(table, task_of(contract), settings)


def loss(model, rows):
    inputs, target = model_input(rows, contract), rows[settings.target]
    if settings.kind == "regression":
        return root_mean_squared_error(target, model.predict(inputs))
    return log_loss(target, model.predict_proba(inputs), labels=model.classes_)


losses = {}
for candidate in settings.candidates:
    model = estimators.fit(candidate, parts["train"], contract, settings.seed)
    losses[candidate.name] = loss(model, parts["validation"])
best = next(c for c in settings.candidates if c.name == min(losses, key=losses.get))
both = pd.concat([parts["train"], parts["validation"]])
print(best.name, loss(estimators.fit(best, both, contract, settings.seed), parts["holdout"]))
"""


def timed(command: list[str], folder: Path, problem: str = "flights") -> tuple[float, float]:
    """Run a command; returns its seconds, and those of the CPU."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"MILLRACE_REVIEWER": "Ada Tester", "MILLRACE_PROBLEM": problem}
    env["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, ROOT / "flows")))
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu


def flow(name: str, *words: str) -> list[str]:
    return [sys.executable, str(ROOT / "flows" / f"{name}.py"), "run", *words]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("problem", ["flights", "delay", "fate"])
def test_train_flow_beside_plain_scikit_learn(
    problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = [sys.executable, "-c", PLAIN]
    pairs = [
        (timed(plain, tmp_path, problem), timed(flow("train"), tmp_path, problem))
        for _ in range(PAIRS)
    ]
    with capsys.disabled():
        print(f"\n{problem}: plain scikit-learn (s, of CPU)  TrainFlow (s, of CPU)  ratio")
        for (alone, alone_cpu), (whole, whole_cpu) in pairs:
            print(f"{alone:24.1f} {alone_cpu:8.1f} {whole:15.1f} {whole_cpu:7.1f}", end="")
            print(f" {whole / alone:7.2f}")
    assert sorted(whole - 1.5 * alone for (alone, _), (whole, _) in pairs)[PAIRS // 2] <= 15


@pytest.mark.timeout(1200)
def test_the_other_flows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timed(flow("train"), tmp_path)
    package, _ = timed(flow("package"), tmp_path)
    newest = "PackageFlow/" + (tmp_path / ".metaflow/PackageFlow/latest_run").read_text().strip()
    words = ["--bundle", newest, "--decision", "approve", "--reason", "timed"]
    decided, _ = timed(flow("review", *words), tmp_path)
    table = source.table()
    week = table["scheduled"].between("2013-05-06", "2013-05-13", inclusive="left")
    table[week].to_parquet(tmp_path / "week.parquet")
    judged, _ = timed(flow("monitor", "--window", "week.parquet"), tmp_path)
    with capsys.disabled():
        print(f"\nPackageFlow {package:.1f} s, ReviewFlow {decided:.1f} s, ", end="")
        print(f"MonitorFlow {judged:.1f} s on {week.sum():,} rows")
