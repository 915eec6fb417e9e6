"""What a run came from, and what came of it."""

from shared.runs import records
from shared.runs.records import Record

_DONE_WITH = {"ReviewFlow": "decided by", "MonitorFlow": "judged by"}


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
            is_comment = other.facts.get("decision", {}).get("decision") == "comment"
            word = "commented by" if is_comment else _DONE_WITH.get(other.flow, "used by")
            found.append((word, other))
    return found


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
