"""The folders of staged rows: one a run, cleared once its run cannot go on."""

import os
import time
from pathlib import Path

from shared.ingestion import plan, read, staging
from shared.settings import Settings
from tests.ingestion.conftest import ingest


def test_what_a_failed_run_staged_is_cleared_once_it_cannot_go_on(shop: Settings) -> None:
    planned = plan.plan_ingest(shop, "7")
    read.stage_part(planned, planned.parts[0], shop)
    place = Path("lake/loans.staging/7")
    assert ingest(shop, "8").abandoned_runs_cleared == ()
    assert list(place.rglob("*.parquet"))
    # Two tries more than one, of four hours each, twice over.
    for file in [place, *place.rglob("*")]:
        os.utime(file, (time.time() - 24 * 3_600 - 60,) * 2)
    last = ingest(shop, "9")
    assert (last.abandoned_runs_cleared, last.unchanged) == (("7",), 300)
    assert not any(Path("lake/loans.staging").iterdir())
    assert ingest(shop, "10").abandoned_runs_cleared == ()


def test_each_run_has_a_folder_beside_the_table() -> None:
    assert staging.staging_address("s3://lake/loans/", "7") == "s3://lake/loans.staging/7"
    assert staging.staging_address("lake/loans") == "lake/loans.staging"


def test_a_folder_that_is_not_there_is_cleared_without_a_word(tmp_path: Path) -> None:
    staging.clear(str(tmp_path / "none"))
    assert not list(tmp_path.iterdir())
