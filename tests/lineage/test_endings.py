"""How a run ended: whether well, why not, and what it was resumed from."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from shared.lineage import endings


class Task:
    """A task of a step, as the client gives it; `origin` is what it was resumed from."""

    exception: Exception | None = None
    finished_at: datetime | None = None

    def __init__(self, step: str, successful: bool, origin: str | None = None) -> None:
        self.parent, self.successful = SimpleNamespace(id=step), successful
        self.metadata_dict = {} if origin is None else {"origin-run-id": origin}

    def __contains__(self, name: str) -> bool:
        return name == "_graph_info"

    def __getitem__(self, name: str) -> Any:
        return SimpleNamespace(data={"end_step": "finish"})


class NotEnded(list[Any]):
    """A run that the client takes for one that has not succeeded: a list of lists of tasks."""

    successful, finished_at, pathspec = False, None, "TrainFlow/8"


@pytest.mark.parametrize(
    ("origin", "finished", "well"),
    [("7", True, True), ("7", False, False), (None, True, False), ("None", True, False)],
)
def test_a_resumed_run_has_ended_well_when_its_last_step_has(
    origin: str | None, finished: bool, well: bool
) -> None:
    run = NotEnded([[Task("start", True, origin)], [Task("finish", finished, origin)]])
    assert endings.ended_well(run) is well


@pytest.mark.parametrize(("origin", "hour"), [("7", 2), (None, None)])
def test_a_resumed_run_has_ended_when_the_last_task_of_its_last_step_has(
    origin: str | None, hour: int | None
) -> None:
    steps = ("start", "finish", "finish", "finish")
    tasks = [Task(step, True, origin) for step in steps]
    for task, at in zip(tasks, (3, 1, 2, None), strict=True):
        task.finished_at = datetime(2024, 6, 3, at, tzinfo=UTC) if at else None
    found = endings.finished_at(NotEnded([tasks]))
    assert found == (datetime(2024, 6, 3, hour, tzinfo=UTC) if hour else None)


def test_of_any_other_run_the_client_knows_when_it_ended() -> None:
    at = datetime(2024, 6, 3, tzinfo=UTC)
    assert endings.finished_at(SimpleNamespace(finished_at=at)) == at


@pytest.mark.parametrize(
    ("origin", "pathspec"), [("7", "TrainFlow/7"), ("None", None), ("", None), (None, None)]
)
def test_what_a_run_was_resumed_from_is_a_run_of_its_flow(
    origin: str | None, pathspec: str | None
) -> None:
    run: Any = NotEnded([[Task("start", True, origin)]])
    assert endings.resumed_from(run) == pathspec


def test_a_run_without_a_task_was_not_resumed() -> None:
    run: Any = NotEnded()
    assert endings.resumed_from(run) is None


def test_a_failure_is_the_last_line_of_what_its_task_raised() -> None:
    failed = Task("start", False)
    failed.exception = ValueError("no such table\n  it was looked for in S3 \n\n")
    assert endings.failure([[failed]]) == "it was looked for in S3"
    assert endings.failure([[Task("start", True)]]) == ""


def test_a_run_failed_when_the_last_of_its_failed_tasks_had() -> None:
    tasks = [Task("fit", False) for _ in range(4)]
    for task, hour in zip(tasks, (1, 3, None, 5), strict=True):
        task.finished_at = datetime(2024, 6, 3, hour, tzinfo=UTC) if hour else None
    for task in tasks[:3]:
        task.exception = ValueError("no")
    assert endings.failed_at([tasks[:1], tasks[1:]]) == datetime(2024, 6, 3, 3, tzinfo=UTC)
    assert endings.failed_at([tasks[3:]]) is None
