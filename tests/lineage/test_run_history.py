"""Which runs there are (of real flows: tests/flows)."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared import BRANCH
from shared.lineage import run_history


def test_runs_count_in_the_branch_that_is_named_or_in_ones_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("METAFLOW_OWNER", "ada")
    monkeypatch.setenv(BRANCH, " ")
    assert run_history.branch() == run_history.own_branch() == "user.ada"
    monkeypatch.setenv(BRANCH, " prod ")
    assert (run_history.branch(), run_history.own_branch()) == ("prod", "user.ada")


def test_a_tag_says_what_stands_after_its_name() -> None:
    run: Any = SimpleNamespace(tags={"project_branch:user.ada", "project:loans", "keep"})
    assert run_history.tag_of(run, "project") == "loans"
    assert run_history.tag_of(run, "project_branch") == "user.ada"
    assert run_history.tag_of(run, "keep") == ""


def test_of_a_flow_that_nobody_has_run_there_are_none() -> None:
    assert list(run_history.runs("NeverRunFlow", "loans")) == []
    assert run_history.all_runs("NeverRunFlow") == []
    assert run_history.run_named("NeverRunFlow/1") is None
