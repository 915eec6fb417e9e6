"""A real history after it was pruned: what stands reads as before, what went is gone."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared.lineage import bundles, reviews, run_history
from shared.log.prediction_log import PredictionLog
from shared.model.decision import Standing
from shared.pruning import plan as plans
from shared.pruning import removal, stores
from tests.commands import said
from tests.conftest import ROOT, House
from tests.flows.test_train import card_text
from tests.log.loans import answered
from tests.serving.processes import clean

pytestmark = [pytest.mark.flow, pytest.mark.long]
KEEP = timedelta(days=90)


@dataclass(frozen=True)
class Pruned:
    """A house after its pruning: its runs and what stood before, and what was told of it.

    `trained` are the training runs of the champion, of nobody, of the tag `keep`, and the newest.
    """

    house: House
    trained: tuple[str, ...]
    standing: Standing
    freed: set[tuple[str, str]]
    notes: list[str]


@pytest.fixture(scope="module")
def pruned(approved_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pruned]:
    """Judge a model thrice more in a copy of the approved house; prune in 100 days."""
    own = approved_house.copied(tmp_path_factory.mktemp("pruned"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(own.folder)
        # Metaflow remembers where it first looked.
        patch.setattr(LocalStorage, "datastore_root", None)
        standing = reviews.standing_decisions("loans")
        champions = bundles.packaged("loans", str(standing.champion)).training_run
        again = [judged_again(own, champions, *tag) for tag in ((), ("--tag", "keep"), ())]
        yield prune_later(own, (champions, *again), standing)


def judged_again(house: House, run: str, *words: str) -> str:
    """Resume a training run at its last step; returns the pathspec of the new run."""
    command = [sys.executable, str(ROOT / "flows" / "train.py"), "resume", "evaluate", *words]
    command += ["--origin-run-id", run.partition("/")[2]]
    done = subprocess.run(command, cwd=house.folder, env=clean(), capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()
    return next(run_history.runs("TrainFlow", "loans")).pathspec


def prune_later(own: House, trained: tuple[str, ...], standing: Standing) -> Pruned:
    now, before = datetime.now(UTC) + timedelta(days=100), runs()
    champion = bundles.champion("loans")
    assert champion is not None
    log = PredictionLog("loans", champion.contract)
    old, young = (
        answered(n, logged_at=now - timedelta(days=days)) for n, days in ((1, 95), (2, 5))
    )
    log.predictions.append([old, young])
    plan = plans.plan("loans", KEEP, stores.stores(), now)
    freed = {(amount.where, amount.kind) for amount in plan.amounts()}
    assert runs() == before
    steps: list[int] = []
    notes = removal.carry_out(plan, steps.append, now)
    assert sum(steps) == removal.steps(plan)
    assert log.predictions.count(["p1", "p2"])[0] == 1
    log.close()
    return Pruned(own, trained, standing, freed, notes)


def runs() -> list[str]:
    """Return the problem's training runs, the oldest first."""
    found = [run for run in run_history.all_runs("TrainFlow") if "project:loans" in run.tags]
    return [run.pathspec for run in reversed(found)]


def test_only_runs_go_that_nothing_needs(pruned: Pruned) -> None:
    champions, nobodys, tagged, newest = pruned.trained
    assert [run for run in runs() if run in pruned.trained] == [champions, tagged, newest]
    assert run_history.run_named(nobodys) is None
    wanted = {("TrainFlow", kind) for kind in ("runs", "artifacts", "cards")}
    assert pruned.freed >= {*wanted, ("log", "predictions")}
    assert pruned.notes == []


def test_the_decisions_replay_and_the_champion_opens_without_its_unpacked_copy(
    pruned: Pruned, tmp_path, monkeypatch
) -> None:
    assert reviews.standing_decisions("loans") == pruned.standing
    folder = tmp_path / "bundle"
    digest = str(pruned.standing.champion)
    monkeypatch.setattr("shared.model.files.bundle_cache.CACHE", tmp_path / "empty")
    assert bundles.packaged("loans", digest).bundle.digest == digest
    words = ["unpack", digest, str(folder), "--problem", "loans"]
    assert digest in said(pruned.house.folder, *words)


def test_each_artifact_and_card_of_the_runs_that_stay_is_read(pruned: Pruned) -> None:
    for pathspec in runs():
        run = run_history.run_named(pathspec)
        assert run is not None
        artifacts = [artifact for step in run for task in step for artifact in task]
        assert len(artifacts) > 50
        for artifact in artifacts:
            sha = artifact.sha
            assert (pruned.house.folder / f".metaflow/TrainFlow/data/{sha[:2]}/{sha}").is_file()
        assert run["evaluate"].task["evaluation"].data["passed"]
        assert card_text(run, "evaluate")


def test_another_pruning_finds_nothing_more(pruned: Pruned) -> None:
    now = datetime.now(UTC) + timedelta(days=100)
    assert plans.plan("loans", KEEP, stores.stores(), now).amounts() == []


def test_the_command_finds_nothing_that_is_older_today(pruned: Pruned) -> None:
    before = runs()
    shown = said(pruned.house.folder, "prune", "--keep", "90d", "--problem", "loans", "--yes")
    assert "nothing is to be removed" in shown
    assert runs() == before
