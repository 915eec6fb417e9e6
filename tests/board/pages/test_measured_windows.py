"""What windows measured: read from their runs, and remembered."""

from pathlib import Path

import pytest

from shared import run_memory
from shared.board.pages.measured_windows import Measured, measured
from shared.lineage import metadata
from tests.runs.runs import record


def test_a_window_keeps_what_was_measured_when_its_run_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    window = record("MonitorFlow/1")
    assert measured(window) is None
    known = Measured({"roc_auc": {"now": [0.8, 0.7, 0.9]}}, {}, {"age": {"shift": [0.3, 0.2]}})
    run_memory.remember(f"{metadata.history_name()} measured-2 MonitorFlow/1", vars(known))
    assert measured(window) == known
    assert known.excess == {"age": pytest.approx(1.5)}
