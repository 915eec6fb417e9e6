"""What a run holds is read once of a run that has ended."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.cards import CardFile
from shared.datastores import StoredFile
from shared.errors import Refusal
from shared.lineage import run_history
from shared.runs.one_run import run_contents
from shared.runs.one_run.run_cards import RunCard
from shared.runs.one_run.run_contents import RunContents, StepState
from tests.conftest import ROOT
from tests.runs.runs import record

CARD = CardFile("data", StoredFile("s3", "s3://lake/mf.cards", "TrainFlow/runs/1/data.html"))
HELD = RunContents(
    (StepState("load", 1, 1, 0, ("facts", "table"), {"facts": "dict, 2 kB"}),),
    (RunCard("load", "data", CARD),),
    {"data": "latest", "until": None, "share": 0.5, "columns": ["age"]},
    'name = "loans"\n',
    "c0ffee",
)
LONG_AGO = "2024-06-01T10:00:00+00:00"
ENDED = replace(record("TrainFlow/1"), final=True, finished=LONG_AGO)


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the runs that are read from here on, in a folder without anything remembered."""
    monkeypatch.chdir(tmp_path)
    read: list[Any] = []

    def contents(run: Any) -> RunContents:
        read.append(run)
        return HELD

    monkeypatch.setattr(run_contents, "_read", contents)
    monkeypatch.setattr(run_history, "run_named", lambda pathspec: pathspec)
    return read


def test_what_a_run_that_has_ended_holds_is_read_once(reads: list[Any]) -> None:
    assert [run_contents.of_record(ENDED) for _ in range(2)] == [HELD, HELD]
    assert reads == ["TrainFlow/1"]


def test_a_run_that_goes_on_is_read_again(reads: list[Any]) -> None:
    going_on = replace(ENDED, final=False)
    assert [run_contents.of_record(going_on) for _ in range(2)] == [HELD, HELD]
    assert len(reads) == 2


def test_a_run_whose_last_cards_may_be_drawn_yet_is_read_again(reads: list[Any]) -> None:
    just_now = datetime.now(UTC) - timedelta(seconds=30)
    ended = replace(ENDED, finished=just_now.isoformat())
    assert [run_contents.of_record(ended) for _ in range(2)] == [HELD, HELD]
    assert len(reads) == 2


def test_parameters_that_cannot_be_remembered_as_they_are_are_read_again(
    reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = replace(HELD, parameters={"given": b"bytes"})
    monkeypatch.setattr(run_contents, "_read", lambda run: held)
    assert [run_contents.of_record(ENDED) for _ in range(2)] == [held, held]


def test_a_run_of_which_something_is_lost_is_refused_in_a_line(
    reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(run: Any) -> RunContents:
        raise OSError("no such bucket")

    monkeypatch.setattr(run_contents, "_read", lost)
    with pytest.raises(Refusal, match=r"^TrainFlow/1 cannot be read: OSError: no such bucket$"):
        run_contents.of_record(ENDED)


def test_what_a_run_was_started_with_goes_by_the_names_of_its_options() -> None:
    code = "".join(path.read_text() for path in (ROOT / "flows").glob("*.py"))
    given = re.findall(r'^    (\w+) = Parameter\(\s*"([\w-]+)"', code, re.MULTILINE)
    assert {name: option for name, option in given if name != option} == run_contents.OPTIONS
