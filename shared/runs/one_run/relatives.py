"""What a run came from, and what came of it."""

from shared.runs import records
from shared.runs.records import Record

_DONE_WITH = {"ReviewFlow": "decided by", "MonitorFlow": "judged by"}


def origin(record: Record, history: list[Record]) -> list[tuple[str, Record]]:
    """Return the runs that a run came from, back to the training, each with what it was to it."""
    if record.flow == "PackageFlow":
        return _named("trained by", record.facts.get("training_run"), history)
    packaged = records.packaging_of(_bundle_of(record), history)
    return [("bundle of", packaged), *origin(packaged, history)] if packaged else []


def offspring(record: Record, history: list[Record]) -> list[tuple[str, Record]]:
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


def _named(word: str, pathspec: str | None, history: list[Record]) -> list[tuple[str, Record]]:
    return [(word, record) for record in history if record.pathspec == pathspec]
