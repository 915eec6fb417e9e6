"""`millrace deploy`: what a cluster needs is said before anything is compiled."""

from pathlib import Path

import pytest

from tests.commands import refused
from tests.conftest import FLIGHTS, LOANS

DEPLOY = ("deploy", "--settings", "problem.toml")
S3 = {"METAFLOW_DEFAULT_DATASTORE": "s3", "METAFLOW_DATASTORE_SYSROOT_S3": "s3://bucket/runs"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "runs on a cluster keep nothing on this machine"), (S3, "no image for the tasks")],
)
def test_without_a_bucket_or_an_image_nothing_is_deployed(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    words = ("deploy", "--settings", str(FLIGHTS), "--only-json", "compiled")
    assert said in refused(tmp_path, *words, apart=True, **environment)
    assert not (tmp_path / "compiled").exists()


@pytest.mark.parametrize("source", ["days.csv", "parts"])
def test_a_table_beside_the_settings_is_refused_before_anything_is_deployed(
    tmp_path: Path, source: str
) -> None:
    """A code package has settings and code alone: each task would find no table."""
    (tmp_path / "parts").mkdir()
    for place in ("days.csv", "parts/1.csv"):
        (tmp_path / place).write_text("loan,applied\n")
    (tmp_path / "problem.toml").write_text(LOANS.format(source=source))
    told = refused(tmp_path, *DEPLOY, apart=True, **S3)
    assert told == (
        f"Error: source {source!r} is on this machine, and tasks on a cluster have the settings "
        "and the code of a problem, not its tables. Put the table on S3 "
        '(source = "s3://bucket/…"), or ingest it from here into one there '
        '([ingest] table = "s3://bucket/…", and the same as the source)\n'
    )


def test_an_origin_is_read_on_the_cluster_only_where_it_has_a_schedule(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("loan,applied\n")
    on_s3 = LOANS.format(source="s3://bucket/days.csv") + '[ingest]\norigin = "days.csv"\n'
    for schedule, said in (("", "no image"), ('schedule = "0 5 * * *"\n', "[ingest] origin 'days")):
        (tmp_path / "problem.toml").write_text(on_s3 + schedule)
        assert said in refused(tmp_path, *DEPLOY, apart=True, **S3)
