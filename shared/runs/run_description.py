"""One run: its steps, its parameters and settings, what it came from and what came of it."""

import json
from dataclasses import dataclass
from typing import Any

from shared.errors import Refusal
from shared.lineage import run_artifacts, run_history
from shared.runs import relatives, run_cards
from shared.runs.records import Record
from shared.runs.run_cards import RunCard
from shared.settings_text import settings_text

# Artifacts of Metaflow's own, or shown elsewhere.
NOT_SHOWN = {"settings", "name"}
OF_DATA = ("source", "version", "fingerprint", "from", "to")


@dataclass(frozen=True)
class StepState:
    """A step of a run: how many of its tasks began and ended well, and its artifacts' names."""

    name: str
    tasks: int
    done: int
    failed: int
    artifacts: tuple[str, ...]


@dataclass(frozen=True)
class RunDescription:
    """What there is to know of a run."""

    record: Record
    steps: tuple[StepState, ...]
    cards: tuple[RunCard, ...]
    parameters: dict[str, Any]
    settings: str
    origin: tuple[tuple[str, Record], ...]
    offspring: tuple[tuple[str, Record], ...]
    data: dict[str, Any]
    commit: str | None


def read(record: Record, history: list[Record]) -> RunDescription:
    """Describe a run. Raises `Refusal` where its record is there, but the run is gone."""
    run = run_history.run_named(record.pathspec)
    if run is None:
        raise Refusal(f"{record.pathspec} is not in the run history any more")
    given, origin = parameters(run), relatives.origin(record, history)
    return RunDescription(
        record,
        tuple(_step(step) for step in reversed(list(run)) if step.id != "_parameters"),
        tuple(run_cards.of_run(run)),
        {name: value for name, value in given.items() if name not in NOT_SHOWN},
        settings_text(given.get("settings") or {}),
        tuple(origin),
        tuple(relatives.offspring(record, history)),
        training_data(record if record.flow == "TrainFlow" else _trained(origin)),
        code_commit(next(iter(run), None)),
    )


def code_commit(step: Any) -> str | None:
    """Return the git commit of the code that a step of Metaflow's client ran; None for none."""
    task = step.task if step else None
    found = task.metadata_dict.get("git-info") if task else None
    return json.loads(found).get("commit_sha") if found else None


def training_data(trained: Record | None) -> dict[str, Any]:
    """Return which data a TrainFlow run learned from: source, version, fingerprint and span."""
    run = run_history.run_named(trained.pathspec) if trained else None
    kept = run_artifacts.kept_of(run, "load", "facts") if run else None
    facts = kept["facts"] if kept else {}
    return {name: facts[name] for name in OF_DATA if facts.get(name) is not None}


def _trained(origin: list[tuple[str, Record]]) -> Record | None:
    return next((record for _, record in origin if record.flow == "TrainFlow"), None)


def settings_of(run: Any) -> str:
    """Return the settings that a run used as the text of a settings file.

    Raises `Refusal` where it has kept none.
    """
    settings = parameters(run).get("settings")
    if not settings:
        raise Refusal(f"{run.pathspec} has kept no settings")
    return settings_text(settings)


def _step(step: Any) -> StepState:
    tasks = list(step)
    done = [task.successful for task in tasks]
    failed = sum(bool(task.exception) for task, ended in zip(tasks, done, strict=True) if not ended)
    names = sorted(artifact.id for artifact in tasks[0]) if tasks else []
    return StepState(
        step.id,
        len(tasks),
        sum(done),
        failed,
        tuple(name for name in names if name not in NOT_SHOWN),
    )


def parameters(run: Any) -> dict[str, Any]:
    """Return what a run was started with, and its settings; raises `Refusal` where that is lost."""
    with run_artifacts.refusing_what_is_lost(run.pathspec):
        try:
            return {artifact.id: artifact.data for artifact in run["_parameters"].task}
        except KeyError:
            return {}
