"""Ingests one after another: what is new, corrected, asked of a database, or lost on the way."""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from shared.errors import Refusal
from shared.ingestion import plan, read, reconcile
from shared.ingestion.reconcile import IngestResult
from shared.settings import Settings, typed_settings
from shared.tables import delta, sources
from shared.training import table
from tests.conftest import loans


def ingest(settings: Settings, run: str) -> IngestResult:
    """Do what the flow's tasks do, one after another."""
    planned = plan.plan_ingest(settings, run)
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


def test_a_rerun_changes_nothing_and_a_version_is_read_again_as_it_was(shop: Settings) -> None:
    assert ingest(shop, "1").new == 300
    pinned = table.pin(shop, None)
    before = sources.fingerprint(table.load(shop, pinned)[0])
    again = ingest(shop, "2")
    assert (again.new, again.corrected, again.unchanged) == (0, 0, 300)
    assert again.version == pinned.version

    loans(300).assign(age=50).loc[:9].to_parquet("new.parquet", index=False)
    corrected = ingest(shop, "3")
    assert corrected.corrected == 10 - int(loans(300).loc[:9, "age"].eq(50).sum())
    assert corrected.version > again.version
    assert sources.fingerprint(table.load(shop, pinned)[0]) == before
    assert table.pin(shop, str(pinned.version)) == pinned
    assert sources.fingerprint(table.load(shop, table.pin(shop, "latest"))[0]) != before


def test_a_table_holds_what_a_file_does_so_that_a_model_learns_the_same(shop: Settings) -> None:
    ingest(shop, "1")
    found, contract, broken = table.load(shop)
    assert broken == []
    direct = shop.model_copy(update={"source": "new.parquet"})
    told, expected, _ = table.load(direct)
    assert contract == expected
    found, told = (
        f.sort_values("loan", ignore_index=True).replace({None: np.nan}) for f in (found, told)
    )
    pd.testing.assert_frame_equal(found, told, check_dtype=False)


def test_rejected_rows_are_set_aside_once(shop: Settings) -> None:
    rows = loans(300)
    rows.loc[[1, 2], "age"] = 300
    rows.loc[[2], "income"] = -1
    rows.to_parquet("new.parquet", index=False)
    first, second = ingest(shop, "1"), ingest(shop, "2")
    assert (first.rejected, first.rejected_before) == (2, 0)
    assert (second.rejected, second.rejected_before) == (2, 2)
    assert sorted(sources.read_source("lake/loans.rejected")["reason"]) == [
        "age: outside 18 to 120",
        "income: below 0; age: outside 18 to 120",
    ]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_query_is_asked_for_what_is_not_long_before_the_newest_day(
    shop: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, kind: str
) -> None:
    query = "SELECT * FROM loans WHERE applied >= :since"
    asked = with_ingest(shop, query=query, overlap_days=3)
    monkeypatch.delenv("MILLRACE_SOURCE", raising=False)
    with pytest.raises(Refusal, match="needs the database's address in MILLRACE_SOURCE"):
        ingest(asked, "1")
    rows, address = loans(300), "sqlite:///shop.db"
    if kind == "postgresql":
        # Its clock is New York's, and its times have zones; SQLite's are texts.
        address = request.getfixturevalue("postgres").new_address()
        rows.to_sql("loans", sa.create_engine(address))
    else:
        written = rows["applied"].dt.strftime("%Y-%m-%d %H:%M:%S")
        rows.assign(applied=written).to_sql("loans", sa.create_engine(address))
    monkeypatch.setenv("MILLRACE_SOURCE", address)
    assert ingest(asked, "1").new == 300
    newest = rows["applied"].max().floor("D") - pd.Timedelta(days=3)
    assert ingest(asked, "2").unchanged == (rows["applied"] >= newest).sum()
    assert sources.read_source("lake/loans").set_index("loan")["applied"].to_dict() == (
        rows.set_index("loan")["applied"].to_dict()
    )


def test_frames_may_come_one_after_another(shop: Settings) -> None:
    streamed = with_ingest(shop, origin="tests.ingestion.test_reconcile:frames")
    assert ingest(streamed, "1").new == 300


def frames():
    yield loans(300).iloc[:100]
    yield loans(300).iloc[100:]


def test_a_row_that_got_lost_on_the_way_is_told(shop: Settings) -> None:
    planned = plan.plan_ingest(shop, "1")
    rows = read.stage_part(planned, planned.parts[0], shop)
    parts = reconcile.merge_parts(rows, shop)
    assert len(parts) == 3
    made = [reconcile.merge_part(planned, part, shop) for part in parts[:-1]]
    with pytest.raises(Refusal, match="300 rows were read, but"):
        reconcile.ingest_result(planned, rows, made)


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


def test_an_origin_that_holds_no_row_is_no_reason_to_fail_once_there_is_a_table(
    shop: Settings,
) -> None:
    loans(300).iloc[:0].to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="the origin holds no row"):
        ingest(shop, "1")
    loans(300).to_parquet("new.parquet", index=False)
    ingest(shop, "2")
    loans(300).iloc[:0].to_parquet("new.parquet", index=False)
    assert ingest(shop, "3").received == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"origin": "lake/loans"}, "cannot be filled from itself"),
        ({"origin": "gone.parquet"}, "there is no file or folder gone.parquet"),
        ({"origin": "new.parquet", "table": "new.parquet"}, "cannot be filled from itself"),
        ({"origin": "no_such:thing"}, "cannot be imported"),
    ],
)
def test_what_cannot_be_ingested_is_told(shop: Settings, given, told) -> None:
    with pytest.raises(Refusal, match=told):
        ingest(with_ingest(shop, **given), "1")


def test_a_new_column_widens_the_table(shop: Settings) -> None:
    ingest(shop, "1")
    plain = shop.model_dump(mode="json")
    wider = typed_settings(plain | {"features": [*plain["features"], "score"]})
    loans(300).assign(score=1.5).loc[:9].to_parquet("new.parquet", index=False)
    assert ingest(wider, "2").corrected == 10
    found = sources.read_source("lake/loans")
    assert Counter(found["score"].notna()) == {True: 10, False: 290}
    assert delta.open_table("lake/loans").version() > 1
