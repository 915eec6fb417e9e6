"""A problem folder outside the checkout, with its own source and model, goes the whole way."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from shared import processes
from tests.conftest import ROOT, loans

TOML = """
name = "own_loans"
source = "source:table"
key = "loan"
time = "applied"
target = "defaulted"
features = ["income", "region"]
baseline = ["region"]

[[candidates]]
name = "cautious"
estimator = "models.Cautious"

[package]
golden_rows = 20
"""
SOURCE = """
import pandas as pd


def table():
    return pd.read_parquet("{file}")
"""
MODELS = """
from sklearn.linear_model import LogisticRegression

from problems.own_loans.limits import LEAST


class Cautious(LogisticRegression):
    def predict_proba(self, X):
        return super().predict_proba(X).clip(LEAST, 1 - LEAST)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a problem's folder whose name is not the problem's."""
    place = tmp_path_factory.mktemp("team") / "credit"
    place.mkdir()
    loans().to_parquet(place / "loans.parquet", index=False)
    (place / "problem.toml").write_text(TOML)
    (place / "source.py").write_text(SOURCE.format(file=place / "loans.parquet"))
    (place / "models.py").write_text(MODELS)
    (place / "limits.py").write_text("LEAST = 0.02\n")
    return place


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which everything is run, which is neither's."""
    return tmp_path_factory.mktemp("elsewhere")


# What a session, or the `make` that runs the tests, has set.
SET_BY_OTHERS = ("METAFLOW", "MILLRACE", "ARGS", "MAKE", "MFLAGS")


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(SET_BY_OTHERS)}
    binaries = Path(sys.executable).parent
    # The set-up is this environment.
    flags = f"READY={ROOT / 'Makefile'} BIN={binaries}"
    return kept | {"MAKEFLAGS": flags, "MILLRACE_REVIEWER": "Ada Tester"}


def make(home: Path, *words: str) -> str:
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *words],
        cwd=home,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.flow
def test_it_is_trained_packaged_and_served_from_another_folder(folder: Path, home: Path) -> None:
    problem = f"PROBLEM={folder}"
    make(home, "train", problem)
    packaged = make(home, "package", problem)
    digest = re.search(r"bundle ([0-9a-f]{64}) is verified", packaged)
    assert digest, packaged
    make(home, "review", problem, f"BUNDLE={digest[1]}", "DECISION=approve", "REASON=it passed")
    row = {"loan": "L1", "applied": "2024-05-01T12:00:00Z", "income": 1e12, "region": "south"}
    command = [str(Path(sys.executable).parent / "millrace"), "serve", "--port", "0"]
    with processes.serving(
        [*command, "--problem", str(folder)], cwd=home, env=environment()
    ) as server:
        answer = httpx.post(f"{server.url}/predict", json=row, trust_env=False).json()
    # No answer of the team's own model is below it.
    assert answer["probability"] == 0.02
    assert answer["bundle"] == digest[1]
    assert (home / ".millrace" / "own_loans.db").is_file()
