"""Which events a run makes, and what they say."""

from typing import Any

import pytest

from shared.events import event
from shared.events.event import Origin
from shared.model.decision import Decision
from shared.model.verdict import read_verdict
from shared.sections.operation import Review

DIGEST = "b" * 64
ORIGIN = Origin("ReviewFlow/7", "prod", "ada")
TWO = Review(approvals=2)


def decision(kind: str, by: str = "Ada", rule: Review | None = None, hour: int = 1) -> Decision:
    values: dict[str, Any] = {
        "problem": "flights",
        "digest": DIGEST,
        "decision": kind,
        "reviewer": by,
        "reason": "it is so",
        "at": f"2026-11-28T{hour:02d}:00:00+00:00",
        "evidence": {},
        "champion_before": None,
        "champion": DIGEST,
        "review": rule,
    }
    return Decision(**values)


def verdict(level: str) -> Any:
    kept = {
        "verdict": level,
        "words": f"{level}: so it is",
        "reasons": [],
        "next_action": "Nothing.",
        "state": "judged",
        "problem": "flights",
        "bundle": DIGEST,
        "source": "week.parquet",
        "start": None,
        "until": None,
        "rows": 7,
        "other_rows": 0,
        "judged_at": "2026-11-28T01:00:00+00:00",
    }
    return read_verdict(kept)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("approve", "bundle.approved"),
        ("reject", "bundle.rejected"),
        ("rollback", "bundle.rolled_back"),
    ],
)
def test_a_decision_is_an_event_with_its_person_and_reason(kind: str, told: str) -> None:
    (made,) = event.decided(decision(kind), [], ORIGIN)
    assert made.id.startswith("msg_")
    assert made.plain() == {
        "id": made.id,
        "event": told,
        "problem": "flights",
        "branch": "prod",
        "run": "ReviewFlow/7",
        "digest": DIGEST,
        "at": "2026-11-28T01:00:00+00:00",
        "by": "Ada",
        "reason": "it is so",
        "verdict": None,
    }


def test_one_of_two_approvals_leaves_a_bundle_waiting() -> None:
    first = decision("approve", rule=TWO)
    (made,) = event.decided(first, [], ORIGIN)
    assert (made.event, made.reason) == ("bundle.waiting", "1 of 2 approvals: it is so")
    (made,) = event.decided(decision("approve", "Grace", TWO, 2), [first], ORIGIN)
    assert made.event == "bundle.approved"


def test_a_decision_that_does_not_count_is_no_event() -> None:
    rule = Review(reviewers=("Grace",))
    assert event.decided(decision("approve", "Mallory", rule), [], ORIGIN) == []


def test_a_verified_bundle_is_packaged_and_waits() -> None:
    made = event.packaged("flights", DIGEST, 2, Origin("PackageFlow/3", "prod", "ada"))
    assert [(one.event, one.by, one.reason) for one in made] == [
        ("bundle.packaged", "ada", None),
        ("bundle.waiting", None, "0 of 2 approvals"),
    ]
    again = event.packaged("flights", DIGEST, 2, Origin("PackageFlow/3", "prod", "ada"))
    assert [one.id for one in again] == [one.id for one in made]
    assert made[0].id != made[1].id
    said = event.message(made)
    assert said is not None
    assert said.title == (
        "flights: bundle bbbbbbbbbbbb was packaged and verified and waits for a decision"
    )


def test_only_a_change_of_the_verdict_is_an_event() -> None:
    assert event.judged(verdict("ok"), "ok", ORIGIN) == []
    (made,) = event.judged(verdict("act"), "ok", ORIGIN)
    assert (made.event, made.verdict) == ("verdict.changed", "act")
    assert made.reason == "it was ok: act: so it is"


def test_people_read_who_decided_and_why() -> None:
    said = event.message(event.decided(decision("approve"), [], ORIGIN))
    assert said is not None
    assert said.title == "flights: bundle bbbbbbbbbbbb was approved by Ada"
    assert said.body == ("Branch prod, run ReviewFlow/7, at 2026-11-28T01:00:00+00:00.\nit is so")
    assert event.message([]) is None
