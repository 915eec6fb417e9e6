"""What a decision is made from: a bundle's evidence on one page, and which decisions have room."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared import problems
from shared.board import attempts
from shared.board.access.people import Person
from shared.board.pages import problem_states
from shared.board.pages.problem_states import ProblemState, Window
from shared.errors import Refusal
from shared.lineage import bundles, run_artifacts, run_history
from shared.lineage.bundles import Packaged
from shared.log.service_state import Served, served
from shared.model.decision import Decision, Standing
from shared.model.evaluation import Evaluation
from shared.model.verdict import ChallengerComparison
from shared.monitoring.wording.notes import weighing_note
from shared.review import decisions
from shared.review.cards import MOODS, WORDS
from shared.runs import records
from shared.runs.records import Record

BUTTONS = {
    "approve": "Approve",
    "reject": "Reject",
    "rollback": "Roll back",
    "comment": "Comment",
}


@dataclass(frozen=True)
class Choice:
    """A decision that could be made; `refusal` is why it cannot."""

    kind: str
    word: str
    refusal: str


@dataclass(frozen=True)
class Beside:
    """A bundle beside the one that was judged, in the newest window that both scored rows of."""

    window: Window
    comparison: ChallengerComparison

    @property
    def weighing(self) -> str:
        """Whether rows weigh by the chance that they had to be seen, in words."""
        return weighing_note(self.comparison)


@dataclass(frozen=True)
class DecidePage:
    """What the page shows; `settings` are None where the problem has none here.

    `origin` are the runs that packaged and trained it, `made_champion` is the run that packaged
    the champion, and `on_argo` says whether the branch's flows run there.
    """

    packaged: Packaged
    state: ProblemState
    evaluation: Evaluation
    verification: dict[str, Any]
    beside: Beside | None
    choices: tuple[Choice, ...]
    served: Served | None
    champion_run: str | None
    settings: Path | None
    on_argo: bool

    @property
    def digest(self) -> str:
        """The bundle's whole digest."""
        return self.packaged.bundle.digest

    @property
    def about_it(self) -> tuple[Decision, ...]:
        """The decisions about this bundle, the newest first."""
        made = (past for past in self.state.standing.decided if past.digest == self.digest)
        return tuple(reversed(tuple(made)))

    @property
    def comments(self) -> tuple[Decision, ...]:
        """The comments on this bundle, the oldest first."""
        made = (past for past in self.state.standing.history if past.digest == self.digest)
        return tuple(past for past in made if past.is_comment)

    @property
    def made_so(self) -> Decision | None:
        """The decision that the bundle stands by, where that is no rejection; those stand apart."""
        found = self.state.standing
        counted = [past for past in self.about_it if found.counts(past)]
        if self.digest == found.champion:
            return next(past for past in counted if past.decision == "approve")
        is_open = self.digest in found.waiting or not counted or counted[0].decision == "reject"
        return None if is_open else counted[0]

    @property
    def stands(self) -> tuple[str, str]:
        """How the bundle stands: a mood and a word."""
        found = self.state.standing
        if self.digest == found.champion:
            return "good", "champion"
        if self.digest in found.waiting:
            return "warn", f"has {found.approvals(self.digest)}"
        if not self.packaged.verified:
            return "bad", "not verified"
        if last := next((past for past in self.about_it if found.counts(past)), None):
            was = "was champion" if last.decision == "approve" else WORDS[last.decision].lower()
            return "quiet" if last.decision == "approve" else MOODS[last.decision], was
        return "warn", "waits for a decision"


def read(
    history: list[Record], problem: str, digest: str, branch: str, person: Person
) -> DecidePage:
    """Return the page about a bundle. Raises `Refusal` for one that is unknown or changed."""
    packaged = bundles.packaged(problem, digest)
    own = [record for record in history if record.branch == branch]
    state = problem_states.state(own, problem, branch)
    champion = records.packaging_of(state.standing.champion, history)
    run = run_history.run_named(packaged.run)
    verified = run_artifacts.kept_of(run, "verify", "verification") if run else None
    settings = problems.file_here(problem)
    of_problem = [record for record in own if record.problem == problem]
    return DecidePage(
        packaged,
        state,
        packaged.bundle.evaluation,
        (verified or {}).get("verification", {}),
        beside(problem_states.windows(of_problem), packaged.bundle.digest),
        choices(packaged, state.standing, person),
        served(problem, packaged.bundle.digest),
        champion.pathspec if champion else None,
        settings,
        attempts.run_on_argo(of_problem),
    )


def beside(windows: tuple[Window, ...], digest: str) -> Beside | None:
    """Return the newest window in which a bundle was compared on the same rows."""
    for window in reversed(windows):
        for comparison in window.verdict.comparisons:
            if comparison.challenger == digest and comparison.differences:
                return Beside(window, comparison)
    return None


def choices(packaged: Packaged, found: Standing, person: Person) -> tuple[Choice, ...]:
    """Return what somebody may decide, each with why there is no room for it; or comment."""
    return tuple(
        Choice(kind, BUTTONS[kind], _refusal(kind, packaged, found, person))
        for kind in decisions.KINDS
        if person.may(kind)
    )


def _refusal(kind: str, packaged: Packaged, found: Standing, person: Person) -> str:
    """Return why there is no room for a decision; nothing where there is."""
    if kind == "approve" and not packaged.verified:
        return f"the verification of {packaged.run} did not pass"
    made = Decision(
        problem=packaged.bundle.manifest.name,
        digest=packaged.bundle.digest,
        decision=kind,  # type: ignore[arg-type]
        reviewer=person.name,
        reason="",
        at=datetime.now(UTC).isoformat(),
        evidence={},
        champion_before=found.champion,
        champion=None,
    )
    try:
        decisions.refuse_without_room(found, made)
    except Refusal as refusal:
        return str(refusal)
    return ""
