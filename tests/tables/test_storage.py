"""The table on S3: a real S3-compatible server on this machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.ingestion import plan as ingesting
from shared.ingestion import read, staging
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.scoring import partitions, reconcile, score
from shared.settings import Settings
from shared.tables import delta, sources, storage
from shared.tables.storage import near_place
from tests.conftest import loans
from tests.ingestion.conftest import ingest, with_ingest

MOTO = Path(sys.executable).with_name("moto_server")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty bucket, with the environment that Metaflow would have."""
    boto3 = pytest.importorskip("boto3", reason="boto3 is not installed: pip install -e .[cloud]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [str(MOTO), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        monkeypatch.chdir(tmp_path)
        for name, value in (
            ("METAFLOW_S3_ENDPOINT_URL", url),
            ("AWS_ACCESS_KEY_ID", "anybody"),
            ("AWS_SECRET_ACCESS_KEY", "anything"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ):
            monkeypatch.setenv(name, value)
        _wait_for(port)
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="lake")
        yield "s3://lake"
        server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("moto's server does not answer")


def test_a_table_on_s3_is_filled_corrected_and_read_as_one_on_a_disk(
    bucket: str, settings: Settings, bundle: Bundle
) -> None:
    rows = loans(300)[lambda f: f["applied"] < "2024-01-05"].assign(age=40)
    rows.to_parquet("new.parquet", index=False)
    address = f"{bucket}/tables/loans"
    shop = with_ingest(settings, origin="new.parquet", table=address)
    assert ingest(shop, "1").new == len(rows) > 10
    assert ingest(shop, "2").unchanged == len(rows)
    rows.assign(age=50).iloc[:3].to_parquet("new.parquet", index=False)
    assert ingest(shop, "3").version == 2
    assert sources.read_source(address)["age"].eq(50).sum() == 3
    assert sources.read_source(address, 1)["age"].eq(40).all()
    where = storage.place(f"{address}.staging/3")
    assert where.files.get_file_info(where.path).type.name == "NotFound"

    # What a run that failed has staged, a day later.
    planned = ingesting.plan_ingest(shop, "failed")
    read.stage_part(planned, planned.parts[0], shop)
    assert staging.clear_abandoned(address, shop) == ()
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert staging.clear_abandoned(address, shop, tomorrow) == ("failed",)
    where = storage.place(planned.staging)
    assert where.files.get_file_info(where.path).type.name == "NotFound"

    # Two at once, on the same days.
    rows.assign(age=60).to_parquet("new.parquet", index=False)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda run: ingest(shop, run), ("4", "5")))
    assert sorted(one.corrected for one in done) == [0, len(rows)]
    assert sorted(sources.read_source(address)["loan"]) == sorted(rows["loan"])
    assert sources.read_source(address)["age"].eq(60).all()

    # Answered there, and judged from there.
    planned = partitions.plan(shop, bundle, address)
    assert planned.output == f"{address}.scored/{bundle.digest[:12]}"
    scored = score.score(planned, planned.partitions, bundle, shop)
    assert reconcile.score_result(planned, scored).answered == len(rows)
    assert partitions.plan(shop, bundle, address).parts == ((),)
    window = WindowReader(scope.plan_table(planned.output), bundle, shop).read()
    assert window.profile.size == len(rows)

    with pytest.raises(Refusal, match="there is no file or folder s3://lake/gone"):
        sources.read_source(f"{bucket}/gone")
    with pytest.raises(Refusal, match="s3://gone/table") as refused:
        delta.open_table("s3://gone/table")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("team/project/data/rows.csv", "data/rows.csv"),
        ("team/rows.csv", "../rows.csv"),
        ("team/tables/rows.csv", "../tables/rows.csv"),
        ("rows.csv", None),
        ("team2/rows.csv", None),
    ],
)
def test_a_table_near_the_working_folder_is_named_from_there(
    address: str, place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "team" / "project").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "team" / "project")
    assert near_place(str(tmp_path / address)) == place
    assert near_place("s3://bucket/rows.csv") is None
