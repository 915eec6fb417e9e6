"""What a run came from, what came of it, and what its artifacts look like."""

import pytest

from shared.board import run_page
from tests.board.runs import record
from tests.board.test_problem_states import NEW, OLD, decided, packaged, window
from tests.conftest import House

TRAINED = record("TrainFlow/1")
MADE = packaged("PackageFlow/2", NEW)
HISTORY = [
    window("MonitorFlow/4", "ok", bundle=NEW),
    decided("ReviewFlow/3", NEW),
    MADE,
    packaged("PackageFlow/9", OLD),
    TRAINED,
]


def test_lineage_is_told_both_ways() -> None:
    def words(found: list[tuple[str, run_page.Record]]) -> list[tuple[str, str]]:
        return [(word, other.pathspec) for word, other in found]

    assert words(run_page.origin(MADE, HISTORY)) == [("trained by", "TrainFlow/1")]
    assert words(run_page.origin(HISTORY[0], HISTORY)) == [("bundle of", "PackageFlow/2")]
    assert words(run_page.origin(HISTORY[1], HISTORY)) == [("bundle of", "PackageFlow/2")]
    assert words(run_page.origin(TRAINED, HISTORY)) == []
    assert words(run_page.offspring(MADE, HISTORY)) == [
        ("decided by", "ReviewFlow/3"),
        ("judged by", "MonitorFlow/4"),
    ]
    assert [word for word, _ in run_page.offspring(TRAINED, HISTORY)] == ["packaged by"] * 2
    assert run_page.offspring(HISTORY[0], HISTORY) == []


@pytest.mark.flow
def test_artifacts_are_shown_as_what_they_are(trained_house: House, at_house: House) -> None:
    from shared.lineage import run_history

    pathspec = next(run_history.runs("TrainFlow", "loans")).pathspec
    frame = run_page.preview(pathspec, "evaluate", "reference")
    assert frame
    assert frame.kind == "DataFrame"
    assert len(frame.rows) == run_page.FIRST_ROWS
    assert "loan" in frame.columns
    text = run_page.preview(pathspec, "split", "candidates")
    assert text
    assert (text.kind, text.text) == ("list", "['logistic', 'boosting', 'broken']")
    assert run_page.preview(pathspec, "split", "nothing") is None
    assert run_page.preview(pathspec, "nowhere", "reference") is None
    assert run_page.preview("TrainFlow/1", "split", "candidates") is None
