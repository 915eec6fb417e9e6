"""Pictures of a verdict: each odd column beside its history, and the windows before this one."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from shared import cards
from shared.baseline import statistics
from shared.baseline.baseline_profile import BaselineProfile
from shared.kinds import Metric, metric_name
from shared.model.verdict import Reason, Verdict, gap_between
from shared.monitoring.case import Case
from shared.monitoring.outcomes.quality import Quality
from shared.profiles.counting_plan import CategoryPlan, ColumnPlan, CountingPlan, NumberPlan
from shared.profiles.counts import Counts
from shared.profiles.profile import Profile

MOST_COLUMNS, MOST_CATEGORIES = 3, 8
MOST_WINDOWS, MOST_SUBJECTS = 20, 8
MOST_SLICES = 16
# So many letters stand side by side below a picture, with room between the names.
LETTERS_ACROSS = 90
MOST_DATES = 10
# Less than this share of the rows is not drawn on either side.
RARE = 0.0005
# So many widths of history's range are drawn on either side of it, and beside all, so much of it.
ROOM, BESIDE = 2.0, 0.03
# With less than this share of the rows on it, an axis shows nothing of what the others are.
MOST_WITHIN = 0.5
SIDES = (("history", cards.QUIET), ("window", cards.BAD))
# Checks of a column beside others: by itself it may be as it was.
JOINT = ("linear dependence", "dependence")
COLOURS = {"ok": cards.GOOD, "watch": cards.WARN, "act": cards.BAD}


def columns(reasons: Sequence[Reason], case: Case) -> Any | None:
    """Return a figure of the first reasons' columns beside their history; None without any.

    One that does not fit the others any more is drawn beside the column that predicts most of it.
    """
    baseline, sample = case.baseline, case.profile.sample
    checks: dict[str, str] = {}
    for reason in reasons:
        for name in (reason.column, *reason.beside):
            if name in baseline.plan.names and reason.check:
                checks.setdefault(name, reason.check)
    shown = list(checks.items())[:MOST_COLUMNS]
    if not shown:
        return None
    figure, axes = cards.figure(10, 3.2, len(shown))
    reference = case.bundle.reference()
    for axis, (name, check) in zip(np.atleast_1d(axes), shown, strict=True):
        other = _predictor(name, baseline.plan) if check in JOINT else None
        if other and {name, other} <= {*sample} & {*reference}:
            _plot_dependence(axis, baseline.plan, (name, other), (reference, sample))
        else:
            _plot_bins(axis, baseline.plan[name], case.history, case.profile)
        axis.legend()
    return figure


def column(name: str, baseline: BaselineProfile, profile: Profile) -> Any | None:
    """Return a figure of one column beside its history; None for one that is not counted."""
    if name not in baseline.plan.names:
        return None
    figure, axis = cards.figure(10, 3.2)
    _plot_bins(axis, baseline.plan[name], baseline.before(), profile)
    axis.legend()
    return figure


def _plot_bins(axis: Any, planned: ColumnPlan, before: Counts, now: Profile) -> None:
    """Draw how often each value came: of a number what share is up to it."""
    name, curves = planned.name, []
    for place, (counted, (words, colour)) in enumerate(
        zip((before, now.counts), SIDES, strict=True)
    ):
        shares = statistics.shares(counted[f"bins {name}"])
        if isinstance(planned, NumberPlan):
            found = now.sample[name] if place and name in now.sample else pd.Series(dtype="float64")
            curves.append(_curve(planned, shares, found))
            axis.plot(*curves[-1], color=colour, label=words)
            axis.set_ylabel("share of rows up to it")
        else:
            few = range(min(MOST_CATEGORIES, len(planned.categories)))
            tall = [*shares[: len(few)], shares[-1]]
            axis.bar(np.arange(len(tall)) + _aside(place), tall, 0.4, color=colour, label=words)
            ticks = [*planned.categories[: len(few)], "unseen"]
            _name_ticks(axis, ticks)
    if isinstance(planned, NumberPlan) and planned.edges:
        _span(axis, planned.edges, curves)
    axis.set_title(name)


def _curve(
    planned: NumberPlan, shares: np.ndarray, found: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places and heights of a number's distribution, where values are known to be.

    Between history's least and greatest value it follows the bins: in a straight line where these
    hold several values, and in steps where each holds one. What is beyond are steps at the values
    that were `found`.
    """
    inner, below = np.array(planned.edges[1:-1]), np.cumsum(shares)[1:-2]
    if len(inner) < 2:
        return np.array([]), np.array([])
    values = pd.to_numeric(found, errors="coerce").dropna().to_numpy("float64")
    under, over = (
        np.sort(values[values < inner[0]]),
        np.sort(values[(values >= inner[-1]) & np.isfinite(values)]),
    )
    if planned.values is not None and len(planned.values) == len(inner) - 1:
        inner, below = np.repeat(inner, 2)[:-1], np.repeat(below, 2)[1:]
    rising = [
        _steps(under, 0.0, below[0]),
        (inner, below),
        _steps(over, below[-1], 1.0 if shares.any() else 0.0),
    ]
    places, heights = (np.concatenate([part[side] for part in rising]) for side in (0, 1))
    return np.append(places[:1], places), np.append(0.0, heights)


def _steps(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of sorted values from a height to another one."""
    heights = np.linspace(low, high, len(values) + 1)
    return np.repeat(values, 2), np.repeat(heights, 2)[1:-1]


def _span(
    axis: Any, edges: Sequence[float], curves: Sequence[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Span an axis over nearly all rows; where most are far beyond history, by powers of ten."""
    ends = _limits(edges, curves)
    within = [np.ptp(np.interp(ends, *curve)) for curve in curves if curve[1].any()]
    if min(within, default=1.0) >= MOST_WITHIN:
        axis.set_xlim(*ends)
        return
    # A line along the axis would be all that is seen of them.
    axis.set_xscale("symlog", linthresh=max(abs(edges[1]), abs(edges[-2])) or 1)
    axis.xaxis.set_major_formatter("{x:,g}")


def _limits(
    edges: Sequence[float], curves: Sequence[tuple[np.ndarray, np.ndarray]]
) -> tuple[float, float]:
    """Return between which places nearly all rows are, no farther than history's are made out."""
    least, most = edges[1], edges[-2]
    for places, heights in curves:
        inside = np.flatnonzero((heights > RARE) & (heights < 1 - RARE))
        if len(inside):
            least = min(least, places[max(inside[0] - 1, 0)])
            most = max(most, places[min(inside[-1] + 1, len(places) - 1)])
    width = edges[-2] - edges[1]
    least, most = max(least, edges[1] - ROOM * width), min(most, edges[-2] + ROOM * width)
    beside = BESIDE * (most - least)
    return float(least - beside), float(most + beside)


def _plot_dependence(
    axis: Any, plan: CountingPlan, names: tuple[str, str], sides: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    """Draw what a column is like for values of another one, in some rows of each side."""
    name, other = names
    ticks, group = _groups(sides[0][other], plan[other])
    for place, (rows, (words, colour)) in enumerate(zip(sides, SIDES, strict=True)):
        means = _as_numbers(rows[name], plan[name]).groupby(group(rows[other])).mean()
        tall = means.reindex(range(len(ticks)))
        axis.bar(np.arange(len(ticks)) + _aside(place), tall, 0.4, color=colour, label=words)
    _name_ticks(axis, ticks)
    axis.set_xlabel(other)
    axis.set_ylabel(_words(plan[name]))
    axis.set_title(f"{name} by {other}")


def _name_ticks(axis: Any, names: Sequence[str]) -> None:
    """Name the places 0, 1, … of an axis; names that do not fit side by side stand upright."""
    columns = len(axis.figure.axes)
    crowded = columns * sum(map(len, names)) > LETTERS_ACROSS
    axis.set_xticks(range(len(names)), names, rotation=90 if crowded else 0)


def _groups(
    history: pd.Series, planned: ColumnPlan
) -> tuple[list[str], Callable[[pd.Series], np.ndarray]]:
    """Return the names of a column's groups, and what finds the group of each value."""
    if isinstance(planned, CategoryPlan):
        often = list(planned.categories[:MOST_CATEGORIES])
        return often, lambda values: pd.Index(often).get_indexer(values)
    shares = np.linspace(0, 1, MOST_CATEGORIES + 1)[1:-1]
    edges = np.unique(pd.to_numeric(history, errors="coerce").quantile(shares))
    names = [*(f"< {edge:.3g}" for edge in edges), "more"]
    return names, lambda values: np.digitize(pd.to_numeric(values, errors="coerce"), edges)


def _as_numbers(values: pd.Series, planned: ColumnPlan) -> pd.Series:
    """Return a number as it is, and of a category whether it is the most frequent one."""
    if isinstance(planned, CategoryPlan):
        return (values.astype(str) == planned.categories[0]).astype("float64")
    return pd.to_numeric(values, errors="coerce")


def _words(planned: ColumnPlan) -> str:
    return f"share of {planned.categories[0]}" if isinstance(planned, CategoryPlan) else "mean"


def _predictor(name: str, plan: CountingPlan) -> str | None:
    """Return the column that predicts most of this one."""
    others = (other for d in plan.dependences if d.column == name for other in d.others)
    return next((other for other in others if other in plan.names), None)


def _aside(place: int) -> float:
    return (place - 0.5) * 0.4


def quality(judged: Quality, metrics: Sequence[Metric]) -> Any:
    """Return a figure of the scores that are judged next to the expected ones, slice by slice."""
    # An older bundle does not know all metrics that are judged today.
    metrics = [metric for metric in metrics if metric in judged.expected]
    shown = judged.slices[:MOST_SLICES]
    rows = [("all rows", judged.scores, judged.expected)]
    rows += [(one.name, one.scores, one.expected) for one in shown]
    figure, axes = cards.figure(10, 0.9 + 0.28 * len(rows), len(metrics))
    for axis, metric in zip(axes, metrics, strict=True):
        for y, (_, now, expected) in enumerate(rows):
            sides = ((expected, cards.QUIET, -0.15), (now, cards.BAD, 0.15))
            # Slices are not held to all of them.
            known = [(of[metric], colour, at) for of, colour, at in sides if metric in of]
            for score, colour, aside in known:
                axis.plot([score.low, score.high], [y + aside] * 2, color=colour, lw=1.4)
                axis.plot(score.value, y + aside, "o", ms=3.5, color=colour)
        axis.set_yticks(range(len(rows)), [name for name, _, _ in rows])
        axis.invert_yaxis()
        axis.set_title(f"{metric_name(metric)}: expected (grey), now (red), 95%")
    return figure


def timeline(trail: Sequence[Verdict]) -> Any:
    """Return a figure of the verdicts and what each was about, the last window rightmost."""
    shown = trail[-MOST_WINDOWS:]
    by_window = [{r.subject: r.level for r in v.reasons[::-1]} for v in shown]
    named = dict.fromkeys(subject for levels in by_window for subject in levels)
    often = sorted(named, key=lambda s: -sum(s in levels for levels in by_window))
    rows = ["verdict", *often[:MOST_SUBJECTS]]
    figure, axis = cards.figure(10, 0.9 + 0.36 * len(rows))
    places = _places(shown)
    for x, verdict, levels in zip(places, shown, by_window, strict=True):
        for y, row in enumerate(rows):
            level = verdict.level if row == "verdict" else levels.get(row)
            if level:
                axis.barh(y, 0.9, left=x - 0.45, height=0.75, color=COLOURS[level])
    for before, after in itertools.pairwise(places):
        if after - before > 1:
            axis.axvline(after - 1, **cards.CHANCE_LINE)
    axis.set_yticks(range(len(rows)), rows)
    # The latest window's date, and as many before it as have room.
    apart = 1 + len(shown) // (MOST_DATES + 1)
    dated = range(len(shown) - 1, -1, -apart)
    axis.set_xticks([places[at] for at in dated], [_day(shown[at].until) for at in dated])
    axis.set_xlim(-0.6, max(places[-1] + 1, MOST_WINDOWS // 2) - 0.4)
    axis.invert_yaxis()
    axis.set_xlabel("end of the window")
    return figure


def _places(shown: Sequence[Verdict]) -> list[float]:
    """Return where windows are drawn, in windows: side by side, and a gap is a place left empty."""
    places = [0.0]
    for before, after in itertools.pairwise(shown):
        places.append(places[-1] + (2 if gap_between(before, after) else 1))
    return places


def _day(until: str | None) -> str:
    if not until:
        return "?"
    end = datetime.fromisoformat(until)
    return f"{end:%-d %b}{cards.year_of_another(end, lead=chr(10))}"
