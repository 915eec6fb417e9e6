"""The source table of a training run: at a version, against its contract, described."""

from pathlib import Path

import pandas as pd
import pytest
from deltalake import write_deltalake

from shared.errors import Refusal
from shared.sections.operation import Ingest
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.training import table
from shared.training.table import Pinned
from tests.conftest import loans


def test_only_the_problem_s_columns_are_read(settings: Settings, tmp_path: Path) -> None:
    place = str(tmp_path / "loans.parquet")
    loans(300).assign(secret=1).to_parquet(place, index=False)
    found, contract, violations = table.load(settings, Pinned(place, None))
    assert list(found) == [column.name for column in contract.columns]
    assert "secret" not in found
    assert violations == []


def test_enforced_violations_are_refused_all_at_once(settings: Settings, tmp_path: Path) -> None:
    place = str(tmp_path / "loans.parquet")
    broken = loans(300)
    broken.loc[3, "age"] = 200
    broken.loc[4, "loan"] = broken.loc[5, "loan"]
    broken.to_parquet(place, index=False)
    _, _, violations = table.load(settings, Pinned(place, None))
    with pytest.raises(Refusal, match="in 2 ways: .*Fix the source") as refused:
        table.refuse_broken(violations)
    assert "age: outside 18 to 120 in 1 row (" in str(refused.value)
    assert "loan: not unique in 2 rows" in str(refused.value)
    only_the_key = [each for each in violations if each.column == "loan"]
    with pytest.raises(Refusal, match=r"\. Drop rows from the source, or choose a key that each"):
        table.refuse_broken(only_the_key)
    table.refuse_broken([])


def test_a_source_without_rows_is_refused_for_that(settings: Settings, tmp_path: Path) -> None:
    place = str(tmp_path / "loans.csv")
    loans(300).head(0).to_csv(place, index=False)
    for read in (table.load, lambda *given: table.load_ends(given[0], 10, given[1])):
        with pytest.raises(Refusal, match=r"loans.csv has no rows: nothing tells what it holds$"):
            read(settings, Pinned(place, None))


def test_a_version_is_a_number_or_the_latest(settings: Settings) -> None:
    with pytest.raises(Refusal, match="--data 'newest' is neither a version of the table nor"):
        table.pin(settings, "newest")
    assert table.pin(settings, None) == Pinned(settings.source, None)


def test_a_run_that_does_not_read_the_ingested_table_says_so(
    settings: Settings, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    filled = settings.model_copy(update={"ingest": Ingest(table=str(lake))})
    pinned = Pinned("loans.parquet", None)
    assert table.unread_words(filled, pinned) == ""
    lake.mkdir()
    loans(9).to_csv(lake / "rows.csv", index=False)
    # Rows that somebody put there are no table of IngestFlow's.
    assert table.unread_words(filled, pinned) == ""
    write_deltalake(str(tmp_path / "delta"), loans(9))
    filled = settings.model_copy(update={"ingest": Ingest(table=str(tmp_path / "delta"))})
    assert table.unread_words(filled, pinned) == (
        f"this run reads loans.parquet, and not version 0 of {tmp_path}/delta, which IngestFlow "
        "has filled: make train ARGS='--data latest' reads that"
    )
    assert table.unread_words(filled, table.pin(filled, "latest")) == ""


def test_a_table_is_described_by_its_rows_span_and_outcomes(settings: Settings) -> None:
    rows = pd.DataFrame(
        {
            "applied": pd.to_datetime(["2024-01-01 10:00", "2024-01-01 12:00", "2024-01-03 00:00"]),
            "income": [1.0, None, 3.0],
            "defaulted": [1.0, 0.0, None],
        }
    )
    facts = table.facts(rows, Binary(), settings, Pinned("loans", 3))
    assert len(facts.pop("fingerprint")) == 64
    assert facts.pop("missing") == {"applied": 0, "income": 1 / 3, "defaulted": 1 / 3}
    assert facts == {
        "source": "loans",
        "version": 3,
        "rows": 3,
        "columns": 3,
        "from": "2024-01-01 10:00:00+00:00",
        "to": "2024-01-03 00:00:00+00:00",
        "rows without outcome": 1,
        "share positive": 0.5,
        "per_day": {"2024-01-01": 2, "2024-01-03": 1},
    }


def test_rows_are_in_the_order_of_time_those_without_one_last(
    settings: Settings, tmp_path: Path
) -> None:
    place = str(tmp_path / "loans.parquet")
    rows = loans(300)
    rows.loc[7, "applied"] = None
    rows.sample(frac=1, random_state=0).to_parquet(place, index=False)
    found, _, _ = table.load(settings, Pinned(place, None))
    assert found["applied"].head(299).is_monotonic_increasing
    assert found["loan"].tolist()[-1] == rows["loan"][7]
    at = found.set_index("loan")["income"]
    pd.testing.assert_series_equal(at.sort_index(), rows.set_index("loan")["income"].sort_index())
