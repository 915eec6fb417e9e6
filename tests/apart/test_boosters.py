"""LightGBM, XGBoost and CatBoost, each installed for itself, go the whole way by make."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from shared import processes
from tests.conftest import ROOT, loans
from tests.flows.test_kinds import environment

TOML = """
name = "boosted"
source = "./loans"
key = "loan"
time = "applied"
target = "defaulted"
features = ["income", "age", "region", "employed"]
baseline = ["region"]

[[candidates]]
name = "{library}"
estimator = "{estimator}"
preprocessing = "tree"
params = {params}

[gates]
beat_baseline = false

[contract]
region = {{ type = "category", nullable = true }}
"""
BOOSTERS = {
    "lightgbm": (
        "lightgbm.LGBMClassifier",
        "{ n_estimators = 30, early_stopping_round = 20, verbose = -1 }",
    ),
    "xgboost": ("xgboost.XGBClassifier", "{ n_estimators = 30, early_stopping_rounds = 20 }"),
    "catboost": (
        "catboost.CatBoostClassifier",
        "{ iterations = 30, verbose = false, allow_writing_files = false }",
    ),
}
# What it needs beside what Millrace has.
BESIDE = {"catboost": ["graphviz"], "xgboost": ["nvidia-nccl-cu12"]}
STRANGER = {"loan": "L1", "applied": "2024-05-01T12:00:00Z", "income": 20_000.0, "age": 41}


@pytest.mark.parametrize("library", BOOSTERS)
def test_it_is_trained_packaged_served_and_scores(library: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(site), library, *BESIDE.get(library, [])], check=True)
    estimator, params = BOOSTERS[library]
    problem = tmp_path / "problem.toml"
    (tmp_path / "loans").mkdir()
    loans(1_500).to_parquet(tmp_path / "loans" / "rows.parquet", index=False)
    problem.write_text(TOML.format(library=library, estimator=estimator, params=params))
    env = environment() | {"PYTHONPATH": str(site), "METAFLOW_USER": "tester"}

    refused = make(tmp_path, env, "check")
    trust = re.search(r"\[package\] (trust = \[.*\])", refused)
    assert trust, refused
    problem.write_text(f"{problem.read_text()}\n[package]\n{trust[1]}\n")
    assert "Makefile train PROBLEM=problem.toml\n" in make(tmp_path, env, "check")
    sampled = problem.read_text()
    problem.write_text(f"{sampled}\n[train]\nrows = 700\n")
    learns = f"{library} learns from all, in batches"
    assert (learns in make(tmp_path, env, "train")) is (library != "catboost")
    problem.write_text(sampled)
    make(tmp_path, env, "train")
    packaged = make(tmp_path, env, "package")
    digest = re.search(r"bundle ([0-9a-f]{64}) is verified", packaged)
    assert digest, packaged
    make(tmp_path, env, "review", f"BUNDLE={digest[1]}", "DECISION=approve", "REASON=it passed")
    assert "rows: " in make(tmp_path, env, "score")
    same = unseen_and_missing(tmp_path, env)
    assert same[0] == same[1], "an unseen category is not treated as a missing one"


def unseen_and_missing(folder: Path, env: dict[str, str]) -> list[float]:
    """Return the served probabilities of a row with an unseen region, and with none."""
    command = [str(Path(sys.executable).parent / "millrace"), "serve", "--port", "0"]
    rows = [{**STRANGER, "employed": True, "region": region} for region in ("mars", None)]
    with processes.serving([*command, "--problem", "problem.toml"], cwd=folder, env=env) as server:
        answers = httpx.post(f"{server.url}/predict", json=rows, trust_env=False).json()
    return [answer["probability"] for answer in answers]


def make(folder: Path, env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *words, "PROBLEM=problem.toml"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or words == ("check",), done.stdout + done.stderr
    return done.stdout + done.stderr
