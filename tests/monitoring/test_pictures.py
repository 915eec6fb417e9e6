"""Pictures: a reader sees what is odd of a column, by itself or beside another one."""

from types import SimpleNamespace

import numpy as np
import pytest

from shared.baseline import learning
from shared.monitoring import pictures
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales, shuffled


def test_a_column_that_fits_the_others_no_more_is_drawn_beside_the_one_that_tells_it() -> None:
    learnt = learning.learn(arrow.table(sales(8_000)), CONTRACT, 0.01)
    bundle = SimpleNamespace(reference=lambda: sales(4_000))
    week = arrow.table(shuffled(sales(4_000, 3), "ware", 1.0))
    profile = Profiler(learnt.plan, 4_000).profile(week)
    case = SimpleNamespace(bundle=bundle, baseline=learnt, profile=profile, history=learnt.before())
    reasons = [
        SimpleNamespace(column="ware", beside=(), check="dependence"),
        SimpleNamespace(column="size", beside=("luck",), check="distance"),
    ]
    figure = pictures.columns(reasons, case)
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["ware by shop", "size", "luck"]
    before, now = (
        np.array([bar.get_height() for bar in bars]) for bars in figure.axes[0].containers
    )
    # Bread is what one shop sells; shuffled, all of them do.
    assert before.max() > 10 * before.min()
    assert now == pytest.approx(now.mean(), abs=0.05)


def test_a_number_is_drawn_where_nearly_all_of_its_rows_are() -> None:
    edges = (-0.5, 0.0, 0.2, 0.4, 1.0, 1.5)
    assert pictures._span(edges, np.array([0, 0, 0.3, 0.9, 1, 1])) == (0.0, 1.0)
    assert pictures._span(edges, np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])) == (-0.5, 1.5)
    # A constant, and no row at all.
    assert pictures._span(edges, np.array([0, 0, 1, 1, 1, 1])) == (0.0, 0.2)
    assert pictures._span(edges, np.full(6, np.nan)) == (-0.5, 1.5)
    learnt = learning.learn(arrow.table(sales(4_000)), CONTRACT, 0.01)
    profile = Profiler(learnt.plan, 4_000).profile(arrow.table(sales(2_000, 3)))
    number = next(n for n in learnt.plan.names if isinstance(learnt.plan[n], NumberPlan))
    figure = pictures.column(number, learnt, profile)
    assert figure is not None
    first, last = figure.axes[0].get_xlim()
    planned = learnt.plan[number].edges
    assert planned[0] <= first < last <= planned[-1]
    assert last - first < planned[-1] - planned[0]
