"""What can be compared, and what is said of the rest."""

import html
import re

import pytest

from shared.runs.comparing import sides
from shared.runs.comparing.sides import NotComparable
from tests.board.runs import client
from tests.runs.runs import HISTORY


@pytest.mark.parametrize(
    ("runs", "bundles", "words"),
    [
        (["TrainFlow/1"], [], "2 to 5 runs are compared; 1 was named"),
        (["TrainFlow/1", "TrainFlow/1"], [], "2 to 5 runs are compared; 1 was named"),
        ([f"TrainFlow/7{at}" for at in range(6)], [], "2 to 5 runs are compared; 6 were named"),
        (["TrainFlow/1", "TrainFlow/3"], [], "TrainFlow/3 failed, and has nothing to compare"),
        (["TrainFlow/1", "TrainFlow/4"], [], "TrainFlow/4 is not finished"),
        (
            ["TrainFlow/1", "TrainFlow/5"],
            [],
            "these runs are of different problems: flights, loans",
        ),
        (["TrainFlow/1", "ReviewFlow/6"], [], "ReviewFlow/6 has no model"),
        (["TrainFlow/1"], ["bbb"], "bundle 'bbb': give 8 digits of a digest or more"),
        (["TrainFlow/1"], ["../../etc"], "give 8 digits of a digest or more"),
    ],
)
def test_what_cannot_be_compared_is_said_in_words(
    runs: list[str], bundles: list[str], words: str
) -> None:
    with pytest.raises(NotComparable, match=re.escape(words)):
        sides.read(runs, bundles, HISTORY)
    named = "&".join([*(f"run={run}" for run in runs), *(f"bundle={each}" for each in bundles)])
    answer = client(*HISTORY).get(f"/compare?{named}")
    if len({*runs, *bundles}) > 1:
        assert answer.status_code == 400
        assert words in html.unescape(answer.text)
