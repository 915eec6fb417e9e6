"""Which blobs go, and what a plan would free."""

from pathlib import Path

from shared.pruning import flow_files, plan
from shared.pruning.plan import Amount, FlowPlan
from shared.pruning.stores import LocalStore
from tests.pruning.trees import ALONE, CODE, NOW, grow


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
