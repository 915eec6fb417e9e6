"""Pictures as the sources of images, the same for the same numbers."""

import base64
from typing import Any

import pytest

from shared.board import pictures
from shared.board.pages.measured_windows import Measured

DAYS = ["2024-06-03T00:00:00+00:00", "2024-06-10T00:00:00+00:00"]


def measured(now: float) -> Measured:
    ends = [now, now - 0.1, now + 0.1]
    return Measured({"roc_auc": {"now": ends, "expected": ends}}, {}, {})


def test_a_picture_is_svg_and_the_same_for_the_same_numbers() -> None:
    windows = [(DAYS[0], measured(0.7)), (DAYS[1], measured(0.6))]
    drawings = {pictures.source(pictures.quality(windows, ["roc_auc"])) for _ in range(2)}
    assert len(drawings) == 1
    head, _, content = drawings.pop().partition(",")
    assert head == "data:image/svg+xml;base64"
    assert b"<svg" in base64.b64decode(content)


def test_a_column_that_some_windows_lack_is_shown_where_it_is() -> None:
    excess = [(DAYS[0], {"age": 0.5}), (DAYS[1], {"age": 2.0, "region": 0.1})]
    (axis,) = pictures.excess(excess, ["age", "region"]).axes
    lines = {line.get_label(): len(line.get_xdata()) for line in axis.get_lines()[:2]}
    assert lines == {"age": 2, "region": 1}


@pytest.mark.parametrize(
    "figure",
    [
        pictures.excess([(day, {"age": 2.0}) for day in DAYS], ["age"]),
        pictures.quality([(day, measured(0.7)) for day in DAYS], ["roc_auc"]),
        pictures.contributions([(day, {"age": [0.1, 0.01]}) for day in DAYS], ["age"]),
        pictures.beside_threshold([(day, [0.3, 0.2]) for day in DAYS], "of rows"),
    ],
    ids=["excess", "quality", "contributions", "beside_threshold"],
)
def test_no_line_runs_through_the_names_of_the_lines(figure: Any) -> None:
    figure.draw_without_rendering()
    (legend,) = figure.legends
    right = max(axis.get_window_extent().x1 for axis in figure.axes)
    assert legend.get_window_extent().x0 >= right


def test_a_challenger_has_a_line_of_its_own() -> None:
    more = Measured({}, {"c" * 64: {"roc_auc": [0.8, 0.7, 0.9]}}, {})
    (axis,) = pictures.quality([(DAYS[0], more)], ["roc_auc"]).axes
    assert [line.get_label() for line in axis.get_lines()] == ["challenger cccccccc"]


def test_mean_contributions_have_a_line_for_each_feature_beside_none() -> None:
    found = [(DAYS[0], {"age": [0.1, 0.01]}), (DAYS[1], {"age": [0.3, 0.02], "region": [0.0, 0.1]})]
    (axis,) = pictures.contributions(found, ["age", "region"]).axes
    lines = {line.get_label(): line.get_ydata().tolist() for line in axis.get_lines()[:2]}
    assert lines == {"age": [0.1, 0.3], "region": [0.0]}
    (ends,) = axis.collections[-1].get_segments()
    assert ends[:, 1].tolist() == pytest.approx([-0.196, 0.196])


def test_a_check_that_is_far_off_leaves_the_others_readable() -> None:
    excess = [(DAYS[0], {"age": 180.0, "region": 0.5}), (DAYS[1], {"age": 170.0, "region": 1.5})]
    (axis,) = pictures.excess(excess, ["age", "region"]).axes
    (_, near), (_, threshold), (_, far) = axis.transAxes.inverted().transform(
        axis.transData.transform([(0, 0.5), (0, 1), (0, 180)])
    )
    assert threshold - near > 0.1
    assert far > threshold


@pytest.mark.filterwarnings("error")
def test_one_window_alone_has_its_day_below_it() -> None:
    figure = pictures.excess([(DAYS[0], {"age": 0.5})], ["age"])
    pictures.source(figure)
    (axis,) = figure.axes
    assert "03" in [label.get_text() for label in axis.get_xticklabels()]


def test_in_one_window_alone_eight_columns_are_told_apart() -> None:
    names = [f"column {number}" for number in range(8)]
    (axis,) = pictures.excess([(DAYS[0], dict.fromkeys(names, 2.0))], names).axes
    marks = {(line.get_color(), line.get_marker()) for line in axis.get_lines()[:8]}
    assert len(marks) == 8


def test_the_names_of_lines_of_one_colour_have_other_dashes_and_other_marks() -> None:
    names = [f"feature {number}" for number in range(8)]
    figure = pictures.contributions(
        [(day, {name: [0.1, 0.01] for name in names}) for day in DAYS], names
    )
    first, *_, sixth = figure.legends[0].get_lines()[:6]
    assert first.get_color() == sixth.get_color()
    assert (first.get_linestyle(), first.get_markerfacecolor()) == ("-", first.get_color())
    assert (sixth.get_linestyle(), sixth.get_markerfacecolor()) == ("--", "white")
    # A dash and its gap are 5.5 points at a width of 1.5: three fit beside the mark.
    assert max(sixth.get_xdata()) > 16.5
