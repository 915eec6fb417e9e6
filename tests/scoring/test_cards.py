"""The scoring card's words."""

from shared.scoring import cards
from shared.scoring.reconcile import ScoreResult
from tests.card_words import card_words

RESULT = ScoreResult(
    table="lake/loans",
    version=3,
    bundle="f" * 64,
    output="lake/loans.scored/ffffffffffff",
    rows=1_200,
    answered=1_198,
    refused=2,
    refused_rows="lake/loans.scored/ffffffffffff.refused",
    partitions=6,
    partitions_scored_now=5,
    partitions_scored_before=1,
    rows_scored_now=1_000,
    seconds=2.0,
    model_seconds=0.5,
    reasons={"age: outside 18 to 120": 2},
)


def test_the_card_opens_with_the_counts_and_lists_the_reasons() -> None:
    shown = card_words(cards.score(RESULT))
    assert shown[0] == (
        "# ▲ 1,200 rows: 1,198 answered, 2 refused; 5 partitions scored now, 1 before"
    )
    assert "**rows per second, per task** | 500" in shown
    assert "**partitions scored before** | 1" in shown
    assert shown[-2:] == ["Reason | Rows", "age: outside 18 to 120 | 2"]


def test_where_no_row_is_refused_the_card_says_so() -> None:
    shown = card_words(
        cards.score(RESULT.model_copy(update={"refused": 0, "reasons": {}, "seconds": 0.0}))
    )
    assert shown[0].startswith("# ✔ ")
    assert shown[-1] == "## Refused\n\nEvery row meets the contract."
    assert "**rows per second, per task** | —" in shown


def test_the_card_says_how_many_rows_a_server_answers_alike() -> None:
    assert "Batch and server" not in str(card_words(cards.score(RESULT)))
    agreed = card_words(cards.score(RESULT.model_copy(update={"compared": 300})))
    assert agreed[-1] == (
        "## Batch and server\n\n300 rows were answered again as a server answers them: every "
        "answer is the same (to 1e-9, as golden rows are held to)."
    )
    unable = RESULT.model_copy(update={"not_compared": "TypeError: no number"})
    assert card_words(cards.score(unable))[-1] == (
        "## Batch and server\n\nOf the rows that this run scored, 0 were compared with a server's "
        "answers: TypeError: no number."
    )
