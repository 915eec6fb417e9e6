"""Which run a file belongs to, and which blobs a run refers to."""

from pathlib import Path

from shared.pruning import flow_files
from shared.pruning.stores import LocalStore
from tests.pruning.trees import ALONE, CODE, OLD, SHARED, UNNAMED, YOUNG, grow


def test_each_file_belongs_to_a_run_to_its_cards_or_to_a_blob(tmp_path: Path) -> None:
    files = flow_files.read(LocalStore(grow(tmp_path)), "TrainFlow")
    assert {run: len(found) for run, found in files.runs.items()} == {"1": 3, "2": 2}
    assert {run: len(found) for run, found in files.cards.items()} == {"1": 1, "2": 1}
    blobs = {digest: sum(one.bytes for one in found) for digest, found in files.blobs.items()}
    assert blobs == dict.fromkeys((SHARED, ALONE, YOUNG, CODE, UNNAMED), 7)
    assert (files.written("1"), files.written("3")) == (OLD, None)


def test_a_run_refers_to_its_artifacts_and_its_code(tmp_path: Path) -> None:
    store = LocalStore(grow(tmp_path))
    files = flow_files.read(store, "TrainFlow")
    assert flow_files.references(store, files, ["1"]) == {SHARED, ALONE, YOUNG, CODE}
    assert flow_files.references(store, files, ["2"]) == {SHARED}
