"""The ingest card's words."""

from shared.ingestion import cards
from shared.ingestion.reconcile import IngestResult
from tests.card_words import card_words

RESULT = IngestResult(
    origin="new.parquet",
    table="lake/loans",
    version_before=1,
    version=2,
    received=1_304,
    new=1_200,
    corrected=50,
    unchanged=40,
    repeated=10,
    rejected=4,
    rejected_before=1,
    rejected_rows="lake/loans.rejected",
    reasons={"age: outside 18 to 120": 4},
    days={"2024-01-01": 1_300},
    rejected_days={"2024-01-01": 4},
    days_written=1,
    abandoned_runs_cleared=("7", "8"),
)


def test_the_card_has_the_counts_the_versions_and_the_reasons() -> None:
    shown = card_words(cards.ingest(RESULT))
    assert shown[0] == (
        "# ▲ 1,304 rows: 1,200 new, 50 corrected, 40 unchanged, 10 repeated, 4 rejected"
    )
    assert "**version** | 1 → 2" in shown
    assert "Removed what unfinished runs had staged: 7, 8." in shown
    assert (
        "## Rejected\n\nRows that break the contract are in the table `lake/loans.rejected`, with "
        "all their reasons; 1 of them were there already."
    ) in shown
    assert shown[-2:] == ["age: outside 18 to 120 | 4", "## Rows by day"]


def test_an_ingest_of_nothing_is_quiet() -> None:
    nothing = dict.fromkeys(
        ("received", "new", "corrected", "unchanged", "repeated", "rejected"), 0
    )
    none = {"reasons": {}, "days": {}, "rejected_days": {}, "abandoned_runs_cleared": ()}
    shown = card_words(cards.ingest(RESULT.model_copy(update=nothing | none)))
    assert shown[0].startswith("# ○ 0 rows: 0 new")
    assert "## Rejected\n\nEvery row meets the contract." in shown
    assert "## Rows by day" not in shown
