"""The verdict: as serious as its worst reason, causes before consequences."""

from typing import Any

import pytest

from shared.model.verdict import Reason
from shared.monitoring import judge


def reason(
    what: str, level: Any, stage: Any, number: float = 3.0, threshold: float = 1.0
) -> Reason:
    return Reason(
        level=level,
        stage=stage,
        what=what,
        column=None,
        number=number,
        threshold=threshold,
        unit="of rows",
        next_step=f"mend {what}",
    )


def test_the_most_serious_reason_stands_first_then_causes_then_as_they_are_given() -> None:
    told = judge.in_order(
        [
            reason("score", "watch", "predictions", 9.0),
            reason("temp", "watch", "inputs", 2.3, 2.0),
            reason("dewp", "watch", "inputs", 4.2, 2.0),
            reason("auc", "act", "quality"),
            reason("gust", "watch", "feed", 0.3, 0.25),
        ],
    )
    assert [r.what for r in told] == ["auc", "gust", "temp", "dewp", "score"]
    assert judge.reached_level("judged", told) == "act"
    assert judge.summary("judged", told) == ("auc, and 4 more", "mend auc")


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        ("judged", "ok", "nothing exceeded its threshold"),
        ("no log", "watch", "the prediction log is empty, as if nothing was served yet"),
        ("empty", "watch", "the window is empty"),
        ("other bundles", "watch", "this bundle answered none of the window's rows"),
        ("too few rows", "watch", "too few rows to judge"),
    ],
)
def test_every_state_has_its_words_and_a_next_action(state: Any, level: str, words: str) -> None:
    said, step = judge.summary(state, [])
    assert (judge.reached_level(state, []), said) == (level, words)
    assert step.endswith(".")


def test_a_file_without_rows_says_nothing_of_a_service() -> None:
    assert judge.summary("empty", [], of_file=True) == (
        "the file has no rows",
        "Check what writes it: nothing could be judged.",
    )


def test_an_empty_window_with_a_sick_service_is_no_mere_watch() -> None:
    assert judge.reached_level("empty", [reason("errors", "act", "service")]) == "act"
