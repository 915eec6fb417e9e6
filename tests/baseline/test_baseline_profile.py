"""Baseline profiles: stored and read as they are, and what they ask of a statistic."""

import json

import numpy as np
import pandas as pd
import pytest

from shared.baseline import baseline_profile, learning
from shared.baseline.baseline_profile import BaselineProfile, read_baseline_profile
from shared.baseline.statistics import Statistic
from shared.errors import Refusal
from shared.profiles.counter import Counter
from shared.schema import arrow
from tests.profiles.rows import CONTRACT, PLAN, history


@pytest.fixture(scope="module")
def learnt() -> BaselineProfile:
    return learning.learn(arrow.table(history()), CONTRACT, 0.01)


def test_what_is_stored_is_read_with_the_same_numbers(learnt: BaselineProfile) -> None:
    stored = json.loads(learnt.model_dump_json())
    assert read_baseline_profile(stored) == learnt
    assert all(counted.dtype == np.int64 for counted in learnt.before().values())


def test_a_profile_that_learnt_no_baseline_is_refused() -> None:
    with pytest.raises(Refusal, match="train and package it again"):
        read_baseline_profile({"columns": {}})


def test_statistics_of_a_kind_have_a_multiple_in_common_and_arrivals_their_own() -> None:
    families = [
        baseline_profile.family(Statistic(check, column), PLAN)
        for check, column in (("distance", "x"), ("distance", "colour"), ("volume", "at"))
    ]
    assert families == ["distance of numbers", "distance of categories", "volume"]


def test_the_distance_of_categories_goes_twice_as_far() -> None:
    number, category = (
        baseline_profile.floor(Statistic("distance", column), PLAN) for column in ("x", "colour")
    )
    assert category == 2 * number


def test_chance_makes_of_a_share_what_the_binomial_distribution_does() -> None:
    counter = Counter(PLAN)
    frame = history()
    before = counter.count(arrow.table(frame.assign(x=frame["x"].where(frame.index % 5 > 0))))
    now = counter.count(arrow.table(pd.DataFrame(frame.head(100)))).counts
    missing = Statistic("missing", "x")
    average = baseline_profile.chance_level(missing, now, before.counts, None, None)
    assert average == pytest.approx(np.sqrt(0.2 * 0.8 / 100))
    most = baseline_profile.chance_level(missing, now, before.counts, None, 1e-4)
    assert 3 * average < most < 5 * average
