"""Which deviation of a column tells what is wrong with it."""

from typing import Any

import pytest

from shared.baseline.statistics import Statistic
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.wording.telling import beside, most_telling


def beyond(**excess: float) -> dict[str, Deviation]:
    named: dict[Any, float] = {check.replace("_", " "): far for check, far in excess.items()}
    return {
        check: Deviation(Statistic(check, "x"), far, 1.0, None, None, None)
        for check, far in named.items()
    }


@pytest.mark.parametrize(
    ("excess", "told", "more"),
    [
        # A rating of 1 to 5 where 3 to 5 came before, and none is missing.
        (
            {"new": 4.3, "linear_dependence": 3.4, "distance": 2.4, "missing": 1.5, "spike": 1.1},
            "new",
            ["missing", "distance"],
        ),
        # -999 is far from what other columns predict, but it is -999 that is wrong.
        ({"linear_dependence": 24.7, "new": 9.0, "spike": 2.5}, "new", []),
        ({"spike": 14.1, "linear_dependence": 11.0, "distance": 6.7}, "spike", []),
        ({"distance": 4.0, "spike": 1.2}, "distance", ["spike"]),
        ({"unseen": 21.6, "new": 2.1, "distance": 1.6}, "unseen", ["new", "distance"]),
        ({"dependence": 16.7, "linear_dependence": 1.1, "spike": 1.1}, "dependence", ["spike"]),
        ({"dependence": 3.0, "spike": 1.5}, "spike", []),
    ],
)
def test_what_is_the_farthest_beyond_its_threshold_tells(
    excess: dict[str, float], told: str, more: list[str]
) -> None:
    found = beyond(**excess)
    telling = most_telling(found, missing_less=True)
    assert telling is not None
    assert telling.statistic.check == told
    assert [other.statistic.check for other in beside(telling, found)] == more


def test_that_more_is_missing_tells_before_what_is_about_as_far() -> None:
    found = beyond(missing=3.0, spike=5.0)
    for less, told in ((False, "missing"), (True, "spike")):
        telling = most_telling(found, missing_less=less)
        assert telling is not None
        assert telling.statistic.check == told
    assert most_telling(beyond(missing=3.0), missing_less=True) is not None
    assert most_telling({}, missing_less=False) is None
