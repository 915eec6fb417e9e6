"""What the steps of runs have kept; that of tasks that succeeded is remembered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from metaflow import Run, Step, namespace
from metaflow.exception import MetaflowNotFound

from shared import run_memory
from shared.errors import Refusal
from shared.lineage import metadata


def kept_of(run: Run, step: str, *names: str) -> dict[str, Any] | None:
    """Return artifacts of a run's step, which has one task; None where they are not there.

    Those of a task that succeeded are remembered, where they are plain values.
    """
    key = f"{metadata.history_name()} {run.pathspec}/{step} {' '.join(names)}"
    if remembered := run_memory.recall(key):
        return remembered
    try:
        task: Any = run[step].task
        kept = {name: task[name].data for name in names}
        if task.successful:
            run_memory.remember(key, kept)
    except (KeyError, MetaflowNotFound, AttributeError, TypeError):
        return None
    return kept


@contextmanager
def refusing_what_is_lost(what: str) -> Iterator[None]:
    """Raise `Refusal` where a run's keepings cannot be read in this block.

    What a datastore lost or changed comes as errors of every kind.
    """
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise Refusal(f"{what} cannot be read: {why}") from None


def finished_results(step_pathspec: str, artifact: str) -> list[Any]:
    """Return an artifact of each task of a step that has finished so far."""
    namespace(None)
    try:
        tasks = list(Step(step_pathspec))
        return [task[artifact].data for task in tasks if task.finished and artifact in task]
    except (MetaflowNotFound, KeyError):
        return []
