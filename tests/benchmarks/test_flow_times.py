"""The wall time of each flow on the flights, beside the same fits by plain scikit-learn.

TrainFlow may take 1.5 times the plain script's time, and 15 seconds more.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from problems.flights import source

ROOT = Path(__file__).parent.parent.parent
PLAIN = """
import pathlib
from shared.schema.inference import infer_contract
from shared.settings import parse_settings, typed_settings
from shared.schema.contract import Contract
from shared.tasks.binary import Binary
from shared.model.inputs import model_input
from shared.training import estimators, splits
from sklearn.metrics import log_loss
settings = typed_settings(parse_settings(pathlib.Path({toml!r}).read_text()))
table = sources.read_source(settings.source)
contract = infer_contract(table, settings)
parts = splits.by_time(table, Binary(), settings)
import pandas as pd
losses = {{}}
for candidate in settings.candidates:
    model = estimators.fit(candidate, parts["train"], contract, settings.seed)
    chance = Binary().scores(model, model_input(parts["validation"], contract))
    losses[candidate.name] = log_loss(parts["validation"][settings.target], chance)
best = next(c for c in settings.candidates if c.name == min(losses, key=losses.get))
both = pd.concat([parts["train"], parts["validation"]])
model = estimators.fit(best, both, contract, settings.seed)
print(best.name, log_loss(parts["holdout"][settings.target],
      Binary().scores(model, model_input(parts["holdout"], contract))))
"""


def timed(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    env = os.environ | {"MILLRACE_REVIEWER": "Ada Tester"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.perf_counter() - started


@pytest.mark.timeout(1200)
def test_train_flow_beside_plain_scikit_learn(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    toml = str(ROOT / "flows" / "problems" / "flights" / "problem.toml")
    plain = [sys.executable, "-c", PLAIN.format(toml=toml)]
    flow = [sys.executable, str(ROOT / "flows" / "train.py"), "run"]
    pairs = [(timed(plain, tmp_path), timed(flow, tmp_path)) for _ in range(3)]
    package = timed([sys.executable, str(ROOT / "flows" / "package.py"), "run"], tmp_path)
    newest = "PackageFlow/" + (tmp_path / ".metaflow/PackageFlow/latest_run").read_text().strip()
    review = [sys.executable, str(ROOT / "flows" / "review.py"), "run", "--bundle", newest]
    review += ["--decision", "approve", "--reason", "timed"]
    decided = timed(review, tmp_path)
    table = source.table()
    week = table["scheduled"].between("2013-05-06", "2013-05-13", inclusive="left")
    table[week].to_parquet(tmp_path / "week.parquet")
    monitor = [sys.executable, str(ROOT / "flows" / "monitor.py"), "run"]
    judged = timed([*monitor, "--window", "week.parquet"], tmp_path)
    beyond = [flow_time - 1.5 * plain_time for plain_time, flow_time in pairs]
    with capsys.disabled():
        print("\nplain scikit-learn (s)  TrainFlow (s)  ratio")
        for plain_time, flow_time in pairs:
            print(f"{plain_time:22.1f} {flow_time:14.1f} {flow_time / plain_time:6.2f}")
        print(f"PackageFlow {package:.1f} s, ReviewFlow {decided:.1f} s, ", end="")
        print(f"MonitorFlow {judged:.1f} s on {week.sum():,} rows")
    assert sorted(beyond)[1] <= 15
