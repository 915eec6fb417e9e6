"""The addresses of comparisons."""

import re

import pytest

from shared.errors import Refusal
from shared.runs.comparing import sides
from tests.board.runs import client
from tests.runs.runs import HISTORY


@pytest.mark.parametrize("named", ["run=TrainFlow/8", "bundle=cccccccc", "run=<b>"])
def test_an_unknown_run_or_bundle_is_not_found(named: str) -> None:
    answer = client(*HISTORY).get(f"/compare?run=TrainFlow/1&{named}")
    assert answer.status_code == 404
    assert "history" in answer.text
    assert "<b>" not in answer.text.replace("<b>Millrace", "").replace("of <b>", "")
    with pytest.raises(Refusal):
        sides.read(["TrainFlow/1", "TrainFlow/8"], [], HISTORY)


def test_the_page_without_runs_offers_the_latest_and_ticks_what_is_named() -> None:
    text = client(*HISTORY).get("/compare").text
    offered = re.findall(r'name="run" value="([^"]+)"', text)
    assert offered[:3] == ["PackageFlow/22", "TrainFlow/2", "TrainFlow/1"]
    assert not {"TrainFlow/3", "TrainFlow/4", "ReviewFlow/6"} & set(offered)
    answer = client(*HISTORY).get("/compare?run=TrainFlow/1")
    assert answer.status_code == 200
    assert re.findall(r'value="([^"]+)"[^>]* checked', answer.text) == ["TrainFlow/1"]
    assert "tick another one" in answer.text


def test_without_any_run_there_is_nothing_to_compare() -> None:
    assert "No training run has finished yet" in client().get("/compare").text
