"""What stays whatever its age, with the reason: champions, their lineage, open incidents."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import Refusal
from shared.lineage import endings, reviews, run_artifacts, run_history, trainings
from shared.log import contents
from shared.model.verdict import Verdict, read_verdict
from shared.runs import stations
from shared.utc import as_utc

# Whoever wrote nothing for so long does not run any more.
SILENT = timedelta(days=7)


@dataclass(frozen=True)
class Staying:
    """The runs that stay, each with its reason; the digests that stand; and the open windows.

    `incident_since` is the start (UTC) of the first window of an open incident; None without any.
    """

    runs: dict[str, str]
    digests: set[str]
    incident_since: datetime | None


def find(problem: str, limit: datetime) -> Staying:
    """Return what of a problem stays, in all branches, where all before a moment is to go."""
    runs, digests = (
        dict[str, str](),
        reviews.standing_anywhere(problem) | _answering(problem, limit),
    )
    by_flow = {
        flow: list(run_history.runs(flow, problem, successful=False, anywhere=True))
        for flow in stations.FLOWS
    }
    for found in by_flow.values():
        runs |= _newest(found)
        runs |= {run.pathspec: "tagged keep" for run in found if run_history.KEEP in run.tags}
    runs |= {run.pathspec: "decision" for run in by_flow["ReviewFlow"]}
    with suppress(Refusal):
        runs[trainings.training_run(problem).pathspec] = "passed its gates last"
    since, monitoring = _incidents(by_flow["MonitorFlow"])
    runs |= monitoring
    for run in by_flow["PackageFlow"]:
        made = run_artifacts.kept_of(run, "build", "digest", "training_run") or {}
        if made.get("digest") in digests or (made and run.pathspec in runs):
            digests.add(made["digest"])
            runs |= dict.fromkeys((run.pathspec, made["training_run"]), "lineage of a champion")
    return Staying(runs | _origins(by_flow, runs), digests, since)


def is_running(run: Any, written: datetime | None, now: datetime) -> bool:
    """Return whether a run that has not ended may still go on: it wrote lately, and none failed."""
    lately = max(written or run.created_at.astimezone(UTC), run.created_at.astimezone(UTC))
    return now - lately < SILENT and not endings.succeeded(run) and not endings.failure(run)


def _newest(found: list[Any]) -> dict[str, str]:
    """Return the newest run of each branch, and the newest that ended well."""
    newest: dict[str, str] = {}
    branches = {run_history.tag_of(run, "project_branch") for run in found}
    for branch in branches:
        own = [run for run in found if run_history.tag_of(run, "project_branch") == branch]
        well = next((run for run in own if endings.succeeded(run)), own[0])
        newest |= dict.fromkeys((own[0].pathspec, well.pathspec), "newest of its flow")
    return newest


def _answering(problem: str, limit: datetime) -> set[str]:
    """Return the digests that answered since a moment: a challenger stands in no decision."""
    with suppress(Refusal):
        answers = contents.summary(problem).answers
        return {made["bundle"] for made in answers if made["last"] >= limit}
    return set()


def _incidents(monitored: Iterable[Any]) -> tuple[datetime | None, dict[str, str]]:
    """Return since when incidents are open, and the runs of the windows since then."""
    verdicts: dict[str, Verdict] = {}
    newest: dict[tuple[str, str], Verdict] = {}
    for run in monitored:
        if made := run_artifacts.kept_of(run, "judge", "verdict"):
            verdict = verdicts[run.pathspec] = read_verdict(made["verdict"])
            newest.setdefault((run_history.tag_of(run, "project_branch"), verdict.source), verdict)
    begun = [
        as_utc(datetime.fromisoformat(incident.since))
        for verdict in newest.values()
        for incident in verdict.incidents or ()
        if incident.change != "closed" and incident.since
    ]
    since = min(begun, default=None)
    within = {
        pathspec: "open incident"
        for pathspec, verdict in verdicts.items()
        if since and verdict.until and as_utc(datetime.fromisoformat(verdict.until)) > since
    }
    return since, within


def _origins(by_flow: dict[str, list[Any]], staying: dict[str, str]) -> dict[str, str]:
    """Return the runs that runs which stay were resumed from: their cards lie there."""
    known = {run.pathspec: run for found in by_flow.values() for run in found}
    found, waiting = dict[str, str](), [known[one] for one in staying if one in known]
    while waiting:
        run = waiting.pop()
        origin = endings.resumed_from(run)
        if origin and origin in known and origin not in staying and origin not in found:
            found[origin] = "resumed by a run that stays"
            waiting.append(known[origin])
    return found
