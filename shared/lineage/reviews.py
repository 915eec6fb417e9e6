"""What review runs decided, and what their decisions leave standing."""

import functools
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from metaflow import Run

from shared import problems
from shared.lineage import run_artifacts, run_history
from shared.model.decision import Decision, Standing, standing
from shared.problems import Problem


def decisions(problem: str) -> list[Decision]:
    """Return a problem's decisions, the oldest first, each with its run."""
    return _decisions(run_history.runs("ReviewFlow", problem, successful=False))


def _decisions(runs: Iterable[Run]) -> list[Decision]:
    """Return the decisions of the runs that have put theirs on record, which is their last step."""
    listed = list(runs)
    kept = zip(listed, run_artifacts.kept_of_each(listed, "record", "decision"), strict=True)
    return read_decisions((run.pathspec, found["decision"]) for run, found in kept if found)


def read_decisions(kept: Iterable[tuple[str, dict[str, Any]]]) -> list[Decision]:
    """Return the decisions that runs have kept, by the runs' pathspecs, the oldest first.

    What a run has as a decision that is none is left out, and reported: it stops nobody.
    """
    recorded = []
    for pathspec, decision in kept:
        try:
            recorded.append(Decision(**(decision | {"run": pathspec})))
        except (TypeError, ValueError) as error:
            _report(f"{pathspec} holds no decision: {str(error).splitlines()[0]}")
    return sorted(recorded, key=lambda made: (datetime.fromisoformat(made.at), made.run or ""))


def standing_decisions(problem: Problem) -> Standing:
    """Return what a problem's decisions leave standing, by the rule of its settings."""
    name, settings = problems.name_and_settings(problem)
    return standing(decisions(name), settings.review if settings else None)


def problems_with_champion() -> list[str]:
    """Return the problems of which a bundle is in production in this branch, by their names."""
    named = {run_history.tag_of(run, "project") for run in run_history.all_runs("ReviewFlow")}
    return [name for name in sorted(named - {""}) if standing_decisions(name).champion]


def standing_anywhere(problem: Problem) -> set[str]:
    """Return the digests that stand or wait for approvals in any branch.

    By the rule of the settings here, or by those that the decisions brought: elsewhere there may be
    other settings.
    """
    name, settings = problems.name_and_settings(problem)
    of_branches: dict[str, list[Run]] = {}
    for run in run_history.runs("ReviewFlow", name, successful=False, anywhere=True):
        of_branches.setdefault(run_history.tag_of(run, "project_branch"), []).append(run)
    digests = set[str]()
    for found in map(_decisions, of_branches.values()):
        for rule in (settings.review if settings else None, None):
            left = standing(found, rule)
            digests |= {*left.digests, *left.waiting}
    return digests


@functools.cache
def _report(line: str) -> None:
    """Say something once: a server looks every few seconds."""
    print(line, file=sys.stderr, flush=True)
