"""Rows read from the origin: staged by day, or rejected with their reasons."""

from pathlib import Path

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.ingestion import plan, read
from shared.schema.column_reading import NOT_OF_TYPE
from shared.settings import Settings
from shared.settings_reading import typed_settings
from shared.tables import sources
from tests.conftest import loans
from tests.ingestion.conftest import ingest


def test_rejected_rows_are_kept_once_with_all_their_reasons(shop: Settings) -> None:
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


def test_rows_are_counted_by_what_became_of_them_and_staged_by_day(shop: Settings) -> None:
    rows = loans(300)
    rows.loc[1, "age"] = 300
    rows["applied"] = rows["applied"].astype(str)
    rows.loc[2, "applied"] = "soon"
    rows.to_parquet("new.parquet", index=False)
    planned = plan.plan_ingest(shop, "1")
    found = read.stage_part(planned, planned.parts[0], shop)
    assert (found.received, found.accepted, found.rejected) == (300, 298, 2)
    soon = f"applied: {NOT_OF_TYPE['time']}"
    assert found.reasons == {"age: outside 18 to 120": 1, soon: 1}
    day = rows.loc[1, "applied"][:10]
    assert found.staged["rejected"] == {day: 1, "unknown": 1}
    staged = Path("lake/loans.staging/1/rows")
    assert {path.name.removeprefix("day=") for path in staged.iterdir()} == {*found.staged["rows"]}
    assert sum(len(pd.read_parquet(file)) for file in staged.rglob("*.parquet")) == 298


def test_a_later_file_that_lacks_a_column_is_refused_by_its_name(shop: Settings) -> None:
    Path("new").mkdir()
    loans(300).iloc[:200].to_parquet("new/1.parquet", index=False)
    loans(300).iloc[200:].drop(columns="age").to_parquet("new/2.parquet", index=False)
    with pytest.raises(Refusal, match="age"):
        ingest(
            shop.model_copy(update={"ingest": shop.ingest.model_copy(update={"origin": "new/"})}),
            "1",
        )


def test_rejected_rows_are_of_the_day_that_their_time_says_however_it_is_written(
    shop: Settings,
) -> None:
    rows = loans(3).assign(applied="31.01.2024 10:00", age=[200, 30, 40])
    rows.to_csv("german.csv", index=False)
    plain = shop.model_dump(mode="json", exclude_none=True)
    times = {"contract": plain["contract"] | {"applied": {"format": "%d.%m.%Y %H:%M"}}}
    german = typed_settings(plain | times | {"ingest": {"origin": "german.csv"}})
    planned = plan.plan_ingest(german, "1")
    found = read.stage_part(planned, planned.parts[0], german)
    assert found.staged == {"rows": {"2024-01-31": 2}, "rejected": {"2024-01-31": 1}}
