"""The stations of the loop: how a run of each flow stands, and what it is looked up by."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import cards
from shared.errors import Refusal
from shared.lineage import endings, run_artifacts
from shared.model.verdict import MOODS as MOODS_OF_LEVELS
from shared.model.verdict import read_verdict
from shared.review.cards import MOODS, WORDS

FLOWS = ("IngestFlow", "TrainFlow", "PackageFlow", "ReviewFlow", "ScoreFlow", "MonitorFlow")
# Those that a problem can do without are shown once they have run.
OPTIONAL = {"IngestFlow", "ScoreFlow"}
# The artifacts that say what a run came to, by their step.
RESULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "IngestFlow": {"reconcile": ("ingested",)},
    "TrainFlow": {"evaluate": ("evaluation",)},
    "PackageFlow": {"build": ("digest", "training_run")},
    "ReviewFlow": {"record": ("decision",)},
    "ScoreFlow": {"reconcile": ("answered",)},
    "MonitorFlow": {"judge": ("verdict",)},
}
# Of an evaluation only this is needed in lists: its curves are large.
OF_AN_EVALUATION = ("passed", "candidate", "scores", "rows", "champion")
DONE, FAILED, RUNNING = "done", "failed", "running"
# A task that failed may be tried again, and others of its run go on for a while.
GOES_ON = timedelta(minutes=15)
# A run that did nothing for so long will not go on: nobody asks for it again.
SILENT = timedelta(days=2)


@dataclass(frozen=True)
class Standing:
    """How a run stands: `done`, `failed` or `running`; as a mood, and in the station's own word.

    `facts` are the artifacts of `RESULTS` that are there, `failure` is why it failed in a line, and
    `finished` an ISO time (UTC).
    """

    state: str
    mood: str
    word: str
    failure: str = ""
    finished: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def is_settled(self, began: datetime, now: datetime) -> bool:
        """Tell whether nothing of a run changes any more that `began` then and stands so `now`."""
        if self.state == DONE or now - began > SILENT:
            return True
        if self.state != FAILED or not self.finished:
            return False
        return now - datetime.fromisoformat(self.finished) > GOES_ON


def flow_named(word: str) -> str:
    """Return the flow that is meant: by its name, or by that of its file, such as `train`.

    Raises `Refusal` where there is none.
    """
    for flow in FLOWS:
        if word.lower() in (flow.lower(), file_of(flow)):
            return flow
    raise Refusal(f"there is no flow {word!r}; there are {', '.join(map(file_of, FLOWS))}")


def file_of(flow: str) -> str:
    """Return the name of a flow's file, such as `train`."""
    return flow.removesuffix("Flow").lower()


def standing(run: Any) -> Standing:
    """Return how a run of Metaflow's client stands, with what it came to."""
    flow = run.pathspec.partition("/")[0]
    found = facts(run)
    if endings.succeeded(run):
        finished = _iso(endings.finished_at(run))
        return Standing(DONE, *mood_and_word(flow, found), finished=finished, facts=found)
    if why := endings.failure(run):
        return Standing(FAILED, "bad", FAILED, why, _iso(endings.failed_at(run)), found)
    return Standing(RUNNING, "quiet", "not finished", facts=found)


def facts(run: Any) -> dict[str, Any]:
    """Return the results that a run has so far, by the names of their artifacts."""
    found: dict[str, Any] = {}
    for step, names in RESULTS[run.pathspec.partition("/")[0]].items():
        found |= run_artifacts.kept_of(run, step, *names) or {}
    if "evaluation" in found:
        evaluation = found["evaluation"]
        found["evaluation"] = {n: evaluation[n] for n in OF_AN_EVALUATION if n in evaluation}
    return found


def mood_and_word(flow: str, found: dict[str, Any]) -> tuple[str, str]:
    """Return how a run that ended well stands: a mood, and the station's own word for it."""
    if flow == "TrainFlow":
        passed = found["evaluation"]["passed"]
        return ("good", "may be packaged") if passed else ("bad", "may not be packaged")
    if flow == "ReviewFlow":
        decision = found["decision"]["decision"]
        return MOODS[decision], WORDS[decision].lower()
    if flow in OPTIONAL:
        return _counted(found["ingested" if flow == "IngestFlow" else "answered"])
    if flow == "MonitorFlow":
        verdict = read_verdict(found["verdict"])
        window = cards.days(verdict.start, verdict.until)
        return MOODS_OF_LEVELS[verdict.level], ", ".join(filter(None, [window, verdict.level]))
    return "good", "verified"


def _counted(done: dict[str, Any]) -> tuple[str, str]:
    aside = done["rejected"] if "rejected" in done else done["refused"]
    word = f"{done['new']:,} new" if "new" in done else f"{done['answered']:,} answered"
    return "warn" if aside else "good", word


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
