"""Runs as the board lists them."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.lineage import run_history
from shared.runs import records
from shared.runs.records import Record, Records
from tests.conftest import House
from tests.runs.runs import record

RUN = Record("TrainFlow", "7", "loans", "prod", "ada", "2024-06-03T10:00:00+00:00", word="failed")


@pytest.mark.parametrize(
    ("number", "shown", "pages"), [(1, 3, 3), (3, 1, 3), (99, 1, 3), (0, 3, 3)]
)
def test_a_page_of_a_list_is_within_the_list(number: int, shown: int, pages: int) -> None:
    assert len(records.page_of([RUN] * 7, number, size=3)[0]) == shown
    assert records.page_of([RUN] * 7, number, size=3)[1] == pages
    assert records.page_of([], number) == ([], 1)


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({}, True),
        ({"flow": "TrainFlow", "problem": "loans", "branch": "prod", "by": "ada"}, True),
        ({"flow": "ReviewFlow"}, False),
        ({"since": "2024-06-03", "until": "2024-06-03"}, True),
        ({"since": "2024-06-04"}, False),
        ({"until": "2024-06-02"}, False),
        ({"q": "TRAINFLOW/7"}, True),
        ({"q": "abc"}, True),
        ({"q": "nothing"}, False),
        ({"what": "is this"}, True),
    ],
)
def test_runs_are_found_by_what_they_are(wanted: dict[str, str], matches: bool) -> None:
    assert replace(RUN, facts={"digest": "abcdef"}).is_like(wanted) is matches


@pytest.mark.flow
def test_a_history_is_listed_with_what_each_run_came_to(
    approved_house: House, at_house: House
) -> None:
    listed = Records()
    own = [record for record in listed.all() if record.problem == "loans"]
    assert own == sorted(own, key=lambda record: record.at, reverse=True)
    # Of the reviews, the first is the house's own.
    review = [record for record in own if record.flow == "ReviewFlow"][-1]
    assert (review.by, review.state, review.mood) == ("Ada Tester", "done", "good")
    package = next(r for r in own if r.facts.get("digest") == review.facts["decision"]["digest"])
    assert listed.find(package.flow, package.run) == package
    assert listed.find("TrainFlow", "1") is None
    # Another board knows all of it at once.
    assert Records().all() == listed.all()
    assert list(records.newest({})) == listed.all()
    assert list(records.newest({"flow": "PackageFlow", "problem": "loans"})) == [
        record for record in own if record.flow == "PackageFlow"
    ]
    digest = package.facts["digest"]
    for named in (package.pathspec, f"package/{package.run}", package.run, digest, digest[:8]):
        assert records.find_record(named) == package
    with pytest.raises(Refusal, match="no run 'TrainFlow/' is here"):
        records.find_record("TrainFlow/")


def test_a_run_of_another_problem_than_is_named_is_refused_and_the_newest_needs_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = [record("TrainFlow/22", problem="desk"), record("PackageFlow/1")]
    runs = {one.pathspec: one for one in history}
    monkeypatch.setattr(run_history, "run_named", runs.get)
    monkeypatch.setattr(run_history, "all_runs", lambda f: [r for r in history if r.flow == f])
    monkeypatch.setattr(records, "_outline", lambda run: run)
    monkeypatch.setattr(records, "_read", lambda run: run)
    assert records.find_record("22", "desk") == history[0]
    with pytest.raises(Refusal, match="TrainFlow/22 is a run of 'desk', not of 'loans'"):
        records.find_record("22", "loans")
    assert records.newest_record() == history[0]
    assert records.newest_record("loans") == history[1]
    with pytest.raises(Refusal, match="no run of flights is here"):
        records.newest_record("flights")


@pytest.mark.parametrize("named", ["7", "TrainFlow/7", "abcdef01", "", "TrainFlow/", "train/../7"])
def test_a_run_that_is_not_there_is_refused(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal):
        records.find_record(named)
