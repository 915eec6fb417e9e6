"""What stays whatever its age: the newest runs, open incidents, and where cards lie."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.pruning import staying
from shared.pruning.staying import SILENT, Staying

NOW = datetime(2024, 6, 1, tzinfo=UTC)
INCIDENT = {"subject": "temp", "level": "act", "what": "temp is odd", "windows": 2}


class Run:
    """A run by hand, of a single step with a single task."""

    def __init__(
        self,
        pathspec: str,
        successful: bool = True,
        branch: str = "prod",
        origin: str = "None",
        exception: str | None = None,
        **kept: Any,
    ) -> None:
        self.pathspec, self.successful = pathspec, successful
        self.tags, self.created_at = {f"project_branch:{branch}"}, NOW - timedelta(days=30)
        self._task = Task({name: SimpleNamespace(data=value) for name, value in kept.items()})
        self._task.successful, self._task.exception = successful, exception
        self._task.metadata_dict = {"origin-run-id": origin}

    def __iter__(self) -> Any:
        return iter([[self._task]])

    def __getitem__(self, step: str) -> Any:
        return SimpleNamespace(task=self._task)


class Task(dict[str, Any]):
    successful: bool
    exception: str | None
    metadata_dict: dict[str, str]
    parent = SimpleNamespace(id="start")

    def __bool__(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder without any history, where nothing is remembered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MILLRACE_LOG", raising=False)


def judged(pathspec: str, day: int, change: str = "", **words: Any) -> Run:
    """Return the run of the window of a day in May, with an incident since the third if any."""
    since = {"since": "2024-05-03T00:00:00+00:00", "change": change}
    verdict = {
        "verdict": "act",
        "words": "Act",
        "reasons": [],
        "state": "judged",
        "bundle": "b" * 64,
        "source": "log",
        "other_rows": 0,
        "judged_at": "2024-06-01T00:00",
        "problem": "loans",
        "next_action": "Ask.",
        "start": f"2024-05-{day:02}T00:00:00+00:00",
        "until": f"2024-05-{day + 1:02}T00:00:00+00:00",
        "rows": 6_500,
        "incidents": [INCIDENT | since] if change else [],
    }
    return Run(pathspec, verdict=verdict, **words)


def test_of_a_problem_without_runs_or_a_log_nothing_stays() -> None:
    assert staying.find("nothing_yet", NOW) == Staying({}, set(), None)


def test_the_newest_run_of_each_branch_stays_and_the_newest_that_ended_well() -> None:
    runs = [Run("T/5", False), Run("T/4", branch="user.ada"), Run("T/3"), Run("T/2"), Run("T/1")]
    assert staying._newest(runs) == dict.fromkeys(("T/5", "T/3", "T/4"), "newest of its flow")


def test_the_windows_of_an_open_incident_stay_since_its_first() -> None:
    runs = [judged("M/4", 4, "lasting"), judged("M/3", 3, "opened"), judged("M/2", 2)]
    since, stay = staying._incidents(runs)
    assert since == datetime(2024, 5, 3, tzinfo=UTC)
    assert stay == dict.fromkeys(("M/4", "M/3"), "open incident")


def test_an_incident_that_the_newest_verdict_closed_keeps_nothing() -> None:
    runs = [judged("M/4", 4, "closed"), judged("M/3", 3, "opened")]
    assert staying._incidents(runs) == (None, {})


def test_an_incident_of_another_branch_is_not_closed_by_this_one() -> None:
    runs = [judged("M/4", 4, "closed"), judged("M/3", 3, "opened", branch="user.ada")]
    assert staying._incidents(runs)[0] == datetime(2024, 5, 3, tzinfo=UTC)


def test_a_run_stays_that_one_which_stays_was_resumed_from_and_so_does_its_own_origin() -> None:
    runs = [Run("T/4", origin="3"), Run("T/3", origin="1"), Run("T/2"), Run("T/1")]
    found = staying._origins({"T": runs}, {"T/4": "tagged keep"})
    assert found == dict.fromkeys(("T/3", "T/1"), "resumed by a run that stays")


def test_a_run_goes_on_that_wrote_lately_and_has_neither_ended_nor_failed() -> None:
    lately = NOW - SILENT + timedelta(hours=1)
    assert staying.is_running(Run("T/1", False), lately, NOW)
    assert not staying.is_running(Run("T/1", False), lately - timedelta(hours=1), NOW)
    assert not staying.is_running(Run("T/1", False), None, NOW)
    assert not staying.is_running(Run("T/1"), lately, NOW)
    assert not staying.is_running(Run("T/1", False, exception="it broke"), lately, NOW)
