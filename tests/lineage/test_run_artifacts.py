"""What is read of a run's step, and what of it is remembered."""

import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.errors import Refusal
from shared.lineage import run_artifacts


class Task(dict[str, Any]):
    """A task's artifacts by name, as the client gives them."""

    successful: bool


class Run(dict[str, Any]):
    """A run's steps by name."""

    pathspec = "MonitorFlow/3"


def test_what_is_lost_is_refused_in_a_line_and_other_refusals_stay() -> None:
    with (
        pytest.raises(Refusal) as lost,
        run_artifacts.refusing_what_is_lost("TrainFlow/7"),
    ):
        Path(None)  # type: ignore[arg-type]
    assert str(lost.value).startswith("TrainFlow/7 cannot be read: TypeError: ")
    assert "NoneType" in str(lost.value)
    with pytest.raises(Refusal, match="^no$"), run_artifacts.refusing_what_is_lost("TrainFlow/7"):
        raise Refusal("no")


def judged(successful: bool, **kept: Any) -> Any:
    """Return a run whose step `judge` has kept artifacts."""
    task = Task({name: SimpleNamespace(data=value) for name, value in kept.items()})
    task.successful = successful
    return Run(judge=SimpleNamespace(task=task))


def test_where_one_of_the_artifacts_is_missing_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = judged(True, verdict="ok")
    assert run_artifacts.kept_of(run, "judge", "verdict") == {"verdict": "ok"}
    assert run_artifacts.kept_of(run, "judge", "verdict", "findings") is None
    assert run_artifacts.kept_of(run, "act", "alerts") is None


@pytest.mark.parametrize(("successful", "after"), [(True, "ok"), (False, "act")])
def test_only_what_a_task_that_succeeded_has_kept_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, successful: bool, after: str
) -> None:
    monkeypatch.chdir(tmp_path)
    first = run_artifacts.kept_of(judged(successful, verdict="ok"), "judge", "verdict")
    assert first == {"verdict": "ok"}
    again = run_artifacts.kept_of(judged(successful, verdict="act"), "judge", "verdict")
    assert again == {"verdict": after}


def test_of_many_runs_what_is_not_remembered_is_read_and_only_of_those_that_ended_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def runs(*verdicts: str | None) -> list[Any]:
        made = [judged(bool(verdict), verdict=verdict) for verdict in verdicts]
        for number, run in enumerate(made):
            run.pathspec = f"MonitorFlow/{number}"
        return made

    first = runs("ok", None, "act")
    del first[2]["judge"]
    kept = run_artifacts.kept_of_each(first, "judge", "verdict")
    assert kept == [{"verdict": "ok"}, None, None]
    later = runs("watch", "watch", "watch")
    kept = run_artifacts.kept_of_each(later, "judge", "verdict")
    assert kept == [{"verdict": "ok"}, {"verdict": "watch"}, {"verdict": "watch"}]
    assert run_artifacts.kept_of(runs("act")[0], "judge", "verdict") == {"verdict": "ok"}


def test_a_step_that_nobody_has_run_has_no_results() -> None:
    assert run_artifacts.finished_results("TrainFlow/no-such-run/fit", "result") == []


def test_artifacts_are_outlined_by_what_metaflow_wrote_of_each_task(tmp_path: Path) -> None:
    info = {
        "table": {"type": "<class 'pandas.DataFrame'>", "size": 2_345_678},
        "facts": {"type": "<class 'dict'>", "size": 1_600},
        "passed": {"type": "<class 'bool'>", "size": 4},
        "older": {},
    }
    (tmp_path / "TrainFlow/7/load/1").mkdir(parents=True)
    place = tmp_path / "TrainFlow/7/load/1/1.data.json"
    place.write_text(json.dumps({"objects": {}, "info": info}))
    said = {"ds-type": "local", "ds-root": str(tmp_path), "attempt": "1"}
    load, fit = (
        SimpleNamespace(pathspec=f"TrainFlow/7/{step}/1", metadata_dict=said)
        for step in ("load", "fit")
    )
    begun = SimpleNamespace(pathspec="TrainFlow/7/end/1", metadata_dict={})
    assert run_artifacts.outlines([begun, load, fit]) == [
        {},
        {
            "table": "DataFrame, 2.3 MB",
            "facts": "dict, 2 kB",
            "passed": "bool, 4 bytes",
            "older": "?, 0 bytes",
        },
        {},
    ]


def test_several_artifacts_are_read_side_by_side_and_come_in_their_order() -> None:
    together = threading.Barrier(3, timeout=10)

    class Artifact:
        def __init__(self, value: int) -> None:
            self._value = value

        @property
        def data(self) -> int:
            together.wait()
            return self._value

    assert run_artifacts.fetched([Artifact(at) for at in range(3)]) == [0, 1, 2]
