"""The champion is what the decisions leave standing."""

import pytest

from shared.model.decision import Decision, approved_digests

EMPTY = {"problem": "loans", "reviewer": "Ada", "reason": "it passed", "at": "2024-01-01"}
EMPTY |= {"evidence": {}, "champion_before": None, "champion": None}


def past(*steps: str) -> list[Decision]:
    """Return a history from words such as `approve:a`."""
    pairs = (step.partition(":")[::2] for step in steps)
    return [Decision(decision=kind, digest=digest, **EMPTY) for kind, digest in pairs]


@pytest.mark.parametrize(
    ("steps", "champion"),
    [
        ([], None),
        (["approve:a"], "a"),
        (["approve:a", "reject:b"], "a"),
        (["approve:a", "approve:b"], "b"),
        (["approve:a", "approve:b", "rollback:b"], "a"),
        (["approve:a", "approve:b", "rollback:b", "approve:c", "rollback:c"], "a"),
    ],
)
def test_the_champion_is_the_latest_approved_bundle_that_was_not_rolled_back(steps, champion):
    assert (approved_digests(past(*steps)) or [None])[-1] == champion
