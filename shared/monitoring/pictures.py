"""Pictures of a verdict: each odd column beside its history, and the windows before this one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shared import cards, scores
from shared.monitoring import incidents
from shared.monitoring.quality import Quality
from shared.monitoring.window import Window
from shared.packaging.bundle import Bundle
from shared.profiles import statistics, usual
from shared.profiles.plan import NumberPlan

MOST_COLUMNS, MOST_CATEGORIES = 3, 8
MOST_WINDOWS, MOST_SUBJECTS = 20, 8
MOST_SLICES = 16
COLOURS = {"ok": cards.GOOD, "watch": cards.WARN, "act": cards.BAD}


def columns(reasons: Sequence[Mapping[str, Any]], window: Window, bundle: Bundle) -> Any | None:
    """Return a figure of the first reasons' columns beside their history; None without any."""
    learnt = usual.parse(bundle.profile)
    names = dict.fromkeys(r["column"] for r in reasons if r["column"] in learnt.plan.names)
    shown = list(names)[:MOST_COLUMNS]
    if not shown:
        return None
    before = learnt.before()
    figure, axes = cards.figure(10, 2.6, MOST_COLUMNS)
    for at, axis in enumerate(axes):
        if at >= len(shown):
            axis.set_axis_off()
            continue
        name = shown[at]
        sides = (
            (before[f"bins {name}"], cards.QUIET, "history"),
            (
                window.profile.counts[f"bins {name}"],
                cards.BAD,
                "window",
            ),
        )
        planned = learnt.plan[name]
        for place, (bins, colour, words) in enumerate(sides):
            shares = statistics.shares(np.asarray(bins))
            if isinstance(planned, NumberPlan):
                edges = np.array(planned.edges)
                axis.plot(edges, np.cumsum(shares)[:-1], color=colour, label=words)
                axis.set_ylabel("share of rows below")
            else:
                few = range(min(MOST_CATEGORIES, len(planned.categories)))
                values = [*shares[: len(few)], shares[-1]]
                wide = np.arange(len(values)) + (place - 0.5) * 0.4
                axis.bar(wide, values, 0.4, color=colour, label=words)
                ticks = [*planned.categories[: len(few)], "unseen"]
                axis.set_xticks(range(len(values)), ticks, rotation=60, fontsize=7)
        axis.set_title(name)
        axis.legend(fontsize=7)
    return figure


def quality(found: Quality) -> Any:
    """Return a figure of the scores that are judged beside the promised ones, slice by slice."""
    shown = found.slices[:MOST_SLICES]
    rows = [("all rows", found.scores, found.promised)]
    rows += [(one.name, one.scores, one.promised) for one in shown]
    figure, axes = cards.figure(10, 0.7 + 0.24 * len(rows), len(scores.JUDGED))
    for axis, metric in zip(axes, scores.JUDGED, strict=True):
        for y, (_, now, promised) in enumerate(rows):
            sides = ((promised[metric], cards.QUIET, -0.15), (now[metric], cards.BAD, 0.15))
            for score, colour, aside in sides:
                axis.plot([score.low, score.high], [y + aside] * 2, color=colour, lw=1.4)
                axis.plot(score.value, y + aside, "o", ms=3.5, color=colour)
        axis.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=7)
        axis.invert_yaxis()
        axis.set_title(f"{scores.words(metric)}: promised (grey), now (red), 95 %")
    return figure


def timeline(trail: Sequence[Mapping[str, Any]]) -> Any:
    """Return a figure of the verdicts and what each was about, the last window rightmost."""
    shown = trail[-MOST_WINDOWS:]
    found = [{incidents.subject(r): r["level"] for r in v["reasons"][::-1]} for v in shown]
    named = dict.fromkeys(subject for levels in found for subject in levels)
    subjects = sorted(named, key=lambda s: -sum(s in levels for levels in found))[:MOST_SUBJECTS]
    rows = ["verdict", *subjects]
    figure, axis = cards.figure(10, 0.7 + 0.3 * len(rows))
    for x, (verdict, levels) in enumerate(zip(shown, found, strict=True)):
        for y, row in enumerate(rows):
            level = verdict["verdict"] if row == "verdict" else levels.get(row)
            if level:
                axis.barh(y, 0.9, left=x - 0.45, height=0.75, color=COLOURS[level])
    axis.set_yticks(range(len(rows)), rows)
    ends = [(verdict["until"] or "?")[5:10] for verdict in shown]
    axis.set_xticks(range(len(shown)), ends, rotation=45, fontsize=7)
    axis.set_xlim(-0.6, max(len(shown), MOST_WINDOWS // 2) - 0.4)
    axis.invert_yaxis()
    axis.set_xlabel("end of the window")
    return figure
