"""Flows that a command runs: they are those of a checkout."""

from pathlib import Path

import pytest

from shared.cli import flow_runs
from shared.errors import Refusal


def test_without_a_checkout_there_are_no_flows_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_runs, "FLOWS", tmp_path)
    with pytest.raises(Refusal, match="the flows of a Millrace checkout, and there is none here"):
        flow_runs.run_flow("TrainFlow", "loans", tmp_path / "loans.toml")
