"""Decisions as runs have kept them."""

from pathlib import Path

import pytest

from shared.lineage import reviews
from tests.model.test_decision import TWO, past


def test_decisions_come_the_oldest_first_each_with_its_run() -> None:
    (late,) = past("approve:b", at="2024-01-02T00:00+01:00")
    (early,) = past("approve:a", at="2024-01-01T22:59+00:00", review=TWO)
    kept = [("ReviewFlow/1", late.model_dump()), ("ReviewFlow/2", early.model_dump())]
    found = reviews.read_decisions(kept)
    assert [(made.digest, made.run) for made in found] == [
        ("a", "ReviewFlow/2"),
        ("b", "ReviewFlow/1"),
    ]
    assert found[0].review == TWO


def test_a_decision_without_its_distance_from_utc_is_left_out_and_reported_once(
    capfd: pytest.CaptureFixture[str],
) -> None:
    (made,) = past("approve:a")
    none = ("ReviewFlow/4", made.model_dump() | {"at": "2024-01-01T00:00"})
    kept = [none, ("ReviewFlow/5", made.model_dump())]
    for _ in range(2):
        assert [found.run for found in reviews.read_decisions(kept)] == ["ReviewFlow/5"]
    assert capfd.readouterr().err.count("ReviewFlow/4 holds no decision") == 1


def test_where_nothing_was_decided_nothing_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reviews.decisions("nothing_yet") == []
    assert reviews.standing_decisions("nothing_yet").champion is None
    assert reviews.standing_anywhere("nothing_yet") == set()
