"""Blocks: what part of history was unlike the rest widens what is ordinary."""

import numpy as np
import pandas as pd

from shared.baseline import bounded_shares
from shared.baseline.baseline_profile import BaselineSpan
from shared.baseline.blocks import FEWEST_BLOCKS, FEWEST_FOR_TAIL, Blocks
from shared.baseline.history import history_in_cells
from shared.baseline.noise import sampling_noise
from shared.baseline.statistics import Statistic
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, MONTH, sales

DAY = 24


def blocks(frame: pd.DataFrame) -> Blocks:
    history = history_in_cells(arrow.table(frame), CONTRACT)
    noise = sampling_noise(history.total, history.plan, 1e-4, history.residual_spread())
    return Blocks(history, noise, 0.01)


def learnt(frame: pd.DataFrame, hours: int) -> BaselineSpan:
    span = blocks(frame).learn_span(hours, None)
    assert span is not None
    return span


def test_blocks_overlap_by_half_and_have_about_the_same_rows() -> None:
    span = learnt(sales(6_000), DAY)
    assert span.blocks == 2 * MONTH / DAY - 1
    assert abs(span.rows - 6_000 * DAY / MONTH) < 20


def test_a_span_that_history_holds_too_seldom_is_none() -> None:
    assert blocks(sales(6_000)).learn_span(int(2 * MONTH / FEWEST_BLOCKS), None) is None


def test_a_day_that_was_odd_makes_as_odd_ones_ordinary() -> None:
    rows = sales(6_000)
    odd = (rows["at"] >= "2024-01-20") & (rows["at"] < "2024-01-21")
    changed = rows.assign(luck=rows["luck"].where(~odd, np.nan))
    assert learnt(changed, DAY).largest["missing luck"] > 0.9
    assert learnt(rows, DAY).largest["missing luck"] == 0


def test_what_few_blocks_cannot_say_is_taken_from_a_shorter_span() -> None:
    some = blocks(sales(6_000))
    shorter = some.learn_span(DAY, None)
    longer = some.learn_span(132, shorter)
    assert shorter is not None
    assert longer is not None
    assert longer.blocks < FEWEST_FOR_TAIL <= shorter.blocks
    assert longer.multiples == shorter.multiples
    assert all(longer.largest[key] >= largest for key, largest in shorter.largest.items())


def test_a_span_of_as_many_cells_as_a_shorter_one_is_learnt_as_that_was() -> None:
    year = sales(6_000)
    year["at"] = year["at"].min() + 12 * (year["at"] - year["at"].min())
    some = blocks(year)
    # A year's cells have three hours each.
    shorter = some.learn_span(44, None)
    assert shorter is not None
    assert some.learn_span(45, shorter) == blocks(year).learn_span(45, None)


def test_what_wanders_may_go_the_farther_the_longer_its_history_ended() -> None:
    rows = sales(9_000)
    steps = np.random.default_rng(1).normal(0, 0.5, 31).cumsum()
    days = (rows["at"] - rows["at"].min()).dt.days
    span = learnt(rows.assign(luck=rows["luck"] + steps[days]), DAY)
    family, luck = "distance of numbers", Statistic("distance", "luck")
    assert span.gap > MONTH / 2
    soon, later = (span.limit(luck, family, hours) for hours in (0, 240))
    assert bounded_shares.stretch(later, 0.5) > 1.5 * bounded_shares.stretch(soon, 0.5)
    assert later < 0.5
    steady = Statistic("distance", "size")
    assert span.limit(steady, family, 240) < 1.5 * span.limit(steady, family, 0)


def test_new_values_come_as_often_as_they_did() -> None:
    rows = sales(9_000)
    wares = (rows["at"] - rows["at"].min()).dt.days // 3
    since = np.random.default_rng(0).integers(0, 3, len(rows))
    span = learnt(rows.assign(ware=[f"ware {n}" for n in np.maximum(wares - since, 0)]), DAY)
    new = Statistic("new", "ware")
    assert span.limit(new, "new of categories", 72) > 0.5


def test_a_trade_that_grows_has_more_rows_later() -> None:
    rows = sales(20_000)
    kept = np.random.default_rng(0).random(len(rows)) < np.linspace(0.2, 1, len(rows))
    volume = Statistic("volume", "at")
    grown, steady = learnt(rows[kept], DAY), learnt(rows, DAY)
    assert grown.limit(volume, "volume", 240) > 2 * steady.limit(volume, "volume", 240)
