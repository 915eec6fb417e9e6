"""The part of the summary card that shows which outcomes the model's own answers hide."""

from types import SimpleNamespace
from typing import cast

from shared.model.verdict import Verdict
from shared.monitoring.card_parts.selection_card import selection
from shared.tasks.binary.selective_labels import WindowSelection
from shared.tasks.metrics import Score
from tests.card_words import card_words
from tests.monitoring.wording.test_selection_reasons import FOUND, NOW


def shown(now: WindowSelection | None) -> list[str]:
    verdict = SimpleNamespace(selection=now, selection_check=None)
    return card_words(selection(cast(Verdict, verdict)))


def test_the_card_says_what_is_hidden_and_what_the_others_say_of_all() -> None:
    score = Score(0.71, 0.66, 0.75)
    known = {"naive": 0.08, "share": (0.15, 0.12, 0.18), "scores": {"roc_auc": score}}
    now = NOW.model_copy(update=known)
    verdict = SimpleNamespace(selection=now, selection_check=FOUND)
    lines = card_words(selection(cast(Verdict, verdict)))
    assert "**outcomes never seen** | 190 (19.0%)" in lines
    assert "**true among all rows** | 15.0% (95 % interval 12.0% to 18.0%)" in lines
    assert lines[-1] == "ROC AUC | 0.7100 [0.6600, 0.7500]"


def test_where_nobody_is_let_through_the_card_says_so_plainly() -> None:
    lines = shown(NOW.model_copy(update={"declared": 0, "let_through": 0, "seen": 0}))
    words = "and of these it cannot be seen. `[action] let_through` changes that"
    assert any(words in line for line in lines)
    assert shown(None) == []
