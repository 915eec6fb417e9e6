"""`millrace champion`: what stands, what waits, what does not count (real runs: test_races.py)."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.cli.production import deciding
from shared.model.decision import standing
from tests.model.test_decision import TWO, past


def test_where_nothing_was_decided_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # Runs of other problems may be here: they are named beside it.
    asked = CliRunner().invoke(main, ["champion", "--problem", "mileage"]).output
    assert asked.startswith("champion of mileage: none\n")
    said = CliRunner().invoke(main, ["champion", "--problem", "mileage", "--json"]).output
    assert json.loads(said) == {
        "problem": "mileage",
        "champion": None,
        "standing": [],
        "waiting": {},
        "approvals": 1,
        "reviewers": [],
        "decisions": [],
        "undecided": None,
    }


def test_a_rejection_of_what_stands_or_waits_is_shown_beside_it() -> None:
    steps = ("approve:a:Ada", "reject:a:Bob", "approve:a:Cleo", "reject:b:Bob", "approve:b:Ada")
    assert list(deciding._lines(standing(past(*steps[:2])), None)) == [
        "approved    2024-01-01 00:00 UTC by Ada: it passed",
        "rejected    2024-01-01 00:00 UTC by Bob: it passed",
    ]
    names = ("Ada", "Cleo", "Ada")
    assert list(deciding._lines(standing(past(*steps, "approve:a:Ada"), TWO), None)) == [
        # Two have approved it since Bob rejected it.
        *(f"approved    2024-01-01 00:00 UTC by {name}: it passed" for name in names),
        "waits       b has 1 of 2 approvals, by Ada",
        "rejected    b, 2024-01-01 00:00 UTC by Bob: it passed",
    ]


def test_each_bundle_is_shown_with_who_spoke_for_it() -> None:
    steps = ("approve:a:Ada", "approve:a:Bob", "approve:b:Ada", "approve:b:Cleo", "approve:c:Bob")
    history = [*past(*steps), *past("rollback:b:Eve", run="ReviewFlow/6")]
    history += past("comment:c:Eve", "comment:b:Eve", "comment:d:Bob")
    assert list(deciding._lines(standing(history, TWO), "d")) == [
        "approved    2024-01-01 00:00 UTC by Ada: it passed",
        "approved    2024-01-01 00:00 UTC by Cleo: it passed",
        "before it   a",
        "waits       c has 1 of 2 approvals, by Bob",
        "waits       d is verified: nobody has decided about it",
        "comment     on c by Eve: it passed",
        "comment     on d by Bob: it passed",
        "no decision rollback b by Eve, who is none of the reviewers (ReviewFlow/6)",
    ]
