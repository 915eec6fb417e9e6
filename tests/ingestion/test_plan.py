"""What is to be ingested: files, a query or frames; and what can be known to fail before."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from shared.errors import Refusal
from shared.ingestion import plan
from shared.settings import Settings
from shared.settings_reading import typed_settings
from shared.tables import delta, sources
from tests.conftest import loans
from tests.ingestion.conftest import ingest, with_ingest


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
    streamed = with_ingest(shop, origin="tests.ingestion.test_plan:frames")
    assert ingest(streamed, "1").new == 300


def frames():
    yield loans(300).iloc[:100]
    yield loans(300).iloc[100:]


def test_an_origin_that_holds_no_row_is_no_reason_to_fail_once_there_is_a_table(
    shop: Settings,
) -> None:
    loans(300).iloc[:0].to_parquet("new.parquet", index=False)
    with pytest.raises(Refusal, match="the origin has no rows"):
        ingest(shop, "1")
    loans(300).to_parquet("new.parquet", index=False)
    ingest(shop, "2")
    loans(300).iloc[:0].to_parquet("new.parquet", index=False)
    assert ingest(shop, "3").received == 0


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"origin": "lake/loans"}, "cannot be filled from itself"),
        ({"origin": "gone.parquet"}, "there is no file or folder gone.parquet"),
        ({"origin": "new.parquet", "table": "new.parquet"}, "cannot be filled from itself"),
        ({"origin": "no_such:thing"}, "cannot be imported"),
    ],
)
def test_what_cannot_be_ingested_is_refused_with_its_reason(shop: Settings, given, reason) -> None:
    with pytest.raises(Refusal, match=reason):
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


def test_files_are_shared_out_to_tasks_in_their_order(shop: Settings) -> None:
    Path("many").mkdir()
    for number in range(6):
        loans(300).iloc[number::6].to_parquet(f"many/{number}.parquet", index=False)
    planned = plan.plan_ingest(with_ingest(shop, origin="many/", tasks=3), "1")
    files = [[Path(file.path).name for file in part.files] for part in planned.parts]
    assert len(files) == 3
    assert [name for part in files for name in part] == [f"{n}.parquet" for n in range(6)]
    assert (planned.table, planned.rejected) == ("lake/loans", "lake/loans.rejected")


def test_a_problem_without_a_champion_has_no_types_of_one(shop: Settings) -> None:
    assert plan.champion_contract(shop) is None


def test_only_what_the_settings_say_is_asked_of_a_row(shop: Settings) -> None:
    contract = plan.plan_ingest(shop, "1").contract
    assert (contract["age"].minimum, contract["age"].maximum) == (18, 120)
    assert contract["region"].categories is None
    assert [c.name for c in contract.columns if not c.nullable] == ["loan", "applied"]
