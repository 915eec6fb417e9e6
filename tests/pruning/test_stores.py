"""A store lists, reads and removes: a folder, and a bucket of an S3 server on this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.pruning import flow_files, plan
from shared.pruning.stores import LocalStore, S3Store, Store
from tests.pruning import trees
from tests.pruning.trees import ALONE, CODE, NOW, YOUNG


@pytest.fixture
def client() -> Iterator[Any]:
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed: pip install -e .[cloud]")
    moto = pytest.importorskip("moto", reason="moto is not installed")
    with moto.mock_aws():
        made = boto3.client("s3", region_name="us-east-1")
        made.create_bucket(Bucket="lake")
        yield made


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Return a store with the hand-made files."""
    if request.param == "folder":
        return LocalStore(trees.grow(tmp_path))
    client = request.getfixturevalue("client")
    for path, content in trees.paths().items():
        client.put_object(Bucket="lake", Key=f"runs/{path}", Body=content)
    # Of another flow whose name begins alike.
    client.put_object(Bucket="lake", Key="runs/TrainFlowTwo/1/fit/1/0.data.json", Body=b"{}")
    return S3Store("s3://lake/runs/", client)


def paths(store: Store) -> set[str]:
    return {stored.path for stored in store.files("TrainFlow")}


def test_a_store_lists_and_reads_a_flow(store: Store) -> None:
    assert paths(store) == set(trees.paths())
    path = "TrainFlow/1/fit/7/0.data.json"
    assert store.read(path) == trees.paths()[path]


def test_a_store_removes_what_it_is_given_and_nothing_else(store: Store) -> None:
    wanted = [path for path in trees.paths() if path.startswith("TrainFlow/1/")]
    store.remove([*wanted, "TrainFlow/9/gone"])
    assert paths(store) == set(trees.paths()) - set(wanted)
    store.remove(())


def test_the_same_blobs_go_wherever_they_lie(store: Store) -> None:
    files = flow_files.read(store, "TrainFlow")
    later = NOW.replace(year=2100)
    assert plan.unneeded_blobs(store, files, ("1",), later) == (ALONE, YOUNG, CODE)


def test_a_folder_without_files_goes_and_the_flow_s_own_stays(tmp_path: Path) -> None:
    store = LocalStore(trees.grow(tmp_path))
    store.remove(path for path in trees.paths() if path.startswith("TrainFlow/"))
    assert not (tmp_path / "TrainFlow" / "1").exists()
    assert (tmp_path / "TrainFlow").is_dir()


def test_a_file_that_is_aside_is_not_listed_until_it_is_put_back(tmp_path: Path) -> None:
    store, path = LocalStore(trees.grow(tmp_path)), "TrainFlow/latest_run"
    store.set_aside(path)
    assert path not in paths(store)
    store.put_back(path)
    assert path in paths(store)
