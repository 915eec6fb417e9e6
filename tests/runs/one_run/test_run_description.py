"""A run is described whole, and its settings are given as they were."""

import subprocess
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.lineage import run_history
from shared.runs import records
from shared.runs.one_run import run_contents, run_description
from shared.runs.one_run.run_description import offspring_of, origin_of
from shared.runs.records import Record
from shared.settings_reading import parse_settings
from tests.board.pages.test_problem_states import NEW, OLD, decided, packaged, window
from tests.conftest import ROOT, House
from tests.runs.runs import record

TRAINED = record("TrainFlow/1")
MADE = packaged("PackageFlow/2", NEW)
HISTORY = [
    window("MonitorFlow/4", "ok", bundle=NEW),
    decided("ReviewFlow/3", NEW),
    MADE,
    packaged("PackageFlow/9", OLD),
    TRAINED,
]


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


def test_lineage_is_told_both_ways() -> None:
    def words(found: list[tuple[str, Record]]) -> list[tuple[str, str]]:
        return [(word, other.pathspec) for word, other in found]

    assert words(origin_of(MADE, HISTORY)) == [("trained by", "TrainFlow/1")]
    whole = [("bundle of", "PackageFlow/2"), ("trained by", "TrainFlow/1")]
    assert words(origin_of(HISTORY[0], HISTORY)) == whole
    assert words(origin_of(HISTORY[1], HISTORY)) == whole
    assert words(origin_of(TRAINED, HISTORY)) == []
    assert words(offspring_of(MADE, HISTORY)) == [
        ("decided by", "ReviewFlow/3"),
        ("judged by", "MonitorFlow/4"),
    ]
    commented = decided("ReviewFlow/5", NEW, "comment")
    assert words(offspring_of(MADE, [commented, MADE])) == [("commented by", "ReviewFlow/5")]
    # Of another problem's training nothing came, and of this one all that its bundles went through.
    assert words(offspring_of(record("TrainFlow/8"), HISTORY)) == []
    assert words(offspring_of(TRAINED, HISTORY)) == [
        ("packaged by", "PackageFlow/9"),
        ("packaged by", "PackageFlow/2"),
        ("decided by", "ReviewFlow/3"),
        ("judged by", "MonitorFlow/4"),
    ]
    assert offspring_of(HISTORY[0], HISTORY) == []
