"""What the steps of runs have kept; that of tasks that succeeded is remembered."""

import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from metaflow import Run, Step, namespace
from metaflow.exception import MetaflowNotFound

from shared import datastores, run_memory
from shared.datastores import AT_ONCE, StoredFile
from shared.errors import Refusal, in_a_line
from shared.lineage import metadata


def kept_of(run: Run, step: str, *names: str) -> dict[str, Any] | None:
    """Return artifacts of a run's step, which has one task; None where they are not there.

    Those of a task that succeeded are remembered, where they are plain values.
    """
    key = _key(run, step, names)
    if remembered := run_memory.recall(key):
        return remembered
    kept, is_final = _read(run, step, names)
    if kept and is_final:
        run_memory.remember(key, kept)
    return kept


def kept_of_each(runs: Sequence[Run], step: str, *names: str) -> list[dict[str, Any] | None]:
    """Return artifacts of each run's last step, which has one task; None of one that has not ended.

    A run has ended well where its last task has: of many runs no more is looked at.
    """
    keys = [_key(run, step, names) for run in runs]
    found = [run_memory.recall(key) for key in keys]
    unread = [at for at, kept in enumerate(found) if not kept]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        read = pool.map(lambda at: _read(runs[at], step, names), unread)
        for at, (kept, is_final) in zip(unread, read, strict=True):
            found[at] = kept if is_final else None
    run_memory.remember_all({keys[at]: kept for at in unread if (kept := found[at])})
    return found


def _key(run: Run, step: str, names: Sequence[str]) -> str:
    return f"{metadata.history_name()} {run.pathspec}/{step} {' '.join(names)}"


def _read(run: Run, step: str, names: Sequence[str]) -> tuple[dict[str, Any] | None, bool]:
    """Return what a step's task has kept, and whether it succeeded, so that it never changes."""
    try:
        task: Any = run[step].task
        kept = dict(zip(names, fetched([task[name] for name in names]), strict=True))
        return kept, bool(task.successful)
    except (KeyError, MetaflowNotFound, AttributeError, TypeError):
        return None, False


def fetched(artifacts: Sequence[Any]) -> list[Any]:
    """Return what artifacts hold, in their order, read side by side."""
    if len(artifacts) < 2:
        return [artifact.data for artifact in artifacts]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda artifact: artifact.data, artifacts))


def outlines(tasks: Sequence[Any]) -> list[dict[str, str]]:
    """Return what each task's artifacts are, by name: a type with a size, such as "dict, 2 kB".

    Metaflow keeps that in a file of each task; none is told of a task that has none yet.
    """
    files = [_outlines_file(task) for task in tasks]
    found = [file for file in files if file]
    read = dict(zip(found, datastores.read(found), strict=True))
    contents = (read[file] if file else None for file in files)
    kept = [json.loads(content)["info"] if content else {} for content in contents]
    return [{name: _outline(info) for name, info in of_task.items()} for of_task in kept]


def _outlines_file(task: Any) -> StoredFile | None:
    said = task.metadata_dict
    if "ds-root" not in said:
        # A task that has just begun has not said it yet.
        return None
    path = f"{task.pathspec}/{said.get('attempt', 0)}.data.json"
    return StoredFile(said["ds-type"], said["ds-root"], path)


def _outline(info: dict[str, Any]) -> str:
    """Return "DataFrame, 12 kB" of `<class 'pandas.DataFrame'>` and its bytes."""
    named = re.search(r"(\w+)'>$", str(info.get("type")))
    size = int(info.get("size") or 0)
    amount = f"{size:,} bytes" if size < 1_000 else f"{size / 1e3:,.0f} kB"
    return f"{named[1] if named else '?'}, {amount if size < 1e6 else f'{size / 1e6:,.1f} MB'}"


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
        why = in_a_line(error)
        raise Refusal(f"{what} cannot be read: {why}") from None


def finished_results(step_pathspec: str, artifact: str) -> list[Any]:
    """Return an artifact of each task of a step that has finished so far."""
    namespace(None)
    try:
        tasks = list(Step(step_pathspec))
        return [task[artifact].data for task in tasks if task.finished and artifact in task]
    except (MetaflowNotFound, KeyError):
        return []
