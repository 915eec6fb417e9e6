"""The cards of a run: each once, in the order of its steps."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared import cards
from shared.cards import CardFile
from shared.datastores import StoredFile
from shared.runs.one_run import run_cards


def run(**steps: list[list[str]]) -> Any:
    """Return a run by its steps, the first one first: the cards of each of a step's tasks."""
    made = []
    for name, tasks in steps.items():
        each = [SimpleNamespace(index=at, cards=found) for at, found in enumerate(tasks)]

        class Step(list[Any]):
            id = name

        made.append(Step(each))
    return made[::-1]


@pytest.fixture(autouse=True)
def _cards_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    def left(tasks: list[Any]) -> list[dict[str, CardFile]]:
        nowhere = StoredFile("local", "/", "nowhere")
        return [{name: CardFile(name, nowhere) for name in task.cards} for task in tasks]

    monkeypatch.setattr(cards, "cards_of", left)


def test_cards_come_in_the_order_of_the_steps() -> None:
    found = run_cards.of_run(run(load=[["data"]], split=[["split"]], end=[["done", "also"]]))
    assert [(c.step, c.title) for c in found] == [
        *(("load", "data"), ("split", "split")),
        *(("end", "also"), ("end", "done")),
    ]
    assert not any(card.is_report for card in found)


def test_what_each_task_of_a_foreach_shows_is_left_out_once_a_later_step_shows_it_whole() -> None:
    fits = [["leaderboard"], ["leaderboard"]]
    assert [c.title for c in run_cards.of_run(run(fit=fits))] == ["leaderboard 1", "leaderboard 2"]
    (whole,) = run_cards.of_run(run(fit=fits, select=[["leaderboard"]]))
    assert (whole.step, whole.title) == ("select", "leaderboard")


def test_evidentlys_reports_are_known_by_their_titles() -> None:
    found = run_cards.of_run(run(report=[["data_drift", "data_summary", "quality"]]))
    assert [card.is_report for card in found] == [True] * 3


def test_a_card_that_is_a_page_of_its_own_is_dark_at_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CardFile, "page", lambda card: "<head></head>Rows by day")
    written = run_cards.write("TrainFlow/7", run_cards.of_run(run(load=[["data"]])), tmp_path)
    assert written == {"data": "TrainFlow-7-load-data.html"}
    page = (tmp_path / written["data"]).read_text()
    assert page == f"<head><style>{cards.NIGHT_STYLE}</style></head>Rows by day"
