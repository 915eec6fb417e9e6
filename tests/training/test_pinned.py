"""What a training reads: at a version, and not what another flow has filled."""

from pathlib import Path

import pytest
from deltalake import write_deltalake

from shared.errors import Refusal
from shared.sections.operation import Ingest
from shared.settings import Settings
from shared.training import table
from shared.training.ends import load_ends
from shared.training.pinned import Pinned, pin, unread_words
from tests.conftest import loans


def test_a_source_without_rows_is_refused_for_that(settings: Settings, tmp_path: Path) -> None:
    place = str(tmp_path / "loans.csv")
    loans(300).head(0).to_csv(place, index=False)
    for read in (table.load, lambda *given: load_ends(given[0], 10, given[1])):
        with pytest.raises(Refusal, match=r"loans.csv has no rows: nothing tells what it holds$"):
            read(settings, Pinned(place, None))


def test_a_version_is_a_number_or_the_latest(settings: Settings) -> None:
    with pytest.raises(Refusal, match="--data 'newest' is neither a version of the table nor"):
        pin(settings, "newest")
    assert pin(settings, None) == Pinned(settings.source, None)


def test_a_run_that_does_not_read_the_ingested_table_says_so(
    settings: Settings, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    filled = settings.model_copy(update={"ingest": Ingest(table=str(lake))})
    pinned = Pinned("loans.parquet", None)
    assert unread_words(filled, pinned) == ""
    lake.mkdir()
    loans(9).to_csv(lake / "rows.csv", index=False)
    # Rows that somebody put there are no table of IngestFlow's.
    assert unread_words(filled, pinned) == ""
    write_deltalake(str(tmp_path / "delta"), loans(9))
    filled = settings.model_copy(update={"ingest": Ingest(table=str(tmp_path / "delta"))})
    assert unread_words(filled, pinned) == (
        f"this run reads loans.parquet, and not version 0 of {tmp_path}/delta, which IngestFlow "
        "has filled: make train ARGS='--data latest' reads that"
    )
    assert unread_words(filled, pin(filled, "latest")) == ""
