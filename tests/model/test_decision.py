"""The champion is what the decisions leave standing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.model.decision import Decision, standing
from shared.sections.operation import Review

EMPTY: dict[str, Any] = {"problem": "loans", "reason": "it passed", "at": "2024-01-01T00:00+00:00"}
EMPTY |= {"evidence": {}, "champion_before": None, "champion": None}
TWO = Review(reviewers=("Ada", "Bob", "Cleo"), approvals=2)


def past(*steps: str, **more: Any) -> list[Decision]:
    """Return a history from words such as `approve:a:Ada`."""
    parts = ((*step.split(":"), "Ada")[:3] for step in steps)
    return [
        Decision(decision=kind, digest=digest, reviewer=by, **EMPTY | more)  # type: ignore[arg-type]
        for kind, digest, by in parts
    ]


@pytest.mark.parametrize(
    ("steps", "champion"),
    [
        ([], None),
        (["approve:a"], "a"),
        (["approve:a", "reject:b"], "a"),
        (["approve:a", "approve:b"], "b"),
        (["approve:a", "approve:b", "rollback:b"], "a"),
        (["approve:a", "approve:b", "rollback:b", "approve:c", "rollback:c"], "a"),
        (["approve:a", "approve:b", "approve:a", "rollback:a", "rollback:b"], "a"),
    ],
)
def test_the_champion_is_the_latest_approved_bundle_that_was_not_rolled_back(steps, champion):
    assert standing(past(*steps)).champion == champion


@pytest.mark.parametrize(
    ("steps", "digests"),
    [
        (["approve:a", "approve:b:Ada", "approve:b:Bob"], "ab"),
        (["approve:a", "approve:b", "rollback:b:Ada", "rollback:b:Bob"], "a"),
        (["approve:a", "approve:b", "rollback:b:Ada", "rollback:b:Bob", "reject:c"], "a"),
        (["approve:a", "approve:b", "rollback:c"], "ab"),
        (["approve:a", "approve:b", "approve:c", "rollback:b"], "ac"),
        (["approve:a", "approve:b", "approve:a", "rollback:b", "rollback:a"], ""),
    ],
)
def test_who_decides_at_the_same_moment_as_another_takes_nothing_else_off(steps, digests):
    assert "".join(standing(past(*steps)).digests) == digests


def test_two_approvals_are_by_two_different_reviewers() -> None:
    assert standing(past("approve:a"), TWO).champion is None
    alone = standing(past("approve:a:Ada", "approve:a: ada "), TWO)
    assert (alone.champion, alone.waiting) == (None, {"a": ("Ada",)})
    assert alone.approvals("a") == "1 of 2 approvals"
    both = standing(past("approve:a:Ada", "approve:a:Bob"), TWO)
    assert (both.champion, both.waiting) == ("a", {})


def test_a_bundle_that_waits_leaves_the_champion_where_it_is() -> None:
    steps = ("approve:a:Ada", "approve:a:Bob", "approve:b:Cleo")
    found = standing(past(*steps), TWO)
    assert (found.champion, found.waiting) == ("a", {"b": ("Cleo",)})
    assert standing(past(*steps, "approve:b:Ada"), TWO).champion == "b"


def test_a_rejection_ends_the_waiting() -> None:
    found = standing(past("approve:a:Ada", "reject:a:Bob", "approve:a:Cleo"), TWO)
    assert (found.champion, found.waiting) == (None, {"a": ("Cleo",)})


@pytest.mark.parametrize(
    ("steps", "by"),
    [
        (["reject:a:Bob"], "Bob"),
        (["reject:a:Bob", "approve:a:Ada"], ""),
        (["approve:a:Ada", "reject:a:Bob"], "Bob"),
        (["reject:a:Bob", "approve:a:Ada", "rollback:a:Cleo"], ""),
        (["reject:a:Bob", "approve:a:Ada", "rollback:a:Cleo", "reject:a:Ada"], "Ada"),
    ],
)
def test_a_rejection_stands_until_the_bundle_is_approved_or_rolled_back(steps, by) -> None:
    assert "".join(past.reviewer for past in standing(past(*steps)).rejections("a")) == by


def test_one_approval_of_two_leaves_a_rejection_for_the_other_to_see() -> None:
    found = standing(past("reject:a:Bob", "approve:a:Cleo"), TWO)
    assert [past.reviewer for past in found.rejections("a")] == ["Bob"]


def test_one_reviewer_is_enough_to_roll_back() -> None:
    two = [f"approve:{digest}:{by}" for digest in "ab" for by in ("Ada", "Bob")]
    assert standing(past(*two, "rollback:b:Cleo"), TWO).digests == ("a",)


def test_what_somebody_else_decides_does_not_count() -> None:
    history = past("approve:a:Ada", "approve:a:Bob", "approve:b:Eve", "rollback:a:Eve")
    found = standing(history, TWO)
    assert found.digests == ("a",)
    assert [found.counts(decision) for decision in history] == [True, True, False, False]


def test_a_comment_changes_nothing_whoever_makes_it() -> None:
    steps = ("approve:a:Ada", "approve:a:Bob", "approve:b:Cleo", "reject:c:Ada")
    plain = standing(past(*steps), TWO)
    spread = [word for step in steps for word in (step, "comment:a:Eve", "comment:b:Ada")]
    found = standing(past("comment:a:Bob", *spread, "comment:a:Bob"), TWO)
    assert (
        (found.digests, found.waiting)
        == (plain.digests, plain.waiting)
        == (("a",), {"b": ("Cleo",)})
    )
    assert found.counted == plain.counted == found.decided
    loose = past("comment:a:Eve", review=TWO)
    assert standing([*loose, *past("approve:a:Eve")]).champion == "a"


def test_what_was_decided_before_the_rule_stands() -> None:
    rule = TWO.model_copy(update={"since": datetime(2024, 2, 1, tzinfo=UTC)})
    later = past("approve:b:Eve", "approve:b:Bob", at="2024-02-01T00:00:00+00:00")
    found = standing([*past("approve:a:Eve"), *later], rule)
    assert (found.champion, found.waiting) == ("a", {"b": ("Bob",)})


def test_without_the_settings_the_rule_that_decisions_bring_holds_and_is_never_loosened() -> None:
    bound = past("approve:a:Ada", "approve:a:Bob", review=TWO)
    assert standing(bound).champion == "a"
    loose = past("approve:b:Eve", "approve:b:Bob", review=Review())
    assert standing([*bound, *loose]).digests == ("a",)
    assert standing([*bound, *loose, *past("approve:b:Cleo", review=Review())]).champion == "b"
    assert standing([*bound, *loose], Review()).champion == "b"


@pytest.mark.parametrize("at", ["", "yesterday", "2024-01-01T00:00:00"])
def test_a_decision_of_no_known_moment_is_none(at: str) -> None:
    with pytest.raises(ValueError, match=r"\bat\b"):
        past("approve:a", at=at)
