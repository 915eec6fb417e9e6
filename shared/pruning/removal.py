"""Removing what a plan says: in an order in which an interruption leaves nothing half known."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime

from shared.errors import Refusal
from shared.ingestion import staging
from shared.lineage import metadata, run_history
from shared.log import old_rows
from shared.pruning import flow_files, staying
from shared.pruning.plan import FlowPlan, Plan
from shared.pruning.stores import Stored

Removed = Callable[[int], None]


def steps(plan: Plan) -> int:
    """Return how many things `carry_out` removes, for a bar."""
    of_flows = sum(len(flow.runs) + len(flow.blobs) for flow in plan.flows)
    return of_flows + sum(plan.log_rows.values()) + len(plan.stages) + len(plan.bundles)


def carry_out(plan: Plan, on_removed: Removed, now: datetime | None = None) -> list[str]:
    """Remove what is planned; returns lines about what stays all the same.

    First the blobs, then the runs: whoever is interrupted finds the runs again, and goes on.
    """
    lines = []
    for flow in plan.flows:
        lines += remove_blobs(flow, now or datetime.now(UTC))
        on_removed(len(flow.blobs))
        _remove_runs(flow, on_removed)
    if plan.log_rows:
        try:
            old_rows.remove(plan.problem, plan.limit, plan.window, on_removed)
        except Refusal as refusal:
            lines.append(f"the log's rows stay: {refusal}")
    for run in plan.stages if plan.table else ():
        staging.clear(staging.staging_address(str(plan.table), run))
        on_removed(1)
    for folder in plan.bundles:
        # A server that opens it just now finds it whole, or not at all.
        aside = folder.rename(folder.with_name(f"unpacking-{folder.name}"))
        shutil.rmtree(aside, ignore_errors=True)
        on_removed(1)
    return lines


def remove_blobs(flow: FlowPlan, now: datetime) -> list[str]:
    """Remove a flow's blobs, unless a run needs them that began since; returns lines about that.

    A task that finds a blob does not write it again, and says that it refers to it only when it
    ends. So the blobs are taken away, the runs are looked at once more, and what a run refers to by
    now is put back; all is, where one goes on.
    """
    if not flow.blobs:
        return []
    store, name = flow.store, flow.files.flow
    paths = {digest: [one.path for one in flow.files.blobs[digest]] for digest in flow.blobs}
    store.recover(name)
    for path in (path for found in paths.values() for path in found):
        store.set_aside(path)
    needed = None
    try:
        needed = _needed_now(flow, now)
    finally:
        back = set(paths) if needed is None else needed & set(paths)
        for path in (path for digest in back for path in paths[digest]):
            store.put_back(path)
    if needed is None:
        return [f"a run of {name} goes on: the artifacts of its flow stay until another pruning"]
    store.remove_aside(path for digest in set(paths) - back for path in paths[digest])
    return []


def _needed_now(flow: FlowPlan, now: datetime) -> set[str] | None:
    """Return the blobs that other runs of a flow refer to by now; None while one goes on."""
    files = flow_files.read(flow.store, flow.files.flow)
    for run in run_history.all_runs(flow.files.flow):
        if run.id not in flow.runs and staying.is_running(run, files.written(run.id), now):
            return None
    others = files.runs.keys() - set(flow.runs)
    return flow_files.references(flow.store, files, others)


def _remove_runs(flow: FlowPlan, on_removed: Removed) -> None:
    for run in flow.runs:
        if not metadata.forgets():
            run_history.mark_pruned(f"{flow.files.flow}/{run}")
        files = [*flow.files.cards.get(run, ()), *flow.files.runs.get(run, ())]
        flow.store.remove(stored.path for stored in sorted(files, key=_last))
        on_removed(1)


def _last(stored: Stored) -> tuple[bool, str]:
    """Order a run's files so that what makes it known goes last."""
    return stored.path.split("/")[2] == "_meta", stored.path
