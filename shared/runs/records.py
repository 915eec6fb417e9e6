"""The runs of all flows as they are listed: what each is, how it stands, what it came to."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from shared import command_words, run_memory
from shared.errors import Refusal, in_a_line
from shared.lineage import metadata, run_history
from shared.runs import stations

# A page shows a history of at most this age; a new run is seen that soon.
FRESH_SECONDS = 1.5
# What runs are filtered by, each with the values that there are.
EXACT = ("flow", "problem", "branch", "state", "by")
# Fewer digits of a bundle's digest name none.
SHORTEST_DIGEST = 8
# So many runs are read before a page is shown; the others follow while people look.
FIRST = 60


@dataclass(frozen=True)
class Record:
    """A run of a flow.

    `at` and `finished` are ISO times (UTC), `state` is `done`, `failed` or `running`; `mood` and
    `word` say how it stands, `failure` why it failed, and `facts` what the flow's runs are looked
    up by: the digest of a bundle, a decision, a verdict.
    """

    flow: str
    run: str
    problem: str
    branch: str
    by: str
    at: str
    finished: str | None = None
    state: str = "running"
    mood: str = "quiet"
    word: str = "not read yet"
    failure: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    final: bool = False

    @property
    def pathspec(self) -> str:
        """The run's name in Metaflow."""
        return f"{self.flow}/{self.run}"

    def is_like(self, wanted: dict[str, str]) -> bool:
        """Return whether it is what a query asks for.

        By flow, problem, branch, state and person; by the days `since` and `until` (ISO); and by a
        text `q` that its name, its word, its failure or a digest holds.
        """
        if any(getattr(self, name) != wanted[name] for name in EXACT if name in wanted):
            return False
        if not wanted.get("since", "") <= self.at[:10] <= wanted.get("until", "9999"):
            return False
        held = (self.pathspec, self.word, self.failure, self.facts.get("digest", ""))
        return wanted.get("q", "").casefold() in " ".join(map(str, held)).casefold()


class Records:
    """The records of all runs in the history, the newest first.

    What has ended is read once, and remembered; what goes on is read again when somebody asks. A
    long history that was never read is read bit by bit, the newest runs first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._known: dict[str, Record] = {}
        self._listed: dict[str, tuple[int | None, list[Record]]] = {}
        self._newest_first: list[Record] = []
        self._reader: threading.Thread | None = None
        self.left = 0

    def all(self) -> list[Record]:
        """Return all records, the newest first."""
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._read()
                self._read_at = time.monotonic()
            return self._newest_first

    def find(self, flow: str, run: str) -> Record | None:
        """Return a run's record, read to the end; None for an unknown run."""
        found = next((r for r in self.all() if (r.flow, r.run) == (flow, run)), None)
        if found and not found.final:
            return _read(found)
        return found

    def _read(self) -> None:
        listed = [outline for flow in stations.FLOWS for outline in self._listing(flow)]
        listed.sort(key=lambda outline: outline.at, reverse=True)
        known = {outline.pathspec: self._known.get(outline.pathspec) for outline in listed}
        if not self._known:
            known |= {key: kept for key in known if (kept := _remembered(key))}
        unread = [outline for outline in listed if not (known[outline.pathspec] or outline).final]
        for number, outline in enumerate(unread):
            held = known[outline.pathspec] or outline
            known[outline.pathspec] = _read(outline) if number < FIRST else held
        self._known = {key: record for key, record in known.items() if record}
        self._newest_first = list(self._known.values())
        later = [o for o in unread[FIRST:] if (known[o.pathspec] or o).word == UNREAD]
        self.left = len(later)
        if later and not (self._reader and self._reader.is_alive()):
            self._reader = threading.Thread(target=self._read_later, args=[later], daemon=True)
            self._reader.start()

    def _listing(self, flow: str) -> list[Record]:
        age = metadata.listing_age(flow)
        if age is None or self._listed.get(flow, (None,))[0] != age:
            # Metaflow's own objects take twenty times the memory.
            self._listed[flow] = (age, [_outline(run) for run in run_history.all_runs(flow)])
        return self._listed[flow][1]

    def _read_later(self, later: list[Record]) -> None:
        for outline in later:
            if read := _read(outline):
                with self._lock:
                    self._known[outline.pathspec] = read
            self.left -= 1


UNREAD = "not read yet"
# What the listing of the runs tells, before one is read.
LISTED = ("flow", "problem", "branch", "since", "until")


def newest(wanted: dict[str, str]) -> Iterator[Record]:
    """Yield the runs that a query asks for, the newest first; each is read when its turn comes."""
    flows = [wanted["flow"]] if "flow" in wanted else stations.FLOWS
    outlines = [_outline(run) for flow in flows for run in run_history.all_runs(flow)]
    by_listing = {name: wanted[name] for name in LISTED if name in wanted}
    for outline in sorted(outlines, key=lambda outline: outline.at, reverse=True):
        record = _read(outline) if outline.is_like(by_listing) else None
        if record and record.is_like(wanted):
            yield record


def newest_record(problem: str | None = None) -> Record:
    """Return the record of the newest run, of a problem where one is named; or raise `Refusal`."""
    found = next(newest({"problem": problem} if problem else {}), None)
    if found is None:
        raise Refusal(f"no run {f'of {problem} ' if problem else ''}is here")
    return found


def find_record(named: str, problem: str | None = None) -> Record:
    """Return the record of a run: by `FLOW/RUN`, by its number, or by 8 digits of its bundle.

    Raises `Refusal` where there is no such run, more than one, or none of the `problem`.
    """
    flow, _, number = named.rpartition("/")
    flows = [stations.flow_named(flow)] if flow else stations.FLOWS
    runs = [run for name in flows if (run := run_history.run_named(f"{name}/{number}"))]
    found = [record for run in runs if (record := _read(_outline(run)))]
    if not found and re.fullmatch(f"[0-9a-f]{{{SHORTEST_DIGEST},64}}", named):
        packaged = newest({"flow": "PackageFlow"})
        found = [r for r in packaged if str(r.facts.get("digest", "")).startswith(named)][:1]
    others = [record for record in found if problem and record.problem != problem]
    if found and len(others) == len(found):
        raise Refusal(f"{found[0].pathspec} is a run of {found[0].problem!r}, not of {problem!r}")
    found = [record for record in found if record not in others]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refusal(f"{named} is several runs: {', '.join(r.pathspec for r in found)}")
    raise Refusal(
        f"no run {named!r} is here: give FLOW/RUN, a run's number, or {SHORTEST_DIGEST} digits of "
        f"a bundle or more; `{command_words.millrace('runs')}` lists them"
    )


def _remembered(pathspec: str) -> Record | None:
    kept = run_memory.recall(_key(pathspec))
    return Record(**kept) if kept else None


def _key(pathspec: str) -> str:
    return f"{metadata.history_name()} board-3 {pathspec}"


def _outline(run: Any) -> Record:
    """Return what the listing of the runs tells of one."""
    tags = dict(tag.split(":", 1) for tag in sorted(run.tags) if ":" in tag)
    flow, _, number = run.pathspec.partition("/")
    return Record(
        flow=flow,
        run=number,
        problem=tags.get("project", ""),
        branch=tags.get("project_branch", ""),
        by=tags.get("user", ""),
        at=run.created_at.astimezone(UTC).isoformat(timespec="seconds"),
    )


def _read(outline: Record) -> Record | None:
    """Return a run's record, remembered where nothing of it will change; None where it is gone."""
    if kept := _remembered(outline.pathspec):
        return kept
    run = run_history.run_named(outline.pathspec)
    if run is None:
        return None
    try:
        found = stations.standing(run)
    except Exception as error:
        # What a datastore lost or changed comes as errors of every kind.
        why = in_a_line(error)
        found = stations.Standing(stations.FAILED, "bad", "cannot be read", why)
    record = replace(
        outline,
        by=found.facts.get("decision", {}).get("reviewer") or outline.by,
        final=found.is_settled(datetime.fromisoformat(outline.at), datetime.now(UTC)),
        **{name: getattr(found, name) for name in _OF_THE_STANDING},
    )
    if record.final:
        run_memory.remember(_key(record.pathspec), asdict(record))
        # What is recalled takes half the memory: thousands of runs share their words.
        return _remembered(record.pathspec) or record
    return record


_OF_THE_STANDING = ("state", "mood", "word", "failure", "finished", "facts")


def page_of(records: list[Record], number: int, size: int = 50) -> tuple[list[Record], int]:
    """Return the records of a page, counted from 1, and how many pages there are."""
    pages = max(1, -(-len(records) // size))
    number = min(max(number, 1), pages)
    return records[(number - 1) * size : number * size], pages


def problems(records: list[Record]) -> Iterator[str]:
    """Yield the problems that have runs, the one with the newest run first."""
    yield from dict.fromkeys(record.problem for record in records if record.problem)


def choices(history: list[Record]) -> dict[str, list[str]]:
    """Return what the runs can be filtered by: the values of each property."""
    return {name: sorted({getattr(r, name) for r in history} - {""}) for name in EXACT}


def packaging_of(digest: str | None, history: list[Record]) -> Record | None:
    """Return the newest run that packaged a bundle; None for no bundle, or an unknown one."""
    made = (r for r in history if digest and r.flow == "PackageFlow")
    return next((record for record in made if record.facts.get("digest") == digest), None)
