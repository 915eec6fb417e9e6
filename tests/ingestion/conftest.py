"""A shop of loans whose new rows are ingested into its table."""

from pathlib import Path
from typing import Any

import pytest

from shared.ingestion import plan, read, reconcile
from shared.ingestion.reconcile import IngestResult
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.settings_reading import typed_settings
from tests.conftest import loans


def ingest(settings: Settings, run: str, champion: Contract | None = None) -> IngestResult:
    """Do what the flow's tasks do, one after another."""
    planned = plan.plan_ingest(settings, run, champion)
    rows = reconcile.total_read(
        [read.stage_part(planned, part, settings) for part in planned.parts]
    )
    parts = reconcile.merge_parts(rows, settings)
    return reconcile.ingest_result(
        planned, rows, [reconcile.merge_part(planned, p, settings) for p in parts]
    )


@pytest.fixture
def shop(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Stand in a folder whose file `new.parquet` is ingested into `lake/loans`."""
    monkeypatch.chdir(tmp_path)
    loans(300).to_parquet("new.parquet", index=False)
    return with_ingest(settings, origin="new.parquet", batch_rows=100, task_rows=120)


def with_ingest(settings: Settings, **given: Any) -> Settings:
    plain = settings.model_dump(mode="json")
    return typed_settings(plain | {"source": "lake/loans", "ingest": given})
