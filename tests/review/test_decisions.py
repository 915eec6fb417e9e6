import pytest

import shared
from shared.errors import Refusal
from shared.review import decisions


@pytest.mark.parametrize(
    ("standing", "kind", "words"),
    [
        (["a"], "approve", "is the champion already"),
        (["a"], "reject", "roll it back instead"),
        (["b"], "rollback", "is not the champion, which is b"),
        ([], "rollback", "there is none"),
        (["a"], "rollback", "nothing to roll back to"),
    ],
)
def test_a_decision_that_the_history_leaves_no_room_for_is_refused(standing, kind, words):
    with pytest.raises(Refusal, match=words):
        decisions._after(standing, kind, "a")


def test_a_reviewer_is_a_person(monkeypatch):
    for name in ("METAFLOW_USER", "SUDO_USER", "USER", "MILLRACE_REVIEWER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("USERNAME", shared.ANONYMOUS)
    with pytest.raises(Refusal, match="MILLRACE_REVIEWER"):
        decisions.reviewer()
    monkeypatch.setenv("USER", "ada")
    assert decisions.reviewer() == "ada"
    monkeypatch.setenv("MILLRACE_REVIEWER", "Ada L.")
    assert decisions.reviewer() == "Ada L."
    assert decisions.reviewer("Grace H.") == "Grace H."


def test_argos_own_account_is_nobody(monkeypatch):
    for name in ("SUDO_USER", "USERNAME", "USER", "MILLRACE_REVIEWER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("METAFLOW_USER", "argo-workflows")
    with pytest.raises(Refusal, match="MILLRACE_REVIEWER"):
        decisions.reviewer()


@pytest.mark.parametrize(
    ("kind", "reason", "words"),
    [("keep", "good", "not one of approve, reject, rollback"), ("approve", "  ", "needs a reason")],
)
def test_a_wrong_word_or_an_empty_reason_is_refused(kind, reason, words):
    with pytest.raises(Refusal, match=words):
        decisions.decide("loans", decisions.Request("0" * 12, kind, reason), [])
