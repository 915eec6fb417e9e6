"""A small problem with every trait that bites: trained, packaged and approved once a session."""

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import hypothesis
import numpy as np
import pandas as pd
import pytest
from metaflow.plugins.datastores.local_storage import LocalStorage
from xdist.scheduler import LoadScopeScheduling

from shared.lineage import run_history
from shared.model.bundle import Bundle
from shared.packaging import build
from shared.runs.comparing.sides import Side
from shared.schema.contract import Contract
from shared.schema.inference import infer_contract
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from shared.tasks.choice import task_of
from shared.training import history_baseline, judgement, splits
from shared.training.fitting import candidates
from tests import postgres as server
from tests.postgres import Postgres
from tests.runs.runs import side, trained

ROOT = Path(__file__).parent.parent
FLIGHTS = ROOT / "flows" / "problems" / "flights" / "problem.toml"
# What takes the longest outside the house; and what trains anew in it, for a champion of others.
LONGEST, LAST_AT_HOUSE = (ROOT / "tests" / at for at in ("test_readme.py", "cli/test_watching.py"))
# How long an example takes is the machine's, and says nothing of the code.
hypothesis.settings.register_profile("millrace", deadline=None)
hypothesis.settings.load_profile("millrace")
# Where a shell runs them in the background they were told to ignore interrupts, and so would be the
# servers that they start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Runs count in the branch of who made them: in these tests, that of who runs them.
for name in ("METAFLOW_USER", "METAFLOW_OWNER", "MILLRACE_BRANCH", "MILLRACE_PROBLEM"):
    os.environ.pop(name, None)

LOANS = """
name = "loans"
source = "{source}"
key = "loan"
time = "applied"
target = "defaulted"
features = ["income", "age", "region", "employed", "guarantee"]
slices = ["region"]
baseline = ["region"]
seed = 7

[[candidates]]
name = "logistic"
estimator = "sklearn.linear_model.LogisticRegression"
params = {{ max_iter = 500 }}

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingClassifier"
preprocessing = "tree"
params = {{ max_iter = 30 }}

[[candidates]]
name = "broken"
estimator = "sklearn.linear_model.NoSuchModel"

[package]
golden_rows = 50

[monitor]
minimum_outcomes = 50

[contract]
age = {{ minimum = 18, maximum = 120 }}
income = {{ minimum = 0, nullable = true }}
"""


def loans(rows: int = 3_000, seed: int = 0) -> pd.DataFrame:
    """Return applications over 90 days: texts, numbers, gaps, and outcomes of which some miss."""
    rng = np.random.default_rng(seed)
    income = rng.lognormal(10, 0.5, rows)
    age = rng.integers(18, 80, rows)
    region = rng.choice(["north", "south", "east"], rows, p=[0.5, 0.4, 0.1])
    risk = 1.2 * (income < 20_000) + 0.8 * (region == "south") - 0.02 * (age - 40) - 1
    defaulted = (rng.random(rows) < 1 / (1 + np.exp(-risk))).astype(float)
    defaulted[rng.random(rows) < 0.02] = np.nan
    income[rng.random(rows) < 0.05] = np.nan
    minutes = np.sort(rng.integers(0, 90 * 24 * 60, rows))
    return pd.DataFrame(
        {
            "loan": [f"L{seed}-{i:06d}" for i in range(rows)],
            "applied": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(minutes, unit="min"),
            "income": income,
            "age": age,
            "region": region,
            "employed": rng.random(rows) < 0.9,
            "guarantee": np.where(rng.random(rows) < 0.3, "house", None),
            "defaulted": defaulted,
        }
    )


@dataclass(frozen=True)
class House:
    """A folder in which the loans' flows ran: its settings file and how to run more of them."""

    folder: Path
    settings: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(
        self, flow: str, *words: str, ok: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a flow's command as a user would from this folder; its output is kept."""
        command = [sys.executable, str(ROOT / "flows" / f"{flow}.py")]
        command += ["--config", "settings", str(self.settings), *words]
        env = {k: v for k, v in os.environ.items() if not k.startswith(("METAFLOW", "MILLRACE"))}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=env | {"MILLRACE_REVIEWER": "Ada Tester"} | self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if ok:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def copied(self, folder: Path) -> "House":
        """Return a house with the same runs, whose artifacts lie in its own folder."""
        shutil.copytree(self.folder / ".metaflow", folder / ".metaflow")
        for fact in folder.glob(".metaflow/*/*/*/*/_meta/*_artifact_*.json"):
            fact.write_text(fact.read_text().replace(str(self.folder), str(folder)))
        return House(folder, self.settings, self.environment)


@functools.cache
def in_the_house(module: Path) -> bool:
    """Return whether a module's tests stand in the house after its runs."""
    return bool(re.search(r"\b(trained|packaged|approved)_house\b", module.read_text()))


class OneHouse(LoadScopeScheduling):
    """Give a module's tests to one worker, and to one all that need the house's runs, made once."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", maxsplit=1)[0]
        return "house" if in_the_house(ROOT / module) else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneHouse:
    return OneHouse(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, so that no worker is left alone with it at the end."""
    slow = {item.path for item in items if item.get_closest_marker("flow")}
    house = {path for path in slow if in_the_house(path)}
    items.sort(
        key=lambda item: (
            item.path not in house,
            item.path == LAST_AT_HOUSE,
            item.path != LONGEST,
            item.path not in slow,
        )
    )


@pytest.fixture(autouse=True)
def _no_problem_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test's children take the problem that an earlier test has read for the named one."""
    for name in ("MILLRACE_PROBLEM", "MILLRACE_TRUST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return an empty house with the loans' table and settings."""
    folder = tmp_path_factory.mktemp("house")
    loans().to_parquet(folder / "loans.parquet", index=False)
    settings = folder / "loans.toml"
    settings.write_text(LOANS.format(source=folder / "loans.parquet"))
    return House(folder, settings)


@pytest.fixture
def at_house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Stand in the house's folder, so that the client reads its runs."""
    monkeypatch.chdir(house.folder)
    return house


@pytest.fixture(scope="session")
def trained_house(house: House) -> House:
    """Return the house after one TrainFlow run."""
    house.run("train", "run")
    return house


@pytest.fixture(scope="session")
def packaged_house(trained_house: House) -> House:
    """Return the house after one PackageFlow run, verified in a clean environment."""
    trained_house.run("package", "run")
    return trained_house


@pytest.fixture(scope="session")
def approved_house(packaged_house: House) -> House:
    """Return the house after the bundle was approved."""
    digest = latest_digest(packaged_house)
    words = ["--bundle", digest, "--decision", "approve", "--reason", "it passed"]
    packaged_house.run("review", "run", *words)
    return packaged_house


@pytest.fixture(scope="session")
def strict(trained_house: House) -> House:
    """Return the house with settings that no model can pass, after one run of the quickest."""
    text = trained_house.settings.read_text().replace('name = "loans"', 'name = "strict"', 1)
    settings = trained_house.folder / "strict.toml"
    settings.write_text(quickest(text) + "\n[gates]\nminimum = { roc_auc = 0.99 }\n")
    strict = House(trained_house.folder, settings)
    strict.run("train", "run")
    return strict


def quickest(settings: str) -> str:
    """Return the loans' settings with one candidate, where any will do."""
    return re.sub(r'\[\[candidates]]\nname = "(boosting|broken)"[^[]*', "", settings)


def latest_digest(house: House, problem: str = "loans") -> str:
    """Return the digest of the house's newest bundle."""
    # Metaflow's client remembers where it found its first runs: those of another test's folder.
    found_runs = mock.patch.object(LocalStorage, "datastore_root", None)
    with found_runs, contextlib.chdir(house.folder):
        return next(run_history.runs("PackageFlow", problem))["build"].task["digest"].data


@pytest.fixture(scope="session")
def settings(house: House) -> Settings:
    return typed_settings(parse_settings(house.settings.read_text()))


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    return loans()


@pytest.fixture(scope="session")
def bundle(
    settings: Settings, table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """Return a bundle of the loans, made in this process without a flow."""
    return bundle_of(table, settings, "boosting", tmp_path_factory.mktemp("bundles") / "loans")


def bundle_of(
    table: pd.DataFrame,
    settings: Settings,
    candidate: str,
    folder: Path,
    contract: Contract | None = None,
) -> Bundle:
    """Return a bundle of a table's rows within the split, made in this process without a flow."""
    contract = contract or infer_contract(table, settings)
    parts = splits.by_time(table, task_of(contract), settings)
    chosen = candidates.fit_and_score(candidate, parts, contract, settings)
    model = candidates.refit(candidate, parts, contract, settings)
    history = splits.within(table, settings)
    judged = judgement.judge(model, chosen, parts, history, contract, None, settings)
    learnt = model, chosen["rule"], history, contract, settings
    trained = SimpleNamespace(
        model=model,
        contract=contract,
        baseline=history_baseline.learn_baseline(*learnt),
        **vars(judged),
    )
    return build.build(folder, settings, trained, {"training run": "TrainFlow/0"})


@pytest.fixture(scope="session")
def other_bundle(
    settings: Settings, table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """Return another bundle of the same rows."""
    changed = settings.model_copy(update={"seed": 7})
    return bundle_of(table, changed, "logistic", tmp_path_factory.mktemp("other") / "bundle")


@pytest.fixture(scope="session")
def keyless(bundle: Bundle) -> Bundle:
    """Return the bundle as if its table had no key and no time of its own."""
    made = ("loan", "applied")
    columns = [
        column.model_copy(
            update={"made": True, "type": "text" if column.name == "loan" else "time"}
        )
        if column.name in made
        else column
        for column in bundle.contract.columns
    ]
    found = copy(bundle)
    vars(found)["contract"] = bundle.contract.model_copy(update={"columns": tuple(columns)})
    return found


@pytest.fixture
def two_sides(
    bundle: Bundle, other_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Side]:
    """Return two sides of the same rows, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    first = side("A", "TrainFlow/1", trained(bundle), "a" * 64)
    return [first, side("B", "TrainFlow/2", trained(other_bundle, rows=3_001), "b" * 64)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a PostgreSQL that runs until the session ends."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install -e .[postgres]")
    if server.binaries() is None:
        pytest.skip("PostgreSQL is not installed: no initdb on the PATH or in /usr/lib/postgresql")
    with server.running() as started:
        yield started
