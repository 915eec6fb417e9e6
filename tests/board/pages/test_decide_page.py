"""The evidence about a bundle: which decisions are offered."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.board.access.people import Person
from shared.board.pages import decide_page
from shared.lineage import bundles
from shared.model.decision import Decision, standing
from shared.sections.operation import Review

DECISIONS = ("approve", "reject", "rollback")


def made(decision: str, digest: str, reviewer: str, minute: int) -> Decision:
    return Decision(
        problem="loans",
        digest=digest,
        decision=decision,  # type: ignore[arg-type]
        reviewer=reviewer,
        reason="it passed",
        at=f"2026-11-28T00:{minute:02}:00+00:00",
        evidence={},
        champion_before=None,
        champion=None,
    )


@pytest.mark.parametrize(
    ("name", "verified", "refused"),
    [
        ("Grace", True, {"rollback": "bundle b2 is not the champion, which is b1"}),
        (
            "ada  tester",
            True,
            {
                "approve": "'ada  tester' has approved bundle b2 already: it has 1 of 2 approvals,",
                "rollback": "bundle b2 is not the champion",
            },
        ),
        ("Grace", False, {"approve": "the verification of PackageFlow/2 did not pass"}),
        ("Eve", True, dict.fromkeys(DECISIONS, "'Eve' is none of the reviewers of 'loans', who")),
    ],
)
def test_only_those_decisions_are_offered_that_there_is_room_for(
    name: str, verified: bool, refused: dict[str, str]
) -> None:
    said = {c.kind: c.refusal for c in offered(Person(name, "reviewer"), verified)}
    for kind, words in refused.items():
        assert said[kind].startswith(words)
    if verified:
        assert {kind for kind, words in said.items() if words} == set(refused)


@pytest.mark.parametrize(("name", "kinds"), [("Vera", ["comment"]), ("nobody", [])])
def test_a_viewer_with_a_name_may_comment(name: str, kinds: list[str]) -> None:
    found = offered(Person(name, "viewer"))
    assert [(choice.kind, choice.refusal) for choice in found] == [(kind, "") for kind in kinds]


@pytest.mark.parametrize(
    ("steps", "state", "made_so", "rejected"),
    [
        ("reject", "rejected", None, 1),
        ("reject approve", "champion", "approve", 0),
        ("approve reject", "champion", "approve", 1),
        ("reject approve rollback", "rolled back", "rollback", 0),
        ("approve rollback reject", "rejected", None, 1),
        ("", "waits for a decision", None, 0),
    ],
)
def test_the_decision_that_counts_is_shown_of_each_state(
    steps: str, state: str, made_so: str | None, rejected: int
) -> None:
    kinds = [made(kind, "b2", "Ada", minute) for minute, kind in enumerate(steps.split())]
    found = standing(kinds, Review())
    bundle = SimpleNamespace(digest="b2", manifest=SimpleNamespace(name="loans"))
    packaged = bundles.Packaged(bundle, "PackageFlow/2", "TrainFlow/1", True)  # type: ignore[arg-type]
    of_problem: Any = SimpleNamespace(standing=found)
    more: Any = [None] * 7
    page = decide_page.DecidePage(packaged, of_problem, *more, False)
    assert page.stands[1] == state
    assert (page.made_so and page.made_so.decision) == made_so
    assert len(found.rejections("b2")) == rejected


def offered(person: Person, verified: bool = True) -> tuple[decide_page.Choice, ...]:
    """Return what is offered about a bundle that has one approval of two."""
    rule = Review(reviewers=("Ada Tester", "Grace"), approvals=2)
    first = [made("approve", "b1", name, at) for at, name in enumerate(rule.reviewers)]
    found = standing([*first, made("approve", "b2", "Ada Tester", 2)], rule)
    bundle = SimpleNamespace(digest="b2", manifest=SimpleNamespace(name="loans"))
    packaged = bundles.Packaged(bundle, "PackageFlow/2", "TrainFlow/1", verified)  # type: ignore[arg-type]
    return decide_page.choices(packaged, found, person)
