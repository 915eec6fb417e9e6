"""Blobs are removed, unless a run needs them that began meanwhile."""

import json
from pathlib import Path

import pytest

from shared.pruning import removal, stores
from tests.pruning.test_plan import planned
from tests.pruning.trees import ALONE, CODE, NOW, SHARED, grow, names, write


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand beside a hand-made datastore, in which the client knows no run."""
    monkeypatch.chdir(tmp_path)
    return grow(tmp_path / ".metaflow")


def blobs(root: Path) -> set[str]:
    return {Path(name).name[:40] for name in names(root) if "/data/" in name}


def test_the_blobs_of_a_removed_run_alone_are_removed(root: Path) -> None:
    before = blobs(root)
    assert removal.remove_blobs(planned(root), NOW) == []
    assert before - blobs(root) == {ALONE, CODE}
    assert not [name for name in names(root) if name.endswith(stores.ASIDE)]


def test_a_blob_that_a_run_refers_to_by_now_is_put_back(root: Path) -> None:
    plan, before = planned(root), names(root)
    content = json.dumps({"objects": {"model": ALONE}}).encode()
    write(root, "TrainFlow/3/fit/1/0.data.json", content, NOW)
    assert removal.remove_blobs(plan, NOW) == []
    gone = {Path(name).name for name in before - names(root)}
    assert gone == {CODE, f"{CODE}_meta"}


def test_what_cannot_be_read_again_removes_nothing(root: Path) -> None:
    plan, before = planned(root), names(root)
    write(root, "TrainFlow/3/fit/1/0.data.json", b"broken", NOW)
    with pytest.raises(json.JSONDecodeError):
        removal.remove_blobs(plan, NOW)
    assert before <= names(root)


def test_what_a_killed_pruning_left_aside_is_put_back_first(root: Path) -> None:
    plan = planned(root)
    plan.store.set_aside(f"TrainFlow/data/aa/{SHARED}")
    removal.remove_blobs(plan, NOW)
    assert SHARED in blobs(root)
    assert f"TrainFlow/data/aa/{SHARED}" in names(root)
