"""What is read of a window's artifact, and remembered."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared.lineage import run_artifacts, run_history
from shared.runs.records import Record
from shared.runs.window_artifacts import read_once
from tests.runs.runs import record

KEPT = {"findings": 3}


@dataclass(frozen=True)
class Doubled:
    number: int


def doubled(kept: int) -> Doubled | None:
    return Doubled(2 * kept) if kept else None


def read(of: Record) -> Doubled | None:
    return read_once(of, "findings", "doubled-1", Doubled, doubled)


@pytest.fixture
def looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the runs whose artifact was read: each of any run is `KEPT`."""
    found: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_history, "run_named", lambda pathspec: pathspec)

    def kept_of(run: str, step: str, *names: str) -> dict[str, int]:
        found.append(run)
        return KEPT

    monkeypatch.setattr(run_artifacts, "kept_of", kept_of)
    return found


def test_a_finished_run_is_read_once(looked: list[str]) -> None:
    finished = replace(record("MonitorFlow/1"), final=True)
    assert read(finished) == read(finished) == Doubled(6)
    assert looked == ["MonitorFlow/1"]


def test_a_run_that_goes_on_is_read_again(looked: list[str]) -> None:
    running = replace(record("MonitorFlow/1"), final=False)
    assert read(running) == read(running) == Doubled(6)
    assert looked == ["MonitorFlow/1"] * 2


def test_what_is_gone_is_nothing(looked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_history, "run_named", lambda pathspec: None)
    assert read(record("MonitorFlow/2")) is None
    assert looked == []
