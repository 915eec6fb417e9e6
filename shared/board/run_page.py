"""One run: its steps, its parameters and settings, what it came from and what came of it."""

import pprint
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shared.board import records, run_cards
from shared.board.records import Record
from shared.board.run_cards import RunCard
from shared.errors import Refusal
from shared.lineage import run_history
from shared.words import number_of

FIRST_ROWS = 50
MOST_TEXT = 20_000
# Artifacts of Metaflow's own, or shown elsewhere on the page.
NOT_SHOWN = {"settings", "name"}


@dataclass(frozen=True)
class StepState:
    """A step of a run: how many of its tasks began and ended well, and its artifacts' names."""

    name: str
    tasks: int
    done: int
    failed: int
    artifacts: tuple[str, ...]


@dataclass(frozen=True)
class RunPage:
    """What a run's page shows."""

    record: Record
    steps: tuple[StepState, ...]
    cards: tuple[RunCard, ...]
    parameters: dict[str, Any]
    settings: str
    origin: tuple[tuple[str, Record], ...]
    offspring: tuple[tuple[str, Record], ...]


@dataclass(frozen=True)
class Preview:
    """An artifact: its type, the first rows of a frame, or else its text."""

    kind: str
    size: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    text: str = ""


def read(record: Record, history: list[Record]) -> RunPage:
    """Return a run's page. Raises `Refusal` where its record is there, but the run is gone."""
    run = run_history.run_named(record.pathspec)
    if run is None:
        raise Refusal(f"{record.pathspec} is not in the run history any more")
    parameters = _parameters(run)
    return RunPage(
        record,
        tuple(_step(step) for step in reversed(list(run)) if step.id != "_parameters"),
        tuple(run_cards.of_run(run)),
        {name: value for name, value in parameters.items() if name not in NOT_SHOWN},
        settings_text(parameters.get("settings")),
        tuple(origin(record, history)),
        tuple(offspring(record, history)),
    )


def settings_text(settings: Any) -> str:
    """Return the settings that a run had as text, a key on each line."""
    return pprint.pformat(dict(settings or {}), width=100, sort_dicts=False)


def origin(record: Record, history: list[Record]) -> list[tuple[str, Record]]:
    """Return the runs that a run came from, each with what it was to it."""
    if record.flow == "PackageFlow":
        return _named("trained by", record.facts.get("training_run"), history)
    packaged = records.packaging_of(_bundle_of(record), history)
    return [("bundle of", packaged)] if packaged else []


def offspring(record: Record, history: list[Record]) -> list[tuple[str, Record]]:
    """Return the runs that came of a run, each with what became of it there, the oldest first."""
    found = []
    for other in reversed(history):
        if record.flow == "TrainFlow" and other.facts.get("training_run") == record.pathspec:
            found.append(("packaged by", other))
        elif record.flow == "PackageFlow" and _is_about(other, record.facts.get("digest")):
            found.append((_DONE_WITH.get(other.flow, "used by"), other))
    return found


def preview(pathspec: str, step: str, name: str) -> Preview | None:
    """Return what an artifact of a run's step is; None for one that is not there."""
    run = run_history.run_named(pathspec)
    if run is None:
        return None
    try:
        value = next(iter(run[step]))[name].data
    except (KeyError, StopIteration):
        return None
    if isinstance(value, pd.DataFrame):
        first = value.head(FIRST_ROWS)
        rows = tuple(tuple(row) for row in first.astype(object).itertuples(index=False))
        size = f"{number_of(len(value), 'row')}, {number_of(value.shape[1], 'column')}"
        return Preview("DataFrame", size, tuple(map(str, first.columns)), rows)
    if isinstance(value, bytes):
        return Preview("bytes", number_of(len(value), "byte"))
    text = pprint.pformat(value, width=100, sort_dicts=False)
    return Preview(type(value).__name__, number_of(len(text), "character"), text=text[:MOST_TEXT])


_ABOUT_BUNDLES = ("decision", "verdict", "answered")
_DONE_WITH = {"ReviewFlow": "decided by", "MonitorFlow": "judged by"}


def _is_about(record: Record, digest: str | None) -> bool:
    return bool(digest) and record.flow != "PackageFlow" and _bundle_of(record) == digest


def _bundle_of(record: Record) -> str | None:
    held = record.facts.get("decision") or record.facts.get("verdict") or {}
    found = (
        held.get("digest") or held.get("bundle") or record.facts.get("answered", {}).get("bundle")
    )
    return str(found) if found else None


def _named(word: str, pathspec: str | None, history: list[Record]) -> list[tuple[str, Record]]:
    return [(word, record) for record in history if record.pathspec == pathspec]


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


def _parameters(run: Any) -> dict[str, Any]:
    try:
        return {artifact.id: artifact.data for artifact in run["_parameters"].task}
    except KeyError:
        return {}
