import pytest

import shared
from shared.errors import Refusal
from shared.model.decision import standing
from shared.review import decisions
from shared.sections.operation import Review
from shared.settings import Settings
from tests.model.test_decision import TWO, past


def refused(before: list[str], step: str, rule: Review) -> str:
    """Return why a decision is refused after a history."""
    with pytest.raises(Refusal) as refusal:
        decisions.refuse_without_room(standing(past(*before), rule), past(step)[0])
    return str(refusal.value)


@pytest.mark.parametrize(
    ("before", "kind", "words"),
    [
        (["approve:a"], "approve", "is the champion already"),
        (["approve:a"], "reject", "roll it back instead"),
        (["approve:b"], "rollback", "is not the champion, which is b"),
        ([], "rollback", "there is none"),
        (["approve:a"], "rollback", "nothing to roll back to"),
    ],
)
def test_a_decision_that_the_history_leaves_no_room_for_is_refused(before, kind, words):
    assert words in refused(before, f"{kind}:a", Review())


def test_who_is_none_of_the_reviewers_decides_nothing() -> None:
    for kind in ("approve", "reject", "rollback"):
        assert refused([], f"{kind}:a:Eve", TWO) == (
            "'Eve' is none of the reviewers of 'loans', who are Ada, Bob, Cleo: see [review] in "
            "its settings"
        )


def test_anybody_may_comment_whatever_stands() -> None:
    for step in ("comment:a:Eve", "comment:b:Ada", "comment:c:Ada"):
        decisions.refuse_without_room(standing(past("approve:a"), TWO), past(step)[0])


def test_nobody_approves_twice_where_two_have_to() -> None:
    assert refused(["approve:a:Ada"], "approve:a:ADA", TWO) == (
        "'ADA' has approved bundle a already: it has 1 of 2 approvals, and the next has to be "
        "somebody else's"
    )


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
    [
        ("keep", "good", "not one of approve, reject, rollback"),
        ("approve", "  ", "needs a reason"),
        ("approve", "…", "needs a reason"),
    ],
)
def test_a_wrong_word_or_an_empty_reason_is_refused(settings: Settings, kind, reason, words):
    with pytest.raises(Refusal, match=words):
        decisions.decide(settings, decisions.Request("0" * 12, kind, reason), [])
