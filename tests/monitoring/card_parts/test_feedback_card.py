"""The part of the summary card that shows the model's influence on its own data."""

from types import SimpleNamespace
from typing import cast

from shared.model.verdict import Verdict
from shared.monitoring.card_parts import feedback_card
from tests.card_words import card_words
from tests.monitoring.wording.test_feedback_reasons import EXPLORED, NOW


def verdict(until: str, judged_at: str = "1") -> Verdict:
    checks = (EXPLORED,)
    found = SimpleNamespace(
        feedback=NOW, feedback_checks=checks, until=until, source="log", judged_at=judged_at
    )
    return cast(Verdict, found)


def test_the_card_says_who_decided_and_what_was_proven() -> None:
    earlier = [verdict("2024-04-08"), verdict("2024-04-01"), verdict("2024-04-01", "2")]
    shown = card_words(feedback_card.feedback(verdict("2024-04-15"), earlier))
    assert "**decided by a policy, not by even chance** | epsilon 0.1 89%" in shown
    assert "**items that have half of the places** | 2" in shown
    assert shown[-1] == (
        "its own choices get fewer clicks than it says, beside explored rows | yes | 2.104 | 0.7 | "
        "0.4055 | 1"
    )


def test_the_history_has_a_point_for_each_window() -> None:
    figure = feedback_card.history([verdict("2024-04-01"), verdict("2024-04-08")])
    clicked, gini, checks = figure.axes
    share = NOW.clicks / NOW.rows
    assert clicked.lines[0].get_xydata().tolist() == [[0, share], [1, share]]
    assert gini.lines[0].get_xydata().tolist() == [[0, NOW.gini], [1, NOW.gini]]
    assert checks.lines[0].get_xydata().tolist() == [[0, 3], [1, 3]]


def test_without_slates_there_is_no_such_part() -> None:
    without = cast(Verdict, SimpleNamespace(feedback=None))
    assert feedback_card.feedback(without, []) == []
