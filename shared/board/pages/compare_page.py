"""Two to five runs side by side: scores, the same rows, slices, curves, settings, data and code."""

from dataclasses import dataclass
from typing import Any

from shared.board import pictures
from shared.board.pages.problem_states import Window, windows
from shared.kinds import Metric
from shared.model.evaluation import SliceScores
from shared.model.verdict import ChallengerComparison
from shared.runs.comparing import differences, same_rows
from shared.runs.comparing.differences import Changes
from shared.runs.comparing.same_rows import SameRows
from shared.runs.comparing.sides import Side
from shared.runs.records import Record

# Of more features nobody reads.
MOST_FEATURES = 40


@dataclass(frozen=True)
class Challenged:
    """A window of the log in which one side challenged another."""

    window: Window
    own: Side
    theirs: Side
    comparison: ChallengerComparison


@dataclass(frozen=True)
class ComparisonPage:
    """What the page of a comparison shows. Rows of `slices` and `importance` are by side."""

    sides: tuple[Side, ...]
    metrics: tuple[Metric, ...]
    same_rows: tuple[SameRows, ...]
    challenged: tuple[Challenged, ...]
    slices: tuple[tuple[str, tuple[SliceScores | None, ...]], ...]
    facts: tuple[tuple[str, tuple[Any, ...]], ...]
    importance: tuple[tuple[str, tuple[Any, ...]], ...]
    changes: tuple[Changes, ...]
    picture: str


def read(sides: list[Side], history: list[Record]) -> ComparisonPage:
    """Return the page of a comparison, whose first side the others are held against."""
    first, *others = sides
    named = dict.fromkeys(metric for side in sides for metric in side.evaluation.scores)
    return ComparisonPage(
        sides=tuple(sides),
        metrics=tuple(named),
        same_rows=tuple(same_rows.read(first, other) for other in others),
        challenged=tuple(_challenged(sides, history)),
        slices=_slices(sides),
        facts=differences.facts(sides),
        importance=_importance(sides),
        changes=tuple(differences.changes(first, other) for other in others),
        picture=_picture(sides),
    )


def _challenged(sides: list[Side], history: list[Record]) -> list[Challenged]:
    """Return the windows in which one side challenged another, the newest first."""
    by_digest = {digest: side for side in sides for digest in side.digests}
    judged = windows([record for record in history if record.problem == sides[0].record.problem])
    return [
        Challenged(window, own, theirs, comparison)
        for window in reversed(judged)
        if (own := by_digest.get(window.verdict.bundle))
        for comparison in window.verdict.comparisons
        if (theirs := by_digest.get(comparison.challenger))
    ]


def _slices(sides: list[Side]) -> tuple[tuple[str, tuple[SliceScores | None, ...]], ...]:
    found = [{one.slice: one for one in side.evaluation.slices} for side in sides]
    names = dict.fromkeys(name for by_name in found for name in by_name)
    return tuple((name, tuple(by_name.get(name) for by_name in found)) for name in names)


def _importance(sides: list[Side]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    found = [{one.feature: one for one in side.evaluation.importance} for side in sides]
    largest: dict[str, float] = {}
    for by_name in found:
        for name, one in by_name.items():
            largest[name] = max(one.loss, largest.get(name, one.loss))
    names = sorted(largest, key=lambda name: -largest[name])[:MOST_FEATURES]
    return tuple((name, tuple(by_name.get(name) for by_name in found)) for name in names)


def _picture(sides: list[Side]) -> str:
    """Return the curves of all sides as the address of a picture (SVG); empty for other kinds."""
    task = sides[0].task
    if any(side.task.kind != task.kind for side in sides):
        return ""
    figure = task.curves({side.letter: side.evaluation.diagnostics for side in sides})
    return pictures.source(figure)
