"""The addresses of runs: the list in pages, and what is not there."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from shared import datastores
from shared.cards import CardFile
from shared.datastores import StoredFile
from shared.runs.one_run import run_contents
from shared.runs.one_run.run_cards import RunCard
from shared.runs.one_run.run_contents import RunContents
from tests.board.runs import client
from tests.runs.runs import record

RUN = replace(record("TrainFlow/1"), final=True)
HISTORY = [RUN, *(record(f"TrainFlow/2{at}", problem="flights") for at in range(60))]


def listed(query: str) -> tuple[str, list[str]]:
    """Return the caption of the list that a query finds, and its runs."""
    answer = client(*HISTORY).get(f"/runs?{query}")
    assert answer.status_code == 200
    caption = re.search("<caption>(.*?)</caption>", answer.text)
    assert caption
    return caption[1], re.findall('href="/runs/(TrainFlow/[0-9]+)"', answer.text)


def test_a_long_list_has_pages() -> None:
    caption, runs = listed("page=2")
    assert caption == "61 runs, the newest first; page 2 of 2"
    assert runs == [f"TrainFlow/2{at}" for at in range(49, 60)]


@pytest.mark.parametrize(
    ("page", "shown"),
    [("0", 1), ("-1", 1), ("99", 2), ("x", 1), ("", 1), ("²", 1), ("9" * 5_000, 1)],
)
def test_a_page_that_is_none_is_the_nearest_or_the_first(page: str, shown: int) -> None:
    assert listed(f"page={page}")[0] == f"61 runs, the newest first; page {shown} of 2"


def test_a_filter_finds_its_runs_and_goes_with_the_pages() -> None:
    assert listed("problem=loans&flow=") == (
        "1 run, the newest first; page 1 of 1",
        ["TrainFlow/1"],
    )
    text = html.unescape(client(*HISTORY).get("/runs?problem=flights&page=x").text)
    assert 'href="/runs?problem=flights&page=2"' in text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("TrainFlow/9", "TrainFlow/9 is not in the run history."),
        ("TrainFlow/9/cards/a/b", "TrainFlow/9 is not in the run history."),
        ("TrainFlow/1", "TrainFlow/1 is not in the run history any more"),
        ("TrainFlow/1/cards/a/b", "TrainFlow/1 is not in the run history any more"),
        ("TrainFlow/1/artifacts/a/b", "TrainFlow/1 has no artifact 'b' in its step 'a'."),
    ],
)
def test_a_run_a_card_and_an_artifact_that_are_not_there_are_named(
    path: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = client(*HISTORY).get(f"/runs/{path}")
    assert answer.status_code == 404
    assert words in html.unescape(answer.text)


def test_a_card_that_a_run_does_not_have_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = RunContents((), (), {}, "", None)
    monkeypatch.setattr(run_contents, "of_record", lambda record: nothing)
    answer = client(*HISTORY).get("/runs/TrainFlow/1/cards/load/data")
    assert answer.status_code == 404
    assert "TrainFlow/1 has no card 'data'." in html.unescape(answer.text)


def test_a_running_card_is_another_address_once_it_is_drawn_anew_and_the_end_is_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    card = tmp_path / "card.html"
    own = RunCard(
        "fit", "leaderboard", CardFile("leaderboard", StoredFile("local", "/", str(card)))
    )
    contents = RunContents((), (own,), {}, "", None)
    monkeypatch.setattr(run_contents, "of_record", lambda record: contents)
    monkeypatch.setattr(datastores, "read", lambda files: [card.read_bytes()])
    pages = {}
    for state, words in (("running", "one"), ("running", "two"), ("running", "two"), ("done", "")):
        card.write_text(f"<html><head></head>{words}</html>")
        board = client(replace(record("TrainFlow/1", state), final=True))
        answer = board.get("/runs/TrainFlow/1", headers={"HX-Request": "true"})
        follows = 'id="cards" hx-get hx-trigger="every 2500ms" hx-select="#cards"' in answer.text
        frames = re.findall(r'cards/fit/leaderboard(\?\w+)?" loading', answer.text)
        pages.setdefault((state, words), []).append(
            (follows, *frames, answer.headers.get("HX-Refresh"))
        )
    (first,), (second, third), (done,) = pages.values()
    assert first[0]
    assert second[0]
    assert second == third != first
    assert done == (False, "", "true")
    assert first[2] is None
