"""What is read of the artifacts of a judged window's run: once, as a finished run never changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from shared import run_memory
from shared.lineage import metadata, run_artifacts, run_history
from shared.runs.records import Record

Read = TypeVar("Read")


def read_once(
    record: Record,
    artifact: str,
    kept_as: str,
    kind: type[Read],
    read: Callable[[Any], Read | None],
) -> Read | None:
    """Return what `read` makes of an artifact of a MonitorFlow run, of a dataclass `kind`.

    It is remembered as `kept_as`, once the run has ended. None where the run or its artifact is
    gone, or where nothing can be made of it.
    """
    key = f"{metadata.history_name()} {kept_as} {record.pathspec}"
    if remembered := run_memory.recall(key):
        return kind(**remembered)
    run = run_history.run_named(record.pathspec)
    kept = run_artifacts.kept_of(run, "judge", artifact) if run else None
    found = read(kept[artifact]) if kept else None
    if found and record.final:
        run_memory.remember(key, vars(found))
    return found
