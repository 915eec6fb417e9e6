"""Dependence: what columns predict of each other, in any form, is missed when it is gone."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from shared.baseline import learning
from shared.baseline.statistics import Statistic
from shared.monitoring.causes import culprits
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles import dependence, planning
from shared.profiles.counting_plan import Dependence, TreeSplit
from shared.profiles.gram import HOLIDAY, HOUR, WEEKDAY
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, MONTH, sales, shuffled


@pytest.fixture(scope="module")
def detector() -> DriftDetector:
    return DriftDetector(learning.learn(arrow.table(sales(8_000)), CONTRACT, 0.01))


def measured(detector: DriftDetector, frame: pd.DataFrame) -> dict[Statistic, float]:
    found = Profiler(detector.baseline.plan, 5_000).profile(arrow.table(frame))
    held = detector.measure(detector.with_dependences(found.counts, found.sample), MONTH)
    return {s: d.number for s, d in held.items() if d.beyond}


@pytest.mark.parametrize("column", ["bow", "shop"])
def test_as_much_of_a_dependence_is_left_as_rows_are_not_shuffled(
    detector: DriftDetector, column: str
) -> None:
    beyond = measured(detector, shuffled(sales(3_000, 7), column, 0.4))
    assert {statistic.check for statistic in beyond} <= {"dependence", "linear dependence"}
    assert np.exp(-beyond[Statistic("dependence", column)]) == pytest.approx(0.6, abs=0.06)


def test_a_curve_is_missed_that_no_straight_line_shows(detector: DriftDetector) -> None:
    beyond = measured(detector, sales(3_000, 8).assign(bow=lambda f: f["bow"].sample(frac=1).array))
    assert set(beyond) == {Statistic("dependence", "bow"), Statistic("dependence", "size")}


def test_what_moves_both_columns_breaks_no_dependence(detector: DriftDetector) -> None:
    beyond = measured(detector, sales(3_000, 9, mean=1.0))
    assert Statistic("distance", "size") in beyond
    assert "dependence" not in {statistic.check for statistic in beyond}


def test_few_rows_are_as_ordinary_as_many(detector: DriftDetector) -> None:
    odd = [measured(detector, sales(rows, 10 + rows)) for rows in (100, 130, 300, 1_000, 6_000)]
    assert [found for found in odd if found] == []


def test_the_column_that_was_shuffled_is_blamed(detector: DriftDetector) -> None:
    for column in ("shop", "ware"):
        week = shuffled(sales(3_000, 11), column, 1.0)
        found = Profiler(detector.baseline.plan, 5_000).profile(arrow.table(week))
        counts = detector.with_dependences(found.counts, found.sample)
        assert culprits.find(detector, counts, MONTH)[0] in ("shop", "ware")


def test_rows_with_a_value_that_was_never_met_are_not_counted(detector: DriftDetector) -> None:
    counter, far = dependence.DependenceCounter(detector.baseline.plan), sales(3_000, 12, mean=30.0)
    assert counter.count(arrow.table(far))["dependence bow"].sum() == 0
    assert "dependence" not in {statistic.check for statistic in measured(detector, far)}


def test_groups_are_counted_as_if_they_were_tables(detector: DriftDetector) -> None:
    table, counter = arrow.table(sales(500)), dependence.DependenceCounter(detector.baseline.plan)
    grouped = counter.count(table, np.array([0, 100, 100, 350]))
    for at, (first, last) in enumerate([(0, 100), (100, 100), (100, 350), (350, 500)]):
        alone = counter.count(table.slice(first, last - first))
        for name, counted in alone.items():
            assert (grouped[name][at] == counted).all(), name


def test_a_table_without_a_column_has_no_dependences_of_it(detector: DriftDetector) -> None:
    counted = dependence.DependenceCounter(detector.baseline.plan).count(
        arrow.table(sales(50).drop(columns="shop"))
    )
    assert counted.keys() == {"dependence size", "dependence bow"}


def test_what_true_rows_have_more_than_shuffled_ones_is_the_divergence_of_the_two() -> None:
    """The reach is Jeffreys' divergence of the joint frequencies and their product."""
    cells = np.array([[4_000, 500], [300, 2_500], [700, 2_000]])
    tree = Dependence(
        column="ware",
        classes=(0, 1, 2),
        splits=(TreeSplit(column="shop", codes=((0,), (1,)), left=-1, right=-2),),
    )
    joint = cells / cells.sum()
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    one, other = joint.ravel(), product.ravel()
    divergence = stats.entropy(one, other) + stats.entropy(other, one)
    model = dependence.dependence_model(cells.ravel(), tree)
    assert model.reach == pytest.approx(divergence, rel=0.01)
    assert dependence.share_left(cells.ravel(), model) == pytest.approx(1, abs=0.01)
    assert dependence.share_left(product.ravel() * 1e4, model) == pytest.approx(0, abs=0.01)


def test_values_of_another_day_are_missed_where_a_column_follows_the_day_of_the_week() -> None:
    def rota(rows: int, seed: int, day: int = 0) -> pd.DataFrame:
        frame = sales(rows, seed)
        weekend = (frame["at"].dt.dayofweek - day) % 7 >= 5
        luck = np.where(weekend, 3.0, 0.0) + np.random.default_rng(seed).normal(0, 0.3, rows)
        return frame.assign(luck=luck)

    learnt = DriftDetector(learning.learn(arrow.table(rota(8_000, 0)), CONTRACT, 0.01))
    assert measured(learnt, rota(3_000, 12)) == {}
    assert set(measured(learnt, rota(3_000, 13, day=1))) == {Statistic("dependence", "luck")}
    # Where the time is not to be looked at, neither is its day.
    without = DriftDetector(learnt.baseline, without=("at", HOUR))
    assert measured(without, rota(3_000, 13, day=1)) == {}


def test_days_of_the_week_begin_with_monday() -> None:
    at = pd.to_datetime(["2024-01-01T00:00Z", "2024-01-07T23:59Z", None, "1969-12-28T12:00Z"])
    frame = sales(4).assign(at=at)
    found = dependence.Coder(planning.plan_counting(arrow.table(frame), CONTRACT))
    assert found(arrow.table(frame))[WEEKDAY].tolist() == [0, 6, 7, 6]


def test_holidays_are_coded_where_there_is_a_calendar() -> None:
    at = pd.to_datetime(["2024-01-01T00:00Z", "2024-01-02T00:00Z", None, "2022-12-25T12:00Z"])
    table = arrow.table(sales(4).assign(at=at))
    found = dependence.Coder(planning.plan_counting(table, CONTRACT, "US"))(table)
    assert found[HOLIDAY].tolist() == [1, 0, 3, 2]
    assert HOLIDAY not in dependence.Coder(planning.plan_counting(table, CONTRACT))(table)


def test_what_is_lost_beyond_all_of_a_dependence_counts_as_more() -> None:
    lost = np.array([-0.5, 0.0, 0.5, 0.98, 1.0, 1.5, 3.0])
    found = dependence.as_loss(lost)
    assert (np.diff(found) >= 0).all()
    assert found[:3] == pytest.approx([0, 0, np.log(2)])
    assert found[-2:] == pytest.approx(dependence.MOST_LOST + lost[-2:] - 1 + np.exp(-4), abs=1e-9)
    assert dependence.lost_share(found) == pytest.approx(np.maximum(lost, 0))
