"""Verdicts and alerts of monitoring runs (of real ones: tests/flows/test_monitor.py)."""

from pathlib import Path

import pytest

from shared.lineage import windows


def test_where_nothing_was_judged_there_is_no_verdict_and_no_alert_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert windows.verdicts("nothing_yet") == []
    assert windows.waiting_alerts("nothing_yet") == []
