"""Successive halving: fewer trials in each round, each on more of the rows."""

from collections import Counter
from math import nan

import pytest

from shared.training.fitting.halving import halve

NAMES = [f"t{at}" for at in range(20)]


def attempts(goodness: dict[str, float], names: list[str] = NAMES) -> list[tuple[str, float]]:
    """Return which trials were attempted in turn, each on which share of the rows."""
    made: list[tuple[str, float]] = []

    def attempt(name: str, share: float) -> float:
        made.append((name, share))
        return goodness.get(name, 0.0)

    halve(names, attempt)
    return made


def test_the_best_third_goes_on_with_three_times_the_rows_until_it_has_all() -> None:
    made = attempts({"t7": 3.0, "t3": 2.0, "t19": 1.0})
    assert Counter(share for _, share in made) == {1 / 9: 20, 1 / 3: 7, 1.0: 3}
    assert {name for name, share in made if share == 1} == {"t3", "t7", "t19"}


def test_those_that_fail_go_no_further() -> None:
    made = attempts(dict.fromkeys(NAMES[:15], nan))
    assert {*NAMES[15:]} <= {name for name, share in made if share == 1 / 3}
    assert all(name in NAMES[15:] for name, share in made if share == 1)


@pytest.mark.parametrize("count", [1, 2, 3, 9, 27, 81, 200])
def test_however_many_begin_the_last_have_all_rows(count: int) -> None:
    made = attempts({}, [f"t{at}" for at in range(count)])
    assert made[-1][1] == 1
    assert sum(share == 1 for _, share in made) <= 3
