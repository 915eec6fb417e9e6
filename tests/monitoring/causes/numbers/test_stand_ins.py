"""A number that stands for a missing value: -999, 9999, -1 or 0, apart from all that was before."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.numbers.stand_ins import stand_in_words
from shared.profiles.planning import plan_counting
from shared.schema import arrow
from tests.monitoring.traffic import week
from tests.profiles.contracts import contract

AGES = [*range(18, 80)] * 5
AREAS = np.random.default_rng(0).lognormal(5, 0.5, 3_000)


def said(now: list[float], history: Any = AGES) -> str | None:
    """Return what is said to stand for a missing value among numbers, given those of history."""
    held = pd.DataFrame({"age": np.array(history, "float64")})
    baseline = SimpleNamespace(plan=plan_counting(arrow.table(held), contract({"age": "number"})))
    profile = SimpleNamespace(sample=pd.DataFrame({"age": np.array(now, "float64")}))
    case: Any = SimpleNamespace(baseline=baseline, profile=profile)
    words = stand_in_words("age", case)
    return words[0].removesuffix(" mostly stands for a missing value") if words else None


@pytest.mark.parametrize("number", [-999, 9999, -99, 999_999, -1, 0, 99])
def test_one_number_apart_from_all_others_stands_for_nothing(number: float) -> None:
    assert said([*AGES[:60], *[number] * 20]) == str(number)
    assert said([*AGES[:60], number]) is None


def test_a_number_that_goes_on_where_the_others_ended_is_one_of_them() -> None:
    assert said([1, 2, 3, *[0] * 20], [1, 2, 3, 4, 5, 6] * 50) is None
    assert said([97, 98, *[99] * 20], [*range(40, 99)] * 5) is None
    assert said([7, 7, *[0] * 20], [7] * 300) is None


def test_other_numbers_and_several_of_them_stand_for_something() -> None:
    assert said([*AGES[:60], *[-998] * 20]) is None
    assert said([*AGES[:60], *[-1] * 10, *[-2] * 10]) is None
    assert said([*AGES[:60], *[-0.5] * 10]) is None
    assert said(AGES) is None


@pytest.mark.parametrize(("number", "history"), [(-999, AREAS), (0, AREAS), (-1, AREAS)])
def test_beside_numbers_of_any_size_it_is_in_most_rows_at_their_end(
    number: float, history: np.ndarray
) -> None:
    assert said([*history[:300], *[number] * 60], history) == str(number)
    lowest = np.sort(history)[:40]
    assert said([*lowest, *[number] * 20], history) is None


def test_a_number_ten_times_as_far_away_as_the_others_are_apart_needs_few_rows() -> None:
    assert said([*AREAS[:1_000], *[-9999] * 5], AREAS) == "-9999"
    assert said([*AREAS[:1_000], *[99_999] * 5], AREAS) == "99999"
    assert said([*AREAS[:1_000], *[-1] * 5], AREAS) is None


def test_the_verdict_says_it_with_what_to_mend_and_how_serious_it_is(judged) -> None:
    rows = week(1_000)
    verdict = judged(rows.assign(age=rows["age"].mask(rows.index % 3 == 0, 999)))
    reason = verdict.reasons[0]
    assert (reason.level, reason.stage, reason.column) == ("act", "feed", "age")
    assert reason.what.startswith("age is far outside its range: 18 to 999 (history 18 to 79)")
    assert reason.likely_cause == "999 mostly stands for a missing value"
    assert reason.next_step.startswith("Check what feeds age: a missing value is to come as null.")
