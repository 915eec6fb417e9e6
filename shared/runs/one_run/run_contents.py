"""What a run holds, as it is listed: of a run that has ended, it is read once."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from shared import run_memory
from shared.errors import Refusal
from shared.lineage import metadata, run_artifacts, run_history
from shared.runs.one_run import run_cards
from shared.runs.one_run.run_cards import RunCard
from shared.runs.records import Record
from shared.settings_text import settings_text

# Artifacts of Metaflow's own, or shown elsewhere.
NOT_SHOWN = {"settings", "name"}
# What flows keep under another name than that of the option that gave it.
OPTIONS = {"kind": "decision", "file": "window", "given": "model"}
# The cards of a run's last step are drawn when the run has ended already: within this time.
CARDS_WRITTEN = timedelta(minutes=5)


@dataclass(frozen=True)
class StepState:
    """A step of a run: how many of its tasks began and ended well, and its artifacts' names.

    `kinds` has the artifacts' types with their sizes in words, of those where they are known.
    """

    name: str
    tasks: int
    done: int
    failed: int
    artifacts: tuple[str, ...]
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunContents:
    """The steps of a run, its cards, what it was started with, and the commit of its code."""

    steps: tuple[StepState, ...]
    cards: tuple[RunCard, ...]
    parameters: dict[str, Any]
    settings: str
    commit: str | None


def of_record(record: Record) -> RunContents:
    """Return what a run holds, which is remembered of one that has ended.

    Raises `Refusal` where the run is gone, or where something of it is lost.
    """
    key = f"{metadata.history_name()} contents-2 {record.pathspec}"
    if remembered := run_memory.recall(key):
        return TypeAdapter(RunContents).validate_python(remembered)
    run = run_history.run_named(record.pathspec)
    if run is None:
        raise Refusal(f"{record.pathspec} is not in the run history any more")
    with run_artifacts.refusing_what_is_lost(record.pathspec):
        found = _read(run)
    ended = datetime.fromisoformat(record.finished or record.at)
    if record.final and datetime.now(UTC) - ended > CARDS_WRITTEN:
        run_memory.remember(key, _as_lists(asdict(found)))
    return found


def parameters(run: Any) -> dict[str, Any]:
    """Return what a run was started with, and its settings; raises `Refusal` where that is lost."""
    with run_artifacts.refusing_what_is_lost(run.pathspec):
        try:
            artifacts = list(run["_parameters"].task)
        except KeyError:
            return {}
        return dict(zip((a.id for a in artifacts), run_artifacts.fetched(artifacts), strict=True))


def settings_of(run: Any) -> str:
    """Return the settings that a run used as the text of a settings file.

    Raises `Refusal` where it has kept none.
    """
    settings = parameters(run).get("settings")
    if not settings:
        raise Refusal(f"{run.pathspec} has kept no settings")
    return settings_text(settings)


def code_commit(step: Any) -> str | None:
    """Return the git commit of the code that a step of Metaflow's client ran; None for none."""
    task = step.task if step else None
    found = task.metadata_dict.get("git-info") if task else None
    return json.loads(found).get("commit_sha") if found else None


def _read(run: Any) -> RunContents:
    given = parameters(run)
    steps = {step.id: list(step) for step in reversed(list(run)) if step.id != "_parameters"}
    firsts = {name: tasks[0] for name, tasks in steps.items() if tasks}
    outlines = run_artifacts.outlines([*firsts.values()])
    kinds = dict(zip(firsts, outlines, strict=True))
    return RunContents(
        tuple(_step(name, tasks, kinds.get(name, {})) for name, tasks in steps.items()),
        tuple(run_cards.of_run(run)),
        {OPTIONS.get(n, n): value for n, value in given.items() if n not in NOT_SHOWN},
        settings_text(given.get("settings") or {}),
        code_commit(next(iter(run), None)),
    )


def _step(name: str, tasks: list[Any], kinds: dict[str, str]) -> StepState:
    done = [task.successful for task in tasks]
    failed = sum(bool(task.exception) for task, ended in zip(tasks, done, strict=True) if not ended)
    names = sorted({artifact.id for artifact in tasks[0]} - NOT_SHOWN) if tasks else []
    shown = {artifact: kinds[artifact] for artifact in names if artifact in kinds}
    return StepState(name, len(tasks), sum(done), failed, tuple(names), shown)


def _as_lists(value: Any) -> Any:
    """Return a value as JSON gives it back: with a list for each tuple of the contents' own."""
    if isinstance(value, dict):
        return {name: _as_lists(each) for name, each in value.items()}
    return [_as_lists(each) for each in value] if isinstance(value, tuple) else value
