"""The first page: how each problem stands, and what of it needs a person."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import cards, problems
from shared.board.pages.incident_spans import IncidentSpan, incident_spans
from shared.errors import Refusal
from shared.lineage import reviews
from shared.log import service_state
from shared.log.service_state import ServiceState
from shared.model import loss_proofs
from shared.model.decision import Decision, Standing, standing
from shared.model.verdict import Verdict, gap_between, read_verdict
from shared.monitoring.wording.deviation_reasons import span_words
from shared.runs import loss_answers, records, stations
from shared.runs.records import Record

# So many of the newest windows are looked at, and so many of them are in a problem's strip.
MOST_WINDOWS, STRIP = 60, 20
HOUR = timedelta(hours=1)


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
class Square:
    """A window in a strip, and how long there was none before it, in words."""

    window: Window
    gap: str


@dataclass(frozen=True)
class Waiting:
    """A verified bundle that nobody decided about, or that needs more approvals."""

    digest: str
    record: Record
    approvals: str


@dataclass(frozen=True)
class ProblemState:
    """How a problem stands on a branch: champion, windows (the oldest first), what waits.

    `trained` is the newest training run, where it is for a person to package its model or to mend
    why it did not pass; `answered` says what has answered the loss that the newest window proves.
    """

    name: str
    branch: str
    standing: Standing
    windows: tuple[Window, ...]
    waiting: tuple[Waiting, ...]
    service: ServiceState | None
    refusal: str
    trained: Record | None = None
    answered: str = ""

    @property
    def approval(self) -> Decision | None:
        """The decision that made the champion what it is."""
        made = [past for past in self.standing.counted if past.decision == "approve"]
        return next((d for d in reversed(made) if d.digest == self.standing.champion), None)

    @property
    def strip(self) -> tuple[Square, ...]:
        """The newest windows, the oldest of them first."""
        shown = self.windows[-STRIP:]
        gaps = [gap_between(a.verdict, b.verdict) for a, b in itertools.pairwise(shown)]
        words = ["", *(span_words(round(gap / HOUR)) if gap else "" for gap in gaps)]
        return tuple(map(Square, shown, words))

    @property
    def newest(self) -> Window | None:
        """The newest window that was judged."""
        return self.windows[-1] if self.windows else None

    @property
    def is_judged(self) -> bool:
        """Whether the newest window is the champion's."""
        return bool(self.newest and self.newest.verdict.bundle == self.standing.champion)

    @property
    def spans(self) -> tuple[IncidentSpan, ...]:
        """The incidents over the windows, what is open first."""
        return tuple(incident_spans(window.verdict for window in self.windows))

    @property
    def incidents(self) -> tuple[IncidentSpan, ...]:
        """The incidents that are open, the most serious first."""
        return tuple(span for span in self.spans if not span.closed)

    @property
    def urgency(self) -> int:
        """How much of it needs a person: 0 for nothing."""
        level = self.newest.verdict.level if self.newest else "ok"
        alarm = {"act": 4, "watch": 1, "ok": 0}[level]
        failing = bool(self.service and self.service.errors)
        return alarm + 2 * bool(self.waiting) + bool(self.trained) + failing


def states(history: list[Record], branch: str) -> list[ProblemState]:
    """Return how each problem of a branch stands, what needs a person first."""
    own = [record for record in history if record.branch == branch]
    found = [state(own, name, branch) for name in records.problems(own) if _is_one(own, name)]
    return sorted(found, key=lambda each: -each.urgency)


def _is_one(own: list[Record], problem: str) -> bool:
    """Tell whether a problem has more than decisions that failed: its name was a slip in those."""
    of_problem = (record for record in own if record.problem == problem)
    return not all(
        record.flow == "ReviewFlow" and record.state == "failed" for record in of_problem
    )


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
    judged = windows(of_problem, MOST_WINDOWS)
    return ProblemState(
        problem,
        branch,
        found,
        judged,
        waiting(of_problem, found),
        service_state.read(problem),
        refusal,
        trained(of_problem, found),
        answered(judged, of_problem, found),
    )


def windows(
    of_problem: list[Record], most: int | None = None, until: str | None = None
) -> tuple[Window, ...]:
    """Return the windows that a problem's records judged, the oldest first; the newest `most`.

    The records are the newest first: of a window that was judged again, the last verdict counts.
    None ended (ISO time) after `until`.
    """
    judged: dict[tuple[str, str], Record] = {}
    for record in of_problem:
        if record.flow == "MonitorFlow" and "verdict" in record.facts:
            judged.setdefault(_window_of(record.facts["verdict"]), record)
    ended = [each for each in judged if until is None or each[0] <= until]
    newest = sorted(ended, reverse=True)[:most]
    return tuple(
        Window(judged[each], read_verdict(judged[each].facts["verdict"])) for each in newest[::-1]
    )


def _window_of(verdict: dict[str, Any]) -> tuple[str, str]:
    """Return what tells windows apart, and in their order: their end, and where rows came from.

    A window without an end has no other like it, and its place by when it was judged.
    """
    end = verdict.get("until") or verdict.get("judged_at") or ""
    return end, str(verdict.get("source", ""))


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


def trained(of_problem: list[Record], found: Standing) -> Record | None:
    """Return the newest training run that ended, where a person has something to do about it.

    Its model passed and nobody has packaged it; or it did not, and nothing is in production.
    """
    ended = (r for r in of_problem if r.flow == "TrainFlow" and r.state == stations.DONE)
    newest = next(ended, None)
    if newest is None:
        return None
    if not newest.facts.get("evaluation", {}).get("passed"):
        return None if found.champion else newest
    packaging = (r for r in of_problem if r.flow == "PackageFlow" and r.state != stations.FAILED)
    # One that goes on need not have said yet of what.
    taken = any(
        r.facts.get("training_run") == newest.pathspec
        or (r.state == stations.RUNNING and r.at > newest.at)
        for r in packaging
    )
    return None if taken else newest


def answered(judged: tuple[Window, ...], of_problem: list[Record], found: Standing) -> str:
    """Say what has answered the loss of quality that the newest window proves; or nothing."""
    if not judged:
        return ""
    *earlier, newest = (window.verdict for window in judged)
    proven_at = loss_proofs.proven_at(newest, earlier)
    if proven_at is None:
        return ""
    since = datetime.fromisoformat(proven_at)
    answer = loss_answers.answer_among(of_problem, since, datetime.now(UTC))
    made = answer.packaged.facts["digest"] if answer and answer.packaged else ""
    return answer.words if answer and not found.rejections(made) else ""


def _decided(of_problem: list[Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    for record in of_problem:
        if record.flow == "ReviewFlow" and record.state == "done":
            yield record.pathspec, record.facts["decision"]
