"""Learning: the same history gives the same profile, and thresholds that it passes itself."""

import itertools

import numpy as np
import pytest

from shared.baseline import baseline_profile, learning
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.statistics import Statistic
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales


@pytest.fixture(scope="module")
def learnt() -> BaselineProfile:
    return learning.learn(arrow.table(sales(6_000)), CONTRACT, 0.01)


def test_the_order_of_rows_changes_no_digit(learnt: BaselineProfile) -> None:
    mixed = sales(6_000).sample(frac=1, random_state=0)
    assert learning.learn(arrow.table(mixed), CONTRACT, 0.01) == learnt


def test_of_a_sample_as_many_times_more_rows_are_expected(learnt: BaselineProfile) -> None:
    sampled = learning.learn(arrow.table(sales(6_000)), CONTRACT, 0.01, share=0.25)
    assert np.allclose(sampled.per_hour, 4 * np.array(learnt.per_hour))
    assert sampled.silence == pytest.approx(4 * learnt.silence)
    assert sampled.known_rows
    assert sampled.known_rows.side_by_side == ()
    same = {n: getattr(learnt, n) for n in ("per_hour", "silence", "known_rows")}
    assert sampled.model_copy(update=same) == learnt


def test_a_longer_span_has_fewer_blocks_of_more_rows(learnt: BaselineProfile) -> None:
    # Of shorter ones too many blocks have too few rows.
    days = [span for span in learnt.spans if span.hours >= 24]
    assert len(days) > 5
    for shorter, longer in itertools.pairwise(days):
        assert shorter.blocks > longer.blocks
        assert shorter.rows < longer.rows
    # Five blocks that overlap by half take three spans of the month: there are no 252 hours of it.
    assert days[-1].hours == 168


def test_every_statistic_of_a_span_has_a_multiple_of_at_least_one(learnt: BaselineProfile) -> None:
    for span in learnt.spans:
        assert min(span.multiples.values()) >= 1
        checks = tuple(family.partition(" of ")[0] for family in span.multiples)
        assert all(key.startswith(checks) for key in span.largest)


def test_fewer_false_alarms_take_wider_thresholds(learnt: BaselineProfile) -> None:
    strict = learning.learn(arrow.table(sales(6_000)), CONTRACT, 0.0001)
    assert strict.chance < learnt.chance
    key = baseline_profile.statistic_key(Statistic("distance", "size"))
    assert strict.noise[key].most > learnt.noise[key].most
    assert strict.noise[key].mean == learnt.noise[key].mean
    wider = [
        wide.multiples[family] >= narrow.multiples[family]
        for wide, narrow in zip(strict.spans, learnt.spans, strict=True)
        for family in narrow.multiples
    ]
    assert all(wider)


def test_the_rows_of_an_hour_are_those_of_the_whole_history(learnt: BaselineProfile) -> None:
    assert np.mean(learnt.per_hour) == pytest.approx(6_000 / learnt.hours, rel=0.01)
