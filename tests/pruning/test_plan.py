"""Which blobs go, and what a plan would free."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from shared.pruning import flow_files, plan
from shared.pruning.plan import Amount, FlowPlan
from shared.pruning.stores import LocalStore
from tests.pruning.trees import ALONE, CODE, NOW, OLD, grow


def planned(root: Path) -> FlowPlan:
    store = LocalStore(root)
    files = flow_files.read(store, "TrainFlow")
    return FlowPlan(store, files, ("1",), plan.unneeded_blobs(store, files, ("1",), NOW))


def test_a_blob_goes_that_is_old_and_that_no_other_run_refers_to(tmp_path: Path) -> None:
    assert planned(grow(tmp_path)).blobs == (ALONE, CODE)


def test_what_would_be_freed_is_told_by_kind(tmp_path: Path) -> None:
    runs, artifacts, cards = planned(grow(tmp_path)).amounts()
    assert (runs.where, runs.kind, runs.count) == ("TrainFlow", "runs", 1)
    assert artifacts == Amount("TrainFlow", "artifacts", 2, 14)
    assert cards == Amount("TrainFlow", "cards", 1, len("<html>"))


def unpack(digest: str, problem: str, manifest: str | None = None) -> None:
    folder = Path(".millrace") / "bundles" / digest
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(manifest or json.dumps({"name": problem}))
    os.utime(folder, (OLD.timestamp(), OLD.timestamp()))


def test_a_bundle_that_stands_is_young_or_another_problem_s_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan.unpacked_bundles("loans", set(), NOW) == {}
    unpack("champion", "loans")
    unpack("gone", "loans")
    unpack("other", "flights")
    unpack("broken", "loans", "no manifest")
    limit = OLD + timedelta(days=1)
    assert [f.name for f in plan.unpacked_bundles("loans", {"champion"}, limit)] == ["gone"]
    assert plan.unpacked_bundles("loans", {"champion"}, OLD) == {}
