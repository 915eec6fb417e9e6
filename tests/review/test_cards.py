"""The decision card's words."""

import math

from shared.model.decision import Decision, standing
from shared.problem_commands import make_command
from shared.review import cards
from shared.sections.operation import Review
from tests.card_words import card_words

FIRST = Decision(
    problem="loans",
    digest="a" * 64,
    decision="approve",
    reviewer="Ada",
    reason="it passed",
    at="2024-04-01T10:00:00.000000+00:00",
    evidence={"verified": True, "scores": {"roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8}}},
    champion_before=None,
    champion="a" * 64,
    run="ReviewFlow/1",
)


def test_the_card_has_the_decision_its_evidence_and_the_history_newest_first() -> None:
    second = FIRST.model_copy(update={"decision": "reject", "digest": "b" * 64, "reason": "slow"})
    third = FIRST.model_copy(update={"decision": "rollback", "champion": None})
    shown = card_words(cards.decision(third, [FIRST, second]))
    assert shown[:2] == ["# ▲ Rolled back: aaaaaaaaaaaa", "By **Ada**: it passed"]
    assert "**champion now** | —" in shown
    assert "**verified** | yes" in shown
    assert "ROC AUC | 0.7000 [0.6000, 0.8000]" in shown
    assert "**at** | 2024-04-01 10:00 UTC" in shown
    assert shown[-2:] == [
        "2024-04-01 10:00 UTC | rejected | bbbbbbbbbbbb | Ada | slow | 1",
        "2024-04-01 10:00 UTC | approved | aaaaaaaaaaaa | Ada | it passed | 1",
    ]


def test_the_closing_words_say_how_a_new_champion_is_served() -> None:
    words = cards.closing_words(FIRST, standing([FIRST]))
    serve = make_command("serve", problem="loans")
    assert words == [
        f"approve {FIRST.digest}",
        f"champion of loans: {FIRST.digest}",
        "a server that runs follows it",
        f"next: {serve}",
    ]
    second = FIRST.model_copy(update={"decision": "reject", "digest": "b" * 64})
    second = second.model_copy(update={"champion_before": FIRST.digest})
    assert cards.closing_words(second, standing([FIRST, second])) == [
        f"reject {second.digest}",
        f"champion of loans: {FIRST.digest}",
    ]


def test_a_metric_that_the_holdout_does_not_define_is_shown_as_it_is_after_it_was_kept() -> None:
    mape = {"value": math.nan, "low": math.nan, "high": math.nan}
    decided = FIRST.model_copy(update={"evidence": {"verified": True, "scores": {"mape": mape}}})
    again = Decision.model_validate(decided.model_dump(mode="json"))
    assert "MAPE | not defined" in card_words(cards.decision(again, []))


def test_a_comment_is_no_decision_on_its_card_and_in_the_history() -> None:
    rule = Review(reviewers=("Ada", "Bob"), approvals=2)
    eve = {"decision": "comment", "reviewer": "Eve", "reason": "why so slow?", "review": rule}
    comment = FIRST.model_copy(update=eve)
    shown = card_words(
        cards.decision(comment, [FIRST.model_copy(update={"review": rule}), comment])
    )
    assert shown[:2] == ["# ○ Commented: aaaaaaaaaaaa", "By **Eve**: why so slow?"]
    assert shown[-2] == "2024-04-01 10:00 UTC | commented | aaaaaaaaaaaa | Eve | why so slow? | 1"


def test_a_first_decision_has_no_history() -> None:
    assert card_words(cards.decision(FIRST, []))[-2:] == ["## History", "*None.*"]


def test_an_approval_of_two_that_are_needed_is_shown_and_so_is_what_does_not_count() -> None:
    rule = Review(reviewers=("Ada", "Bob"), approvals=2)
    eve = FIRST.model_copy(update={"reviewer": "Eve", "review": None})
    shown = card_words(cards.decision(FIRST.model_copy(update={"review": rule}), [eve]))
    assert shown[0] == "# ▲ Approved, 1 of 2 approvals: aaaaaaaaaaaa"
    assert "**approvals** | 1 of 2 approvals" in shown
    assert "**champion now** | —" in shown
    assert shown[-1] == (
        "2024-04-01 10:00 UTC | approved (does not count: not by a reviewer) | aaaaaaaaaaaa | Eve"
        " | it passed | 1"
    )
