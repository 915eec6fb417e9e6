"""`millrace deploy`: what a cluster needs is said before anything is compiled."""

from pathlib import Path

import pytest

from tests.conftest import FLIGHTS
from tests.serving.processes import refused

S3 = {"METAFLOW_DEFAULT_DATASTORE": "s3", "METAFLOW_DATASTORE_SYSROOT_S3": "s3://bucket/runs"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "runs on a cluster keep nothing on this machine"), (S3, "no image for the tasks")],
)
def test_without_a_bucket_or_an_image_nothing_is_deployed(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    words = ("deploy", "--settings", str(FLIGHTS), "--only-json", "compiled")
    assert said in refused(tmp_path, *words, **environment)
    assert not (tmp_path / "compiled").exists()
