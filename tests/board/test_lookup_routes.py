"""The address of look-ups: what is asked for, and what is not there."""

import html
import re
from pathlib import Path

import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from tests.board.runs import client
from tests.runs.runs import record


@pytest.mark.parametrize(
    ("logged", "offered"),
    [
        ((), ["loans (no log to read)", "flights (no log to read)"]),
        (("flights",), ["flights", "loans (no log to read)"]),
        (("loans", "flights"), ["loans", "flights"]),
    ],
)
def test_a_problem_whose_log_can_be_read_is_offered_first(
    bundle: Bundle,
    logged: tuple[str, ...],
    offered: list[str],
    empty_history: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MILLRACE_LOG", raising=False)
    for problem in logged:
        log = PredictionLog(problem, bundle.contract)
        log.prepare()
        log.close()
    answer = client(record("TrainFlow/1"), record("TrainFlow/2", problem="flights")).get("/lookup")
    assert answer.status_code == 200
    assert re.findall("<option.*?>(.*?)</option>", answer.text) == offered
    assert "Give the id of a prediction" in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("problem=loans&id=p1", "No prediction log at"),
        ("problem=cars&id=p1", "No run in the history is of a problem 'cars'."),
        ("problem=../x&id=p1", "No run in the history is of a problem '../x'."),
        ("problem=loans&id=<b>", "No prediction log at"),
    ],
)
def test_without_a_log_or_a_problem_that_is_said(
    query: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MILLRACE_LOG", raising=False)
    answer = client(record("TrainFlow/1")).get(f"/lookup?{query}")
    assert answer.status_code == 404
    assert words in html.unescape(answer.text)
    assert 'value="<b>"' not in answer.text
