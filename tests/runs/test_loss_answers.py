"""A loss is answered by a training that began after it, unless that failed or was stopped."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared import command_words
from shared.runs.loss_answers import LossAnswer, answer_among, are_alike
from shared.runs.records import Record
from tests.runs.runs import record

PROVEN, NOW = (datetime.fromisoformat(f"2024-06-0{at}:00:00+00:00") for at in ("2T10", "3T20"))


def train(day: int, state: str = "done", passed: bool = True) -> Record:
    found = record(f"TrainFlow/{day}", state, evaluation={"passed": passed})
    return replace(found, at=f"2024-06-0{day}T12:00:00+00:00")


def packaged(day: int, state: str = "done") -> Record:
    return record("PackageFlow/9", state, digest="d" * 64, training_run=f"TrainFlow/{day}")


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([], None),
        ([train(1), packaged(1)], None),
        ([train(3, "failed")], None),
        # One that was killed says nothing any more.
        ([train(2, "running")], None),
        ([train(3, "running")], "TrainFlow/3 began after this loss, and has not ended yet"),
        (
            [train(3, passed=False), train(2), packaged(2)],
            "TrainFlow/3 answered this loss, and did not pass its gates "
            f"(`{command_words.millrace('show', 'TrainFlow/3')}`)",
        ),
        (
            [train(3, "failed"), packaged(2), train(2), train(1)],
            "TrainFlow/2 answered this loss: its bundle dddddddddddd is packaged",
        ),
    ],
)
def test_what_answered_a_loss_is_told(runs: list[Record], words: str | None) -> None:
    found = answer_among(runs, PROVEN, NOW)
    assert (found and found.words) == words


def test_a_model_that_could_not_be_packaged_is_still_to_be() -> None:
    found = answer_among([train(3), packaged(3, "failed")], PROVEN, NOW)
    assert found == LossAnswer(train(3), None)
    assert found.passed
    assert found.words == "TrainFlow/3 answered this loss, and its model is not packaged yet"


def test_other_settings_of_training_ask_for_another_model() -> None:
    then = {"split": {"holdout_share": 0.2}, "seed": 0, "monitor": {"window_days": 7}}
    assert are_alike(then, then | {"monitor": {"window_days": 1}})
    assert are_alike(then, {"split": {"holdout_share": 0.2}, "of a newer version": 1})
    assert not are_alike(then, then | {"split": {"holdout_share": 0.1}})
