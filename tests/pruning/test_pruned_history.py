"""A real history after it was pruned: what stands reads as before, what went is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from shared import lineage
from shared.log.prediction_log import PredictionLog
from shared.model.decision import Standing
from shared.pruning import plan as plans
from shared.pruning import removal, stores
from tests.conftest import House, latest_digest, quickest
from tests.flows.test_train import card_text
from tests.log.loans import answered
from tests.serving.processes import said

pytestmark = pytest.mark.flow
KEEP = timedelta(days=90)


@dataclass(frozen=True)
class Pruned:
    """A house after its pruning: the runs and what stood before, and what was told of it."""

    house: House
    runs: list[str]
    standing: Standing
    freed: set[tuple[str, str]]
    notes: list[str]


@pytest.fixture(scope="module")
def pruned(house: House) -> Iterator[Pruned]:
    """Train four times, approve what came of the second and tag the third; prune in 100 days."""
    file = house.folder / "pruned.toml"
    text = house.settings.read_text().replace('name = "loans"', 'name = "pruned"', 1)
    file.write_text(quickest(text))
    own = House(house.folder, file)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(house.folder)
        own.run("train", "run")
        own.run("train", "run")
        own.run("package", "run")
        words = ["--bundle", latest_digest(own, "pruned"), "--decision", "approve"]
        own.run("review", "run", *words, "--reason", "it passed")
        own.run("train", "run", "--tag", "keep")
        own.run("train", "run")
        own.run("train", "run")
        before = runs()
        yield prune_later(own, before)


def prune_later(own: House, before: list[str]) -> Pruned:
    now = datetime.now(UTC) + timedelta(days=100)
    champion = lineage.champion("pruned")
    assert champion is not None
    log = PredictionLog("pruned", champion.contract)
    old, young = (
        answered(n, logged_at=now - timedelta(days=days)) for n, days in ((1, 95), (2, 5))
    )
    log.predictions.append([old, young])
    standing = lineage.standing_decisions("pruned")
    plan = plans.plan("pruned", KEEP, stores.stores(), now)
    freed = {(amount.where, amount.kind) for amount in plan.amounts()}
    assert runs() == before
    steps: list[int] = []
    notes = removal.carry_out(plan, steps.append, now)
    assert sum(steps) == removal.steps(plan)
    assert log.predictions.count(["p1", "p2"])[0] == 1
    log.close()
    return Pruned(own, before, standing, freed, notes)


def runs() -> list[str]:
    """Return the problem's training runs, the oldest first."""
    found = [run for run in lineage.all_runs("TrainFlow") if "project:pruned" in run.tags]
    return [run.pathspec for run in reversed(found)]


def test_only_runs_go_that_nothing_needs(pruned: Pruned) -> None:
    first, champions, tagged, _, newest = pruned.runs
    assert runs() == [champions, tagged, newest]
    assert lineage.run_named(first) is None
    wanted = {("TrainFlow", kind) for kind in ("runs", "artifacts", "cards")}
    assert pruned.freed == {*wanted, ("log", "predictions")}
    assert pruned.notes == []


def test_the_decisions_replay_and_the_champion_opens_without_its_unpacked_copy(
    pruned: Pruned, tmp_path, monkeypatch
) -> None:
    assert lineage.standing_decisions("pruned") == pruned.standing
    folder = tmp_path / "bundle"
    digest = str(pruned.standing.champion)
    monkeypatch.setattr("shared.model.bundle_cache.CACHE", tmp_path / "empty")
    assert lineage.packaged("pruned", digest).bundle.digest == digest
    words = ["unpack", digest, str(folder), "--problem", "pruned"]
    assert digest in said(pruned.house.folder, *words)


def test_each_artifact_and_card_of_the_runs_that_stay_is_read(pruned: Pruned) -> None:
    for pathspec in runs():
        run = lineage.run_named(pathspec)
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
    assert plans.plan("pruned", KEEP, stores.stores(), now).amounts() == []


def test_the_command_finds_nothing_that_is_older_today(pruned: Pruned) -> None:
    before = runs()
    shown = said(pruned.house.folder, "prune", "--keep", "90d", "--problem", "pruned", "--yes")
    assert "nothing is to be removed" in shown
    assert runs() == before
