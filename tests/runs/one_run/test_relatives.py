"""What a run came from, and what came of it."""

from shared.runs.one_run import relatives
from shared.runs.records import Record
from tests.board.pages.test_problem_states import NEW, OLD, decided, packaged, window
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


def test_lineage_is_told_both_ways() -> None:
    def words(found: list[tuple[str, Record]]) -> list[tuple[str, str]]:
        return [(word, other.pathspec) for word, other in found]

    assert words(relatives.origin(MADE, HISTORY)) == [("trained by", "TrainFlow/1")]
    whole = [("bundle of", "PackageFlow/2"), ("trained by", "TrainFlow/1")]
    assert words(relatives.origin(HISTORY[0], HISTORY)) == whole
    assert words(relatives.origin(HISTORY[1], HISTORY)) == whole
    assert words(relatives.origin(TRAINED, HISTORY)) == []
    assert words(relatives.offspring(MADE, HISTORY)) == [
        ("decided by", "ReviewFlow/3"),
        ("judged by", "MonitorFlow/4"),
    ]
    commented = decided("ReviewFlow/5", NEW, "comment")
    assert words(relatives.offspring(MADE, [commented, MADE])) == [("commented by", "ReviewFlow/5")]
    # Of another problem's training nothing came, and of this one all that its bundles went through.
    assert words(relatives.offspring(record("TrainFlow/8"), HISTORY)) == []
    assert words(relatives.offspring(TRAINED, HISTORY)) == [
        ("packaged by", "PackageFlow/9"),
        ("packaged by", "PackageFlow/2"),
        ("decided by", "ReviewFlow/3"),
        ("judged by", "MonitorFlow/4"),
    ]
    assert relatives.offspring(HISTORY[0], HISTORY) == []
