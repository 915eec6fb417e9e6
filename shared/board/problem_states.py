"""The first page: how each problem stands, and what of it needs a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared import cards, problems
from shared.errors import Refusal
from shared.lineage import reviews
from shared.log import service_state
from shared.log.service_state import ServiceState
from shared.model.decision import Decision, Standing, standing
from shared.model.verdict import SERIOUS, Incident, Verdict, read_verdict
from shared.runs import records
from shared.runs.records import Record

# So many windows are in a problem's strip.
STRIP = 20


@dataclass(frozen=True)
class Window:
    """A window that was judged: its verdict and the run that made it."""

    record: Record
    verdict: Verdict

    @property
    def span(self) -> str:
        """The days of the window, in words."""
        return cards.days(self.verdict.start, self.verdict.until) or self.verdict.state


@dataclass(frozen=True)
class Waiting:
    """A verified bundle that nobody decided about, or that needs more approvals."""

    digest: str
    record: Record
    approvals: str


@dataclass(frozen=True)
class ProblemState:
    """How a problem stands on a branch: champion, windows (the oldest first), what waits."""

    name: str
    branch: str
    standing: Standing
    windows: tuple[Window, ...]
    waiting: tuple[Waiting, ...]
    service: ServiceState | None
    refusal: str

    @property
    def approval(self) -> Decision | None:
        """The decision that made the champion what it is."""
        made = [past for past in self.standing.counted if past.decision == "approve"]
        return next((d for d in reversed(made) if d.digest == self.standing.champion), None)

    @property
    def newest(self) -> Window | None:
        """The window that was judged last."""
        return self.windows[-1] if self.windows else None

    @property
    def is_judged(self) -> bool:
        """Whether the newest window is the champion's."""
        return bool(self.newest and self.newest.verdict.bundle == self.standing.champion)

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """The incidents that are open after the newest window, the most serious first."""
        found = self.newest.verdict.incidents if self.newest else None
        still = [incident for incident in found or () if incident.change != "closed"]
        return tuple(sorted(still, key=lambda incident: SERIOUS.index(incident.level)))

    @property
    def urgency(self) -> int:
        """How much of it needs a person: 0 for nothing."""
        level = self.newest.verdict.level if self.newest else "ok"
        alarm = {"act": 4, "watch": 1, "ok": 0}[level]
        return alarm + 2 * bool(self.waiting) + bool(self.service and self.service.errors)


def states(history: list[Record], branch: str) -> list[ProblemState]:
    """Return how each problem of a branch stands, what needs a person first."""
    own = [record for record in history if record.branch == branch]
    found = [state(own, name, branch) for name in records.problems(own)]
    return sorted(found, key=lambda each: -each.urgency)


def state(own: list[Record], problem: str, branch: str) -> ProblemState:
    """Return how a problem stands, by the records of its branch, the newest first."""
    of_problem = [record for record in own if record.problem == problem]
    refusal, rule = "", None
    try:
        settings = problems.settings_here(problem)
        rule = settings.review if settings else None
    except Refusal as error:
        refusal = str(error)
    found = standing(reviews.read_decisions(_decided(of_problem)), rule)
    return ProblemState(
        problem,
        branch,
        found,
        windows(of_problem, STRIP),
        waiting(of_problem, found),
        service_state.read(problem),
        refusal,
    )


def windows(of_problem: list[Record], most: int | None = None) -> tuple[Window, ...]:
    """Return the windows that a problem's records judged, the oldest first; the newest `most`."""
    judged = [r for r in of_problem if r.flow == "MonitorFlow" and "verdict" in r.facts][:most]
    return tuple(Window(r, read_verdict(r.facts["verdict"])) for r in reversed(judged))


def waiting(of_problem: list[Record], found: Standing) -> tuple[Waiting, ...]:
    """Return the bundles that wait for a decision: the newest one, and those half approved."""
    packaged = [r for r in of_problem if r.flow == "PackageFlow" and r.state == "done"]
    decided = {decision.digest for decision in found.counted}
    waits = []
    for number, record in enumerate(packaged):
        digest = record.facts["digest"]
        if digest in found.waiting:
            waits.append(Waiting(digest, record, found.approvals(digest)))
        elif number == 0 and digest not in decided:
            waits.append(Waiting(digest, record, ""))
    return tuple(waits)


def _decided(of_problem: list[Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    for record in of_problem:
        if record.flow == "ReviewFlow" and record.state == "done":
            yield record.pathspec, record.facts["decision"]
