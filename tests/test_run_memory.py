"""What finished runs keep is remembered, and nobody depends on it."""

import threading
from pathlib import Path

import pytest

from shared import run_memory


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_was_remembered_is_recalled_also_by_another_thread() -> None:
    assert run_memory.recall("run 1") is None
    run_memory.remember("run 1", {"digest": "abc", "scores": [0.1, None]})
    found = []
    thread = threading.Thread(target=lambda: found.append(run_memory.recall("run 1")))
    thread.start()
    thread.join()
    assert found == [run_memory.recall("run 1")] == [{"digest": "abc", "scores": [0.1, None]}]
    assert run_memory.recall("run 2") is None


@pytest.mark.parametrize("kept", [{"at": object()}, {"pair": (1, 2)}, {1: "one"}])
def test_what_json_would_change_is_not_remembered(kept: dict[str, object]) -> None:
    run_memory.remember("run 1", kept)
    assert run_memory.recall("run 1") is None


def test_a_file_that_was_thrown_away_or_is_no_database_is_made_anew() -> None:
    run_memory.remember("run 1", {"a": 1})
    for part in run_memory.FILE.parent.iterdir():
        part.unlink()
    assert run_memory.recall("run 1") is None
    run_memory.FILE.write_bytes(b"no database at all" * 500)
    assert run_memory.recall("run 1") is None
    run_memory.remember("run 1", {"a": 2})
    assert run_memory.recall("run 1") == {"a": 2}


def test_a_folder_that_cannot_be_written_is_no_error() -> None:
    Path(".millrace").write_text("a file where the folder should be")
    run_memory.remember("run 1", {"a": 1})
    assert run_memory.recall("run 1") is None


def test_of_several_what_json_would_change_is_left_out_alone() -> None:
    run_memory.remember_all({"run 1": {"a": 1}, "run 2": {"a": (1, 2)}, "run 3": {"a": 3}})
    assert [run_memory.recall(f"run {n}") for n in (1, 2, 3)] == [{"a": 1}, None, {"a": 3}]
