"""Files of Metaflow's datastores: listed and read alike in a folder and on S3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from metaflow import plugins
from metaflow.plugins.aws import aws_client

from shared import datastores
from shared.datastores import SharedClients, StoredFile

FILES = {
    "TrainFlow/runs/7/steps/fit/tasks/1/cards/a.html": b"one",
    "TrainFlow/runs/7/steps/fit/tasks/1/cards/b.html": b"two",
    "TrainFlow/runs/7/steps/fit/tasks/1/runtime/a.json": b"{}",
    "TrainFlow/runs/7/steps/fit/tasks/12/cards/a.html": b"three",
    "TrainFlow/runs/71/steps/fit/tasks/1/cards/a.html": b"of another run",
}
ON_S3 = ("s3", "s3://lake/runs")
FOLDERS = [f"TrainFlow/runs/7/steps/fit/tasks/{task}/cards" for task in (1, 12, 3)]


@pytest.fixture
def bucket() -> Iterator[None]:
    """Have the files in a bucket of an S3 within this process."""
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed: pip install -e .[cloud]")
    moto = pytest.importorskip("moto", reason="moto is not installed")
    datastores._storage.cache_clear()
    with moto.mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="lake")
        for path, content in FILES.items():
            client.put_object(Bucket="lake", Key=f"runs/{path}", Body=content)
        yield
    datastores._storage.cache_clear()


@pytest.fixture(params=["local", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Return a datastore's type and root, where the files are."""
    if request.param == "s3":
        request.getfixturevalue("bucket")
        return ON_S3
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return "local", str(tmp_path)


def test_each_folder_has_its_own_files_and_one_that_is_not_there_has_none(
    root: tuple[str, str],
) -> None:
    first, second, none = datastores.listed(*root, FOLDERS)
    assert sorted(file.path for file in first) == [*FILES][:2]
    assert [file.path for file in second] == [[*FILES][3]]
    assert none == []
    assert datastores.listed(*root, FOLDERS[1:2]) == [second]
    assert datastores.listed(*root, []) == []


def test_files_are_read_in_their_order_and_one_that_is_not_there_is_none(
    root: tuple[str, str],
) -> None:
    files = [StoredFile(*root, path) for path in (*FILES, "nowhere")]
    assert datastores.read(files) == [*FILES.values(), None]
    assert datastores.read([]) == []


def test_on_s3_all_folders_are_listed_at_once(bucket: None) -> None:
    asked: list[Any] = []
    client = datastores._storage(*ON_S3).s3_client.client
    client.meta.events.register("before-call.s3", lambda params, **_: asked.append(params))
    assert len(datastores.listed(*ON_S3, FOLDERS)[0]) == 2
    assert len(asked) == 1


def test_whoever_asks_alike_shares_a_client(bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_client, "cached_provider_class", None)
    monkeypatch.setattr(plugins, "AWS_CLIENT_PROVIDERS", [*plugins.AWS_CLIENT_PROVIDERS])
    monkeypatch.setattr(datastores, "AWS_CLIENT_PROVIDERS", plugins.AWS_CLIENT_PROVIDERS)
    monkeypatch.setattr(SharedClients, "_made", {})
    datastores.share_clients()
    roots = ("s3://lake/runs", "s3://lake/else")
    first, second = (datastores._storage("s3", root).s3_client.client for root in roots)
    assert first is second
    asked = {"region_name": "eu-west-1"}
    again = [aws_client.get_aws_client("s3", client_params=asked) for _ in range(2)]
    assert again[0] is again[1]
    assert asked == {"region_name": "eu-west-1"}
    other = aws_client.get_aws_client("s3", with_error=True, client_params={"region_name": "x"})
    assert other[0] is not first
