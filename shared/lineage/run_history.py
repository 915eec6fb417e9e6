"""Which runs there are: those of a flow, a problem and a branch."""

import os
from collections.abc import Iterator

from metaflow import Flow, Run, current, namespace
from metaflow.exception import MetaflowException, MetaflowNotFound
from metaflow.util import get_username

from shared import BRANCH
from shared.lineage import endings

# Whoever tags a run so keeps it; a run whose artifacts were removed is tagged so where the history
# itself cannot forget it.
KEEP, PRUNED = "keep", "pruned"


def branch() -> str:
    """Return the project branch whose runs count here, such as `prod` or `user.ada`.

    In a flow it is the flow's own; else what MILLRACE_BRANCH says, or else the user's own.
    """
    return current.get("branch_name") or os.environ.get(BRANCH, "").strip() or own_branch()


def own_branch() -> str:
    """Return the branch of what the user runs here, such as `user.ada`."""
    return f"user.{os.environ.get('METAFLOW_OWNER') or get_username()}"


def runs(
    flow: str, problem: str, *, successful: bool = True, anywhere: bool = False
) -> Iterator[Run]:
    """Yield a problem's runs of a flow, the newest first; nothing when there is none.

    Those of this branch alone, so that nobody's experiment counts in production; or `anywhere`.
    """
    namespace(None)
    tags = [f"project:{problem}", *([] if anywhere else [f"project_branch:{branch()}"])]
    try:
        found = Flow(flow).runs(*tags)
    except MetaflowNotFound:
        return
    for run in found:
        if PRUNED not in run.tags and (not successful or endings.succeeded(run)):
            yield run


def all_runs(flow: str) -> list[Run]:
    """Return all runs of a flow, of every problem and branch, the newest first."""
    namespace(None)
    try:
        return [run for run in Flow(flow).runs() if PRUNED not in run.tags]
    except MetaflowNotFound:
        return []


def run_named(pathspec: str) -> Run | None:
    """Return a run by its pathspec; None for an unknown one."""
    # Of `TrainFlow/` Metaflow would make a run without a number.
    if pathspec.endswith("/"):
        return None
    namespace(None)
    try:
        return Run(pathspec)
    except MetaflowException:
        return None


def started_by() -> str | None:
    """Return the pathspec of the run that set the current one off; None where none did."""
    trigger = current.get("trigger")
    return trigger.run.pathspec if trigger and trigger.run else None


def tag_of(run: Run, name: str) -> str:
    """Return what a tag of a run says, such as its `project` or `project_branch`; or nothing."""
    return next((t.partition(":")[2] for t in run.tags if t.startswith(f"{name}:")), "")


def mark_pruned(pathspec: str) -> None:
    """Tag a run as one that has no artifacts any more: from then on it is not listed here."""
    if run := run_named(pathspec):
        run.add_tag(PRUNED)
