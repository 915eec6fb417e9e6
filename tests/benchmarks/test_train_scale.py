"""TrainFlow on a Delta table of millions of rows and 20 columns, beside plain scikit-learn.

Both read the same table, split it by time, fit one boosting model on train, score validation, fit
it again on both and score the holdout, each in processes of its own. Plain scikit-learn has the
same two fits, and nothing else that TrainFlow does. TRAIN_MILLIONS says how many millions of rows;
left out, it is one, and the targets (6 GB, and 1.3 times the plain script) are meant for ten.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from deltalake import write_deltalake

ROOT = Path(__file__).parent.parent.parent
MILLIONS = float(os.environ.get("TRAIN_MILLIONS", "1"))
MOST_GIGABYTES, MOST_TIMES = 6.0, 1.3
PART = 500_000
LOOK_SECONDS = 0.02
NUMBERS = [f"number_{at}" for at in range(13)]
TEXTS = {"shop": 12, "product": 400, "channel": 5}
SETTINGS = """
name = "orders"
source = "{source}"
key = "order"
time = "at"
target = "returned"
features = {features}
baseline = ["shop"]
seed = 1

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
preprocessing = "tree"
params = {{ max_iter = 100, early_stopping = false }}

[gates]
beat_baseline = true
"""
PLAIN = """
import json, sys, time
import numpy as np
import pandas as pd
from deltalake import DeltaTable
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import OrdinalEncoder

address, numbers, texts = sys.argv[1], *map(json.loads, sys.argv[2:])
started = time.perf_counter()
def lap(words):
    print(f"  {words}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
rows = DeltaTable(address).to_pyarrow_table().to_pandas(self_destruct=True, split_blocks=True)
rows = rows.sort_values(["at", "order"], ignore_index=True)
lap("read")
first, second = rows["at"].iloc[[round(0.6 * len(rows)), round(0.8 * len(rows))]]
train, both = rows[rows["at"] < first], rows[rows["at"] < second]
validation, holdout = both[both["at"] >= first], rows[rows["at"] >= second]
del rows
def fitted(rows):
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = make_column_transformer((codes, texts), remainder="passthrough")
    boosting = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=1)
    return make_pipeline(columns, boosting).fit(rows[texts + numbers], rows["returned"])
def loss(model, rows):
    return log_loss(rows["returned"], model.predict_proba(rows[texts + numbers])[:, 1])
print(loss(fitted(train), validation))
lap("fitted on train")
print(loss(fitted(both), holdout))
lap("fitted on both")
"""


@dataclass
class Watched:
    """What a command took: seconds, of CPU, and the most memory of all its processes at once.

    `peaks` has the peak of each process by the step that it is of; all memory is in GB.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    together: float = 0.0
    peaks: dict[str, float] = field(default_factory=dict)
    cpus: dict[str, float] = field(default_factory=dict)
    said: str = ""


def write(address: Path, millions: float) -> None:
    """Write a table of so many rows over a year, in files of half a million."""
    rng = np.random.default_rng(0)
    total = round(millions * 1_000_000)
    for first in range(0, total, PART):
        rows = min(PART, total - first)
        found = {name: rng.normal(0, 1, rows) for name in NUMBERS}
        found["number_0"][rng.random(rows) < 0.05] = np.nan
        codes = {name: rng.integers(0, count, rows) for name, count in TEXTS.items()}
        risk = found["number_1"] + found["number_2"] * found["number_3"] + codes["shop"] / 6 - 2
        seconds = (first + np.arange(rows)) * (365 * 86_400 / total)
        whole = {"order": first + np.arange(rows), "visits": rng.integers(0, 90, rows)}
        texts = {name: pa.array([f"{name}-{n}" for n in code]) for name, code in codes.items()}
        table = pa.table(
            whole
            | {"at": pa.array((1.7e15 + seconds * 1e6).astype("int64"), pa.timestamp("us", "UTC"))}
            | {name: pa.array(values, from_pandas=True) for name, values in found.items()}
            | texts
            | {"returned": rng.random(rows) < 1 / (1 + np.exp(-risk))}
        )
        write_deltalake(str(address), table, mode="append")


def watched(command: list[str], folder: Path) -> Watched:
    """Run a command and look at all its processes until it ends."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("METAFLOW", "MILLRACE"))}
    env |= {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "flows")))}
    env |= {"METAFLOW_USER": "bench"}
    found, started = Watched(), time.perf_counter()
    output = folder / "output.txt"
    with output.open("w") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=said, stderr=subprocess.STDOUT
        )
        looking = threading.Thread(target=_look, args=(process, found))
        looking.start()
        _, _, usage = os.wait4(process.pid, 0)
        # The thread ends by it; a run that failed is found by what it said.
        process.returncode = 0
        looking.join()
    found.seconds, found.cpu = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    found.said = output.read_text()
    return found


def _look(process: subprocess.Popen[bytes], found: Watched) -> None:
    while process.returncode is None:
        together = 0.0
        for pid in _family(process.pid):
            try:
                together += _measure(pid, found)
            except (OSError, KeyError, IndexError):
                continue  # It has ended meanwhile.
        found.together = max(found.together, together)
        time.sleep(LOOK_SECONDS)


def _measure(pid: int, found: Watched) -> float:
    """Note a process's peak and CPU seconds; returns the memory that is its own, in GB."""
    place = Path(f"/proc/{pid}")
    lines = (line.split(":") for line in (place / "status").read_text().splitlines())
    status = {name: value.split() for name, value in lines}
    words = (place / "cmdline").read_text().split("\0")
    name = next((words[at + 1] for at, word in enumerate(words) if word == "step"), "the run")
    ticks = (place / "stat").read_text().rpartition(")")[2].split()
    cpu = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    found.peaks[name] = max(found.peaks.get(name, 0), _gigabytes(status["VmHWM"]))
    found.cpus[name] = max(found.cpus.get(name, 0), cpu)
    return _gigabytes(status["RssAnon"])


def _gigabytes(kilobytes: list[str]) -> float:
    return int(kilobytes[0]) * 1_024 / 1e9


def _family(pid: int) -> list[int]:
    """Return a process and all that came of it."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def plain(address: Path) -> list[str]:
    numbers, texts = json.dumps([*NUMBERS, "visits"]), json.dumps([*TEXTS])
    return [sys.executable, "-c", PLAIN, str(address), numbers, texts]


def train(folder: Path, address: Path) -> list[str]:
    settings = folder / "orders.toml"
    features = [*TEXTS, *NUMBERS, "visits"]
    settings.write_text(SETTINGS.format(source=address, features=features))
    flow = [sys.executable, str(ROOT / "flows/train.py")]
    return [*flow, "--config", "settings", str(settings), "run"]


def show(name: str, found: Watched) -> None:
    print(f"{name:<24}{found.seconds:>8.1f} s{found.cpu:>8.1f} s of CPU{found.together:>7.2f} GB")
    for step, peak in found.peaks.items():
        print(f"  {step:<22}{found.cpus[step]:>18.1f} s of CPU{peak:>7.2f} GB")


@pytest.mark.timeout(7_200)
def test_training_takes_hardly_more_than_the_same_fits_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "orders", MILLIONS)
    alone = watched(plain(tmp_path / "orders"), tmp_path)
    whole = watched(train(tmp_path, tmp_path / "orders"), tmp_path)
    with capsys.disabled():
        print(f"\n{MILLIONS:g} million rows of 20 columns; the targets are of ten million")
        show("plain scikit-learn", alone)
        print(alone.said, end="")
        show("TrainFlow", whole)
    assert "boosting is chosen" in whole.said, whole.said
    assert "fitted on both" in alone.said, alone.said
    assert whole.together <= MOST_GIGABYTES
    assert whole.together <= MOST_TIMES * alone.together
    assert whole.cpu <= MOST_TIMES * alone.cpu
