"""One run: what it holds, which data it learned from, what it came from and what came of it."""

from dataclasses import dataclass
from typing import Any

from shared.lineage import run_artifacts, run_history
from shared.runs import records
from shared.runs.one_run import run_contents
from shared.runs.one_run.run_contents import RunContents
from shared.runs.records import Record

OF_DATA = ("source", "version", "fingerprint", "from", "to", "sample")
_DONE_WITH = {"ReviewFlow": "decided by", "MonitorFlow": "judged by"}


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
    contents, origin = run_contents.of_record(record), origin_of(record, history)
    trained = record if record.flow == "TrainFlow" else _trained(origin)
    offspring = offspring_of(record, history)
    return RunDescription(record, contents, tuple(origin), tuple(offspring), training_data(trained))


def training_data(trained: Record | None) -> dict[str, Any]:
    """Return which data a TrainFlow run learned from: source, version, fingerprint and span."""
    run = run_history.run_named(trained.pathspec) if trained else None
    kept = run_artifacts.kept_of(run, "load", "facts") if run else None
    facts = kept["facts"] if kept else {}
    return {name: facts[name] for name in OF_DATA if facts.get(name) is not None}


def _trained(origin: list[tuple[str, Record]]) -> Record | None:
    return next((record for _, record in origin if record.flow == "TrainFlow"), None)


def origin_of(record: Record, history: list[Record]) -> list[tuple[str, Record]]:
    """Return the runs that a run came from, back to the training, each with what it was to it."""
    if record.flow == "PackageFlow":
        made_by = record.facts.get("training_run")
        return [("trained by", other) for other in history if other.pathspec == made_by]
    packaged = records.packaging_of(_bundle_of(record), history)
    return [("bundle of", packaged), *origin_of(packaged, history)] if packaged else []


def offspring_of(record: Record, history: list[Record]) -> list[tuple[str, Record]]:
    """Return the runs that came of a run, each with what became of it there, the oldest first.

    Of a training these are the runs that packaged it, and all that came of its bundles.
    """
    trained = {record.pathspec} if record.flow == "TrainFlow" else set()
    packaged = [r for r in history if r.facts.get("training_run") in trained]
    made = [record] if record.flow == "PackageFlow" else packaged
    digests = {one.facts["digest"] for one in made if "digest" in one.facts}
    found = []
    for other in reversed(history):
        if other.flow == "PackageFlow":
            found += [("packaged by", other)] * (other.facts.get("training_run") in trained)
        elif _bundle_of(other) in digests:
            is_comment = other.facts.get("decision", {}).get("decision") == "comment"
            word = "commented by" if is_comment else _DONE_WITH.get(other.flow, "used by")
            found.append((word, other))
    return found


def _bundle_of(record: Record) -> str | None:
    held = record.facts.get("decision") or record.facts.get("verdict") or {}
    found = (
        held.get("digest") or held.get("bundle") or record.facts.get("answered", {}).get("bundle")
    )
    return str(found) if found else None
