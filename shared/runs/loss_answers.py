"""What has answered a loss of quality: a training that began after it, and the bundle of that.

One by other settings than today's has not: whoever changed them asks for another model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import command_words
from shared.lineage import run_history
from shared.runs import records
from shared.runs.one_run import run_contents
from shared.runs.records import Record
from shared.runs.stations import DONE, FAILED, RUNNING
from shared.settings import OF_OTHER_FLOWS, Settings

# A training that has not ended in so long was killed: the next day's round trains again.
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class LossAnswer:
    """A training that answered a loss, and the run that packaged its model, if one has."""

    training: Record
    packaged: Record | None = None

    @property
    def passed(self) -> bool:
        """Whether its model passed its gates, and may be packaged."""
        return bool(self.training.facts.get("evaluation", {}).get("passed"))

    @property
    def words(self) -> str:
        """Say why there is nothing to train."""
        run = self.training.pathspec
        if self.training.state == RUNNING:
            return f"{run} began after this loss, and has not ended yet"
        if self.packaged is None and self.passed:
            return f"{run} answered this loss, and its model is not packaged yet"
        if self.packaged is None:
            shown = command_words.millrace("show", run)
            return f"{run} answered this loss, and did not pass its gates (`{shown}`)"
        digest = self.packaged.facts["digest"][:12]
        return f"{run} answered this loss: its bundle {digest} is packaged"


def loss_answer(settings: Settings, proven_at: str) -> LossAnswer | None:
    """Return what has answered a loss that was proven then (an ISO time), in this branch.

    A training that has not ended is an answer whatever its settings are.
    """
    about = {"problem": settings.name, "branch": run_history.branch(), "since": proven_at[:10]}
    flows = ("PackageFlow", "TrainFlow")
    runs = [run for flow in flows for run in records.newest({"flow": flow} | about)]
    found = answer_among(runs, datetime.fromisoformat(proven_at), datetime.now(UTC))
    if found is None or found.training.state == RUNNING:
        return found
    run = run_history.run_named(found.training.pathspec)
    then = run_contents.parameters(run).get("settings") if run else None
    return found if not then or are_alike(then, settings.model_dump(mode="json")) else None


def are_alike(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Say whether two plain settings make the same model of the same rows.

    Keys that only one version of Millrace has say nothing.
    """
    return all(then[name] == now[name] for name in {*then} & {*now} - OF_OTHER_FLOWS)


def answer_among(runs: Iterable[Record], proven_at: datetime, now: datetime) -> LossAnswer | None:
    """Return the newest training that began after a loss, and neither failed nor was stopped."""
    found = list(runs)
    for run in sorted(found, key=lambda one: one.at, reverse=True):
        began = datetime.fromisoformat(run.at)
        stopped = run.state == RUNNING and now - began > LONGEST
        if run.flow != "TrainFlow" or run.state == FAILED or stopped or began < proven_at:
            continue
        made = (one for one in found if one.facts.get("training_run") == run.pathspec)
        return LossAnswer(run, next((one for one in made if one.state == DONE), None))
    return None
