"""How runs ended, which is remembered of those that ended well."""

from datetime import datetime
from typing import Any

from metaflow import Run

from shared import run_memory
from shared.lineage import metadata


def succeeded(run: Run) -> bool:
    """Return whether a run has ended well, which is remembered."""
    key = f"{metadata.history_name()} {run.pathspec}"
    if run_memory.recall(key):
        return True
    if found := ended_well(run):
        run_memory.remember(key, {"successful": True})
    return found


def ended_well(run: Any) -> bool:
    """Return whether a run's last step has succeeded, which is asked anew.

    Of a resumed run Metaflow's client does not know which one that is
    (findings/metaflow_resumed_run_never_ends.sh).
    """
    if run.successful:
        return True
    return resumed_from(run) is not None and any(task.successful for task in _last_tasks(run))


def finished_at(run: Any) -> datetime | None:
    """Return when a run's last step has ended; None where it has not."""
    if run.finished_at or resumed_from(run) is None:
        at: datetime | None = run.finished_at
        return at
    return max((task.finished_at for task in _last_tasks(run) if task.finished_at), default=None)


def _last_tasks(run: Any) -> list[Any]:
    """Return the tasks of a resumed run's last step, as far as it came."""
    tasks = [task for step in run for task in step]
    graphs = (task["_graph_info"].data for task in tasks if "_graph_info" in task)
    last = next(graphs, dict[str, Any]()).get("end_step", "end")
    return [task for task in tasks if task.parent.id == last]


def failed_at(run: Any) -> datetime | None:
    """Return when the last of a run's failed tasks ended; None where none has."""
    ended = [task.finished_at for step in run for task in step if task.exception]
    return max(filter(None, ended), default=None)


def failure(run: Any) -> str:
    """Return why a run failed: the last line of its failed task's exception; else nothing."""
    error = next((task.exception for step in run for task in step if task.exception), None)
    # Metaflow keeps an exception's message apart from the traceback.
    message = str(getattr(error, "exception", None) or error or "")
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1] if lines else ("it failed" if error else "")


def resumed_from(run: Run) -> str | None:
    """Return the pathspec of the run that a run was resumed from; None where it was not."""
    task = next((task for step in run for task in step), None)
    origin = task.metadata_dict.get("origin-run-id") if task else None
    # Metaflow writes None as a word.
    return (
        f"{run.pathspec.partition('/')[0]}/{origin}" if origin not in (None, "", "None") else None
    )
