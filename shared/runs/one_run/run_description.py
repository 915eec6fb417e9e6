"""One run: what it holds, which data it learned from, what it came from and what came of it."""

from dataclasses import dataclass
from typing import Any

from shared.lineage import run_artifacts, run_history
from shared.runs.one_run import relatives, run_contents
from shared.runs.one_run.run_contents import RunContents
from shared.runs.records import Record

OF_DATA = ("source", "version", "fingerprint", "from", "to", "sample")


@dataclass(frozen=True)
class RunDescription:
    """What there is to know of a run."""

    record: Record
    contents: RunContents
    origin: tuple[tuple[str, Record], ...]
    offspring: tuple[tuple[str, Record], ...]
    data: dict[str, Any]


def read(record: Record, history: list[Record]) -> RunDescription:
    """Describe a run. Raises `Refusal` where its record is there, but the run is gone."""
    contents, origin = run_contents.of_record(record), relatives.origin(record, history)
    trained = record if record.flow == "TrainFlow" else _trained(origin)
    offspring = relatives.offspring(record, history)
    return RunDescription(record, contents, tuple(origin), tuple(offspring), training_data(trained))


def training_data(trained: Record | None) -> dict[str, Any]:
    """Return which data a TrainFlow run learned from: source, version, fingerprint and span."""
    run = run_history.run_named(trained.pathspec) if trained else None
    kept = run_artifacts.kept_of(run, "load", "facts") if run else None
    facts = kept["facts"] if kept else {}
    return {name: facts[name] for name in OF_DATA if facts.get(name) is not None}


def _trained(origin: list[tuple[str, Record]]) -> Record | None:
    return next((record for _, record in origin if record.flow == "TrainFlow"), None)
