"""How problems stand, and in which order they are shown."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.board.pages import problem_states
from shared.runs.records import Record
from tests.runs.runs import record
from tests.runs.test_stations import judged

OLD, NEW = "a" * 64, "b" * 64
# So many days before the day after its last a window begins, and ends.
ENDS = {"start": 7, "until": 0}


@pytest.fixture(autouse=True)
def _without_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def decided(pathspec: str, digest: str, kind: str = "approve", day: int = 1) -> Record:
    """Return a ReviewFlow run's record."""
    decision = {
        "problem": "loans",
        "digest": digest,
        "decision": kind,
        "reviewer": "Ada",
        "reason": "it passed",
        "at": f"2024-06-0{day}T10:00:00+00:00",
        "evidence": {},
        "champion_before": None,
        "champion": digest,
    }
    return record(pathspec, decision=decision)


def packaged(pathspec: str, digest: str) -> Record:
    return record(pathspec, digest=digest, training_run="TrainFlow/1")


def window(pathspec: str, level: str, bundle: str = OLD, **more: Any) -> Record:
    return record(pathspec, verdict=judged(level) | {"bundle": bundle, "problem": "loans"} | more)


def test_the_champion_is_what_the_decisions_leave_standing() -> None:
    history = [decided("ReviewFlow/2", NEW, day=2), decided("ReviewFlow/1", OLD)]
    state = problem_states.state(history, "loans", "user.ada")
    assert state.standing.champion == NEW
    assert state.approval
    assert state.approval.run == "ReviewFlow/2"
    assert problem_states.state(history[1:], "loans", "user.ada").standing.champion == OLD


def test_a_run_that_holds_no_decision_stops_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    broken = decided("ReviewFlow/9", NEW)
    del broken.facts["decision"]["reason"]
    state = problem_states.state([broken, decided("ReviewFlow/1", OLD)], "loans", "user.ada")
    assert state.standing.champion == OLD
    assert "ReviewFlow/9 holds no decision" in capfd.readouterr().err


def test_the_newest_bundle_waits_until_somebody_decides() -> None:
    made = [packaged("PackageFlow/2", NEW), packaged("PackageFlow/1", OLD)]
    waits = problem_states.state(made, "loans", "user.ada").waiting
    assert [waiting.digest for waiting in waits] == [NEW]
    comment = [decided("ReviewFlow/3", NEW, "comment")]
    commented = problem_states.state(comment + made, "loans", "user.ada").waiting
    assert [waiting.digest for waiting in commented] == [NEW]
    decisions = [decided("ReviewFlow/1", NEW, "reject")]
    assert problem_states.state(decisions + made, "loans", "user.ada").waiting == ()


def test_a_bundle_that_failed_its_verification_waits_for_nobody() -> None:
    failed = replace(packaged("PackageFlow/1", NEW), state="failed")
    assert problem_states.state([failed], "loans", "user.ada").waiting == ()


def test_incidents_that_were_closed_are_not_open() -> None:
    incident = {"subject": "age", "level": "watch", "what": "", "since": None, "windows": 1}
    both = [incident | {"change": "closed"}, incident | {"change": "worse", "level": "act"}]
    state = problem_states.state(
        [window("MonitorFlow/1", "act", incidents=both)], "loans", "user.ada"
    )
    assert [each.level for each in state.incidents] == ["act"]
    assert not state.is_judged


def test_what_needs_a_person_comes_first() -> None:
    fine = replace(window("MonitorFlow/3", "ok"), problem="fine")
    alarmed = replace(window("MonitorFlow/2", "act"), problem="alarmed")
    waiting = replace(packaged("PackageFlow/1", NEW), problem="waiting")
    elsewhere = replace(packaged("PackageFlow/9", NEW), problem="elsewhere", branch="prod")
    states = problem_states.states([fine, alarmed, waiting, elsewhere], "user.ada")
    assert [state.name for state in states] == ["alarmed", "waiting", "fine"]


def ending(day: int) -> dict[str, str]:
    """Return the span of a window of a week, by the day of June after its last."""
    return {name: f"2024-06-{day - off:02}T00:00:00+00:00" for name, off in ENDS.items()}


def test_a_problem_that_only_decisions_failed_of_is_none() -> None:
    failed = record("ReviewFlow/1", "failed", problem="flights")
    running = record("ReviewFlow/2", "running", problem="loans")
    states = problem_states.states([failed, running], "user.ada")
    assert [state.name for state in states] == ["loans"]


def test_a_strip_has_the_latest_windows_the_oldest_first() -> None:
    history = [window(f"MonitorFlow/{day}", "ok", **ending(day)) for day in range(30, 7, -1)]
    shown = problem_states.state(history, "loans", "user.ada").strip
    assert [each.window.record.run for each in shown] == [str(n) for n in range(11, 31)]
    assert shown[0].window.span == "4 to 10 June 2024"


def trained(number: int, passed: bool = True) -> Record:
    return record(f"TrainFlow/{number}", evaluation={"passed": passed})


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ([trained(2), trained(1)], "2"),
        ([packaged("PackageFlow/9", NEW), trained(1)], None),
        ([packaged("PackageFlow/9", NEW), trained(2), trained(1)], "2"),
        ([record("PackageFlow/99", "running"), trained(1)], None),
        ([trained(2, passed=False)], "2"),
        ([decided("ReviewFlow/5", OLD), trained(2, passed=False)], None),
        ([record("TrainFlow/3", "failed")], None),
    ],
)
def test_a_training_waits_for_a_person_until_its_model_is_packaged(
    history: list[Record], found: str | None
) -> None:
    state = problem_states.state(history, "loans", "user.ada")
    assert (state.trained and state.trained.run) == found


def test_a_loss_that_a_training_has_answered_asks_for_no_training() -> None:
    lost = dict.fromkeys(("next_step", "unit"), "") | {"what": "ROC AUC fell", "column": None}
    lost |= {"level": "act", "stage": "quality", "number": 0.2, "threshold": 0.1}
    judged_at = "2024-06-01T09:00:00+00:00"
    proven = window(
        "MonitorFlow/1", "act", **ending(14), reasons=[lost], judged_at=judged_at, incidents=[]
    )
    answer = packaged("PackageFlow/2", NEW)
    history = [answer, trained(1), proven]
    said = "TrainFlow/1 answered this loss: its bundle bbbbbbbbbbbb is packaged"
    assert problem_states.state(history, "loans", "user.ada").answered == said
    rejected = decided("ReviewFlow/3", NEW, "reject")
    assert problem_states.state([rejected, *history], "loans", "user.ada").answered == ""
    assert problem_states.state(history[2:], "loans", "user.ada").answered == ""


def test_a_window_that_was_judged_again_stands_once_at_its_time() -> None:
    opened = {"subject": "age", "level": "watch", "what": "", "windows": 1, "change": "opened"}
    early, late = (opened | {"since": ending(day)["start"]} for day in (14, 21))
    history = [
        window("MonitorFlow/5", "act", incidents=[early], **ending(14)),
        window("MonitorFlow/4", "ok", incidents=[], **ending(28)),
        window("MonitorFlow/3", "watch", incidents=[late], **ending(21)),
        window("MonitorFlow/2", "ok", incidents=[], **ending(14)),
        window("MonitorFlow/1", "ok", incidents=[], **ending(14), source="rows.parquet"),
    ]
    state = problem_states.state(history[2:], "loans", "user.ada")
    assert [each.record.run for each in state.windows] == ["2", "1", "3"]
    assert [(each.since, each.windows) for each in state.incidents] == [("2024-06-14", 1)]
    state = problem_states.state(history[:1] + history[2:], "loans", "user.ada")
    assert [each.record.run for each in state.windows] == ["5", "1", "3"]
    assert [(each.since, each.windows) for each in state.incidents] == [("2024-06-07", 2)]
    state = problem_states.state(history, "loans", "user.ada")
    assert state.newest
    assert state.newest.record.run == "4"
    assert state.incidents == ()
    assert [(each.since, each.until) for each in state.spans] == [("2024-06-07", "2024-06-21")]


def test_no_more_windows_are_read_than_are_wanted() -> None:
    broken = record("MonitorFlow/1", verdict={"level": "no such"})
    newer = [window(f"MonitorFlow/{day}", "ok", **ending(10 + day)) for day in (3, 2)]
    history = [*newer, broken]
    with pytest.raises(ValueError, match="validation error"):
        problem_states.windows(history)
    found = problem_states.windows(history, 2)
    assert [each.record.run for each in found] == ["2", "3"]
