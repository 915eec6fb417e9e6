"""The address of look-ups: what is asked for, and what is not there."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from tests.board.runs import client
from tests.runs.runs import record


@pytest.mark.parametrize(
    ("logged", "offered"),
    [
        ((), ["loans (no log)", "flights (no log)"]),
        (("flights",), ["flights", "loans (no log)"]),
        (("loans", "flights"), ["loans", "flights"]),
    ],
)
def test_a_problem_with_a_log_is_offered_first(
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


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """Return what is connected to from now on."""
    made: list[Any] = []

    def seen(connection: Any, *_: Any) -> None:
        made.append(connection)

    sa.event.listen(sa.pool.Pool, "connect", seen)
    yield made
    sa.event.remove(sa.pool.Pool, "connect", seen)


@pytest.mark.parametrize("is_shared", [False, True], ids=["a file each", "one for all"])
def test_no_other_log_is_opened_than_the_one_that_is_asked(
    bundle: Bundle,
    is_shared: bool,
    connections: list[Any],
    empty_history: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MILLRACE_LOG", raising=False)
    if is_shared:
        monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{empty_history / 'all.db'}")
    names = ("loans", "flights", "weather")
    for name in names:
        log = PredictionLog(name, bundle.contract)
        log.prepare()
        log.close()
    runs = [record(f"TrainFlow/{at}", problem=name) for at, name in enumerate(names, 1)]
    browser = client(*runs)
    connections.clear()
    assert browser.get("/lookup").status_code == 200
    # Files need none: a database that all share has to say which problems it has.
    assert len(connections) == int(is_shared)
    answer = browser.get("/lookup?problem=flights&id=nobody")
    assert "has no prediction or key 'nobody'" in html.unescape(answer.text)
    assert len(connections) == 1 + 2 * int(is_shared)


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
