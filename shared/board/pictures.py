"""The board's own pictures, as SVG in the project's style."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from shared import cards
from shared.board.pages.measured_windows import Measured
from shared.kinds import Metric, metric_name

# Lines that can be told apart, the last by their dashes, and by their marks where each is a point.
COLOURS = (cards.BAD, cards.ACCENT, cards.SECOND, cards.GOOD, cards.QUIET)
# Standard errors to either end of a 95% interval.
Z95 = 1.96


def source(figure: Any) -> str:
    """Return a figure as the source of an image: its SVG as a data address."""
    return "data:image/svg+xml;base64," + base64.b64encode(cards.svg(figure)).decode()


def quality(windows: Sequence[tuple[str, Measured]], metrics: Sequence[Metric]) -> Any:
    """Return a figure of metrics over windows, each dated by its end (an ISO time).

    A band is the 95% interval: of what was expected in grey, of the windows' own scores in colour;
    what was estimated before outcomes came is dashed, and challengers are dotted.
    """
    figure, axes = cards.figure(10, 2.9, len(metrics))
    for axis, metric in zip(np.atleast_1d(axes), metrics, strict=True):
        sides = {"expected": cards.QUIET, "now": cards.ACCENT, "estimated": cards.SECOND}
        for side, colour in sides.items():
            at = [
                (day, m.quality[metric][side])
                for day, m in windows
                if side in m.quality.get(metric, {})
            ]
            label = side if side != "now" else "with outcomes"
            _line(axis, at, colour, label, dashed=side == "estimated")
        for digest in dict.fromkeys(name for _, m in windows for name in m.challengers):
            theirs = [(day, m.challengers.get(digest, {}).get(metric)) for day, m in windows]
            _line(axis, [(d, t) for d, t in theirs if t], cards.GOOD, f"challenger {digest[:8]}")
        axis.set_title(metric_name(metric))
        cards.time_axis(axis)
    cards.legend_beside(figure)
    return figure


def beside_threshold(windows: Sequence[tuple[str, Sequence[float]]], unit: str) -> Any:
    """Return a figure of a number and its threshold, by window, in their unit."""
    figure, axis = cards.figure(10, 2.6)
    days = [_day(day) for day, _ in windows]
    numbers, thresholds = zip(*(ends for _, ends in windows), strict=True)
    axis.plot(days, thresholds, "--", color=cards.QUIET, label="threshold")
    axis.plot(days, numbers, "-", marker="o", ms=4, color=cards.ACCENT, label="number")
    axis.set_ylabel(unit)
    cards.time_axis(axis)
    cards.legend_beside(figure)
    return figure


def excess(windows: Sequence[tuple[str, dict[str, float]]], columns: Sequence[str]) -> Any:
    """Return a figure of how many times its threshold each column's worst check was, by window."""
    figure, axis = cards.figure(10, 3.2)
    for number, name in enumerate(columns):
        at = [(_day(day), found[name]) for day, found in windows if name in found]
        days, numbers = zip(*at, strict=True)
        colour, again = COLOURS[number % len(COLOURS)], number >= len(COLOURS)
        axis.plot(days, numbers, color=colour, label=name, **_look("-", again))
    axis.axhline(1, color=cards.INK, lw=1)
    axis.set_ylabel("times the threshold")
    # One that is a hundred times too far would press all others flat.
    axis.set_yscale("symlog", linthresh=1)
    axis.yaxis.set_major_formatter("{x:g}")
    axis.set_ylim(bottom=0)
    cards.time_axis(axis)
    cards.legend_beside(figure)
    return figure


def contributions(
    windows: Sequence[tuple[str, dict[str, list[float]]]], features: Sequence[str]
) -> Any:
    """Return a figure of features' mean contributions, each with its standard error, by window."""
    figure, axis = cards.figure(10, 3.2)
    for number, name in enumerate(features):
        at = [(day, found[name]) for day, found in windows if name in found]
        ends = [(day, (mean, mean - Z95 * error, mean + Z95 * error)) for day, (mean, error) in at]
        _line(axis, ends, COLOURS[number % len(COLOURS)], name, dashed=number >= len(COLOURS))
    axis.axhline(0, color=cards.INK, lw=1)
    axis.set_ylabel("mean contribution")
    cards.time_axis(axis)
    cards.legend_beside(figure)
    return figure


def _line(
    axis: Any,
    at: Sequence[tuple[str, Sequence[float]]],
    colour: str,
    label: str,
    dashed: bool = False,
) -> None:
    if not at:
        return
    days = [_day(day) for day, _ in at]
    values, low, high = (np.array(each) for each in zip(*(ends for _, ends in at), strict=True))
    dotted = ":" if label.startswith("challenger ") else "-"
    axis.plot(days, values, color=colour, label=label, **_look(dotted, dashed))
    axis.fill_between(days, low, high, color=colour, alpha=0.15, lw=0)
    if len(days) == 1:
        # A band of one window has no width.
        axis.vlines(days, low, high, color=colour, lw=1)


def _look(style: str, dashed: bool) -> dict[str, Any]:
    """Return a line's style and marks; a dashed one's are hollow squares, seen in a legend, too."""
    if dashed:
        return {"ls": "--", "marker": "s", "ms": 4.5, "markerfacecolor": "white"}
    return {"ls": style, "marker": "o", "ms": 3}


def _day(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
