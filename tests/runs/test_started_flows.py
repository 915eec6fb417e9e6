"""Flows that commands and flows run: they are those of a checkout."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.runs import started_flows


def test_without_a_checkout_there_are_no_flows_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started_flows, "FLOWS", tmp_path)
    with pytest.raises(Refusal, match="from a Millrace checkout, and there is none here"):
        started_flows.run_flow("TrainFlow", "loans", tmp_path / "loans.toml")
