"""A run is described whole, and its settings are given as they were."""

import subprocess
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.lineage import run_history
from shared.runs import records
from shared.runs.one_run import run_contents, run_description
from shared.settings_reading import parse_settings
from tests.conftest import ROOT, House
from tests.runs.runs import record


@pytest.mark.flow
def test_a_training_run_is_described_by_its_steps_cards_and_settings(
    trained_house: House, at_house: House
) -> None:
    # The first is the house's own.
    *_, trained = records.newest({"flow": "TrainFlow", "problem": "loans"})
    found = run_description.read(trained, [trained])
    steps = {step.name: (step.tasks, step.done, step.failed) for step in found.contents.steps}
    assert list(steps) == ["load", "split", "fit", "select", "evaluate"]
    assert steps["fit"] == (3, 3, 0)
    assert {"model", "evaluation"} <= {*found.contents.steps[-1].artifacts}
    assert ("evaluate", "evaluation") in [(card.step, card.title) for card in found.contents.cards]
    settings = parse_settings(trained_house.settings.read_text())
    assert parse_settings(found.contents.settings) == settings
    assert found.data["source"] == str(trained_house.folder / "loans.parquet")
    assert len(found.data["fingerprint"]) == 64
    assert {"from", "to"} < {*found.data}
    head = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    asked = subprocess.run(head, capture_output=True, text=True, check=False)
    assert found.contents.commit == (asked.stdout.strip() or None)
    run = run_history.run_named(trained.pathspec)
    assert run_contents.settings_of(run) == found.contents.settings


def test_a_run_that_is_gone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    gone = record("TrainFlow/1")
    with pytest.raises(Refusal, match="TrainFlow/1 is not in the run history any more"):
        run_description.read(gone, [gone])
