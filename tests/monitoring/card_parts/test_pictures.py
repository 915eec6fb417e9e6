"""Pictures: a reader sees what is odd of a column, by itself or beside another one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.model.verdict import read_verdict
from shared.monitoring.card_parts import pictures
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales, shuffled
from tests.runs.test_stations import judged


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


def test_a_gap_between_windows_is_left_open() -> None:
    days = [(1, 8), (8, 15), (22, 29)]
    trail = [
        read_verdict(
            judged("watch")
            | {
                name: f"2024-06-{day:02}"
                for name, day in zip(("start", "until"), each, strict=True)
            }
        )
        for each in days
    ]
    assert pictures._places(trail) == [0, 1, 3]
    (axis,) = pictures.timeline(trail).axes
    assert [line.get_xdata()[0] for line in axis.get_lines()] == [2]
    assert [tick.get_text()[:6] for tick in axis.get_xticklabels()] == [
        "29 Jun",
        "15 Jun",
        "8 Jun\n",
    ]


def test_a_number_is_drawn_where_nearly_all_of_its_rows_are() -> None:
    edges, once = (-0.5, 0.0, 1.0, 1.5), (np.array([0.0, 1.0]), np.array([0.0, 1.0]))

    def limits(places: list[float], heights: list[float]) -> tuple[float, float]:
        now = (np.array(places), np.array(heights))
        first, last = pictures._limits(edges, [once, now])
        beside = pictures.BESIDE / (1 + 2 * pictures.BESIDE) * (last - first)
        return round(first + beside, 6), round(last - beside, 6)

    assert limits([], []) == (0.0, 1.0)
    assert limits([-0.4, -0.4, 0.0, 1.0], [0.0, 0.25, 0.25, 1.0]) == (-0.4, 1.0)
    # One row in ten thousand, and what would leave no room for history.
    assert limits([0.0, 1.0, 1.4], [0.0, 0.9999, 1.0]) == (0.0, 1.0)
    assert limits([-999.0, -999.0, 0.0, 1.0], [0.0, 0.25, 0.25, 1.0]) == (-2.0, 1.0)
    learnt = learning.learn(arrow.table(sales(4_000)), CONTRACT, 0.01)
    profile = Profiler(learnt.plan, 4_000).profile(arrow.table(sales(2_000, 3)))
    number = next(n for n in learnt.plan.names if isinstance(learnt.plan[n], NumberPlan))
    figure = pictures.column(number, learnt, profile)
    assert figure is not None
    first, last = figure.axes[0].get_xlim()
    planned = learnt.plan[number].edges
    assert planned[0] < first < planned[1] < planned[-2] < last < planned[-1]


def test_what_is_a_hundred_times_history_is_drawn_beside_it_by_powers_of_ten() -> None:
    learnt = learning.learn(arrow.table(sales(4_000)), CONTRACT, 0.01)
    number = next(n for n in learnt.plan.names if isinstance(learnt.plan[n], NumberPlan))
    now = sales(2_000, 3)
    now[number] *= 100
    figure = pictures.column(number, learnt, Profiler(learnt.plan, 4_000).profile(arrow.table(now)))
    assert figure is not None
    axis = figure.axes[0]
    assert axis.get_xscale() == "symlog"
    assert axis.get_xlim()[1] > now[number].max() > 10 * learnt.plan[number].edges[-2]


def test_a_number_is_drawn_as_steps_at_its_values_and_nowhere_else() -> None:
    """A line out of a bin's margin would show values that nobody has."""
    ratings = NumberPlan(
        name="rating",
        edges=(2.0, 3.0, 4.0, 5.0, 5.0000001, 6.0),
        centre=4.0,
        scale=1.0,
        values=(3.0, 4.0, 5.0),
    )
    x, y = pictures._curve(ratings, np.array([0, 0, 0.2, 0.5, 0.3, 0, 0]), pd.Series(dtype=float))
    assert [*zip(x.round(3), y.round(3), strict=True)] == [
        *[
            (3.0, 0.0),
            (3.0, 0.0),
            (3.0, 0.2),
            (4.0, 0.2),
            (4.0, 0.7),
            (5.0, 0.7),
            (5.0, 1.0),
            (5.0, 1.0),
        ]
    ]
    wider = np.array([0.25, 0, 0.2, 0.25, 0.2, 0, 0.1])
    x, y = pictures._curve(ratings, wider, pd.Series([1.0, 3.0, 4.0, 1.5, np.nan, 9.0]))
    known = [(1.0, 0.0), (1.0, 0.125), (1.5, 0.125), (1.5, 0.25), (3.0, 0.25), (3.0, 0.45)]
    assert [*zip(x.round(3), y.round(3), strict=True)][1:7] == known
    assert (x[-1], y[-1], x[-2], y[-2].round(3)) == (9.0, 1.0, 9.0, 0.9)
    # Each part is flat or upright.
    assert (np.isclose(np.diff(x), 0, atol=1e-6) | np.isclose(np.diff(y), 0)).all()


def test_of_a_number_of_many_values_no_line_is_drawn_beyond_its_values() -> None:
    many = NumberPlan(
        name="x", edges=(-5.0, 0.0, 1.0, 2.0, 7.0), centre=1.0, scale=1.0, values=None
    )
    x, y = pictures._curve(many, np.array([0, 0, 0.5, 0.5, 0, 0]), pd.Series(dtype=float))
    assert [*zip(x, y, strict=True)] == [(0.0, 0.0), (0.0, 0.0), (1.0, 0.5), (2.0, 1.0)]
    x, y = pictures._curve(many, np.zeros(6), pd.Series(dtype=float))
    assert not y.any()
