"""A table of 500 feature columns goes the whole way within five times the work of one of 50.

Work is the seconds of processors that each command takes with all that it starts, so that what else
the machine does counts for less. 20,000 rows of four months; every fifth column is a category.
"""

import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent.parent
MILLRACE = str(Path(sys.executable).parent / "millrace")
ROWS, DAYS = 20_000, 120
NARROW, WIDE, MOST_TIMES = 50, 500, 5
TOML = """
name = "{name}"
source = "{source}"
key = "id"
time = "at"
target = "y"
features = {features}

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
preprocessing = "tree"
params = {{ max_iter = 50 }}

[gates]
beat_baseline = false

[monitor]
window_days = 7
"""


@dataclass
class Worked:
    """What a command wrote, and the seconds of processors that it took."""

    text: str
    seconds: float


def work(folder: Path, *command: str, codes: tuple[int, ...] = (0,)) -> Worked:
    env = os.environ | {"MILLRACE_REVIEWER": "Ada Tester", "MILLRACE_PROBLEM": str(folder)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in codes, done.stdout + done.stderr
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Worked(done.stdout, seconds)


def flow(folder: Path, name: str, *words: str) -> Worked:
    config = ("--config", "settings", str(folder / "problem.toml"))
    return work(folder, sys.executable, str(ROOT / "flows" / f"{name}.py"), *config, "run", *words)


def table(columns: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    moments = pd.to_timedelta(np.sort(rng.uniform(0, DAYS * 86_400, ROWS)), unit="s")
    made = {"id": [f"K{at}" for at in range(ROWS)], "at": pd.Timestamp("2024", tz="UTC") + moments}
    for at in range(columns):
        number = rng.normal(size=ROWS).round(3)
        made[f"f{at:03d}"] = rng.choice(list("abcdef"), ROWS) if at % 5 == 4 else number
    odds = np.exp(made["f000"] - made["f001"] - 1)
    return pd.DataFrame(made | {"y": rng.random(ROWS) < odds / (1 + odds)})


def whole_way(columns: int, folder: Path) -> dict[str, float]:
    """Train, package, approve and judge a week's file, each as its command."""
    rows = table(columns)
    rows.to_parquet(folder / "rows.parquet")
    rows[rows["at"] >= rows["at"].max() - pd.Timedelta(days=7)].to_parquet(folder / "week.parquet")
    features = [name for name in rows if re.fullmatch(r"f\d+", name)]
    filled = {"name": folder.name, "source": folder / "rows.parquet", "features": features}
    (folder / "problem.toml").write_text(TOML.format(**filled))
    trained = flow(folder, "train")
    packaged = flow(folder, "package")
    digest = re.search(r"bundle ([0-9a-f]{64}) is verified", packaged.text)
    assert digest, packaged.text
    words = ("--bundle", digest[1], "--decision", "approve", "--reason", "measured")
    flow(folder, "review", *words)
    unpack = (MILLRACE, "unpack", digest[1], "bundle", "--problem", str(folder))
    work(folder, *unpack)
    words = ("--bundle", "bundle", "--window", "week.parquet")
    judged = work(folder, MILLRACE, "judge", *words, codes=(0, 1))
    parts = {"TrainFlow": trained, "PackageFlow": packaged, "millrace judge": judged}
    return {name: part.seconds for name, part in parts.items()}


@pytest.mark.timeout(3600)
def test_ten_times_the_columns_take_at_most_five_times_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for columns in (NARROW, WIDE):
        folder = tmp_path / f"wide{columns}"
        folder.mkdir()
        found[columns] = whole_way(columns, folder)
    times = {name: found[WIDE][name] / found[NARROW][name] for name in found[NARROW]}
    with capsys.disabled():
        print(f"\nCPU seconds      {NARROW:>5} columns {WIDE:>6} columns   ratio")
        for name, ratio in times.items():
            print(f"{name:<16} {found[NARROW][name]:13.1f} {found[WIDE][name]:14.1f} {ratio:7.2f}")
    assert all(ratio <= MOST_TIMES for ratio in times.values())
