"""Two to five runs side by side: scores, the same rows, slices, curves, settings, data and code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.baseline import statistics
from shared.baseline.baseline_profile import read_baseline_profile
from shared.board import pictures, same_rows, text_changes
from shared.board.problem_states import Window, windows
from shared.board.records import Record
from shared.board.same_rows import SameRows
from shared.board.sides import Side
from shared.board.text_changes import CodeChange, Line
from shared.model.evaluation import SliceScores
from shared.model.verdict import ChallengerComparison
from shared.profiles.counter import Counter
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.kinds import Metric
from shared.tasks.metrics import Score

# Of more features, or columns, nobody reads.
MOST_FEATURES = 40


@dataclass(frozen=True)
class Challenged:
    """A window of the log in which one side challenged another."""

    window: Window
    own: Side
    theirs: Side
    comparison: ChallengerComparison


@dataclass(frozen=True)
class Changes:
    """What is different from the first side in another one.

    `distances` are those of the columns of their held-out rows, the farthest first, each with what
    it may be at most; None where that cannot be known.
    """

    side: Side
    settings: tuple[Line, ...]
    contract: tuple[Line, ...]
    code: CodeChange | None
    distances: tuple[tuple[str, float], ...] | None


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
        facts=_facts(sides),
        importance=_importance(sides),
        changes=tuple(_changes(first, other) for other in others),
        picture=_picture(sides),
    )


def better(metric: Metric, difference: Score) -> str:
    """Return the mood of a difference: `good` or `bad` where its interval leaves out zero."""
    low, high = metrics.gain(difference, metric)
    return "good" if low > 0 else "bad" if high < 0 else "quiet"


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


FACTS = {
    "source": "Source",
    "version": "Version",
    "fingerprint": "Fingerprint",
    "from": "From",
    "to": "To",
    "rows": "Rows",
    "columns": "Columns",
    "rows without outcome": "Rows without an outcome",
}


def _facts(sides: list[Side]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    shown = [_shown_facts(side.facts) for side in sides]
    names = dict.fromkeys(name for facts in shown for name in facts)
    rows = [(name, tuple(facts.get(name) for facts in shown)) for name in names]
    return (*rows, ("Held-out rows", tuple(side.evaluation.rows for side in sides)))


def _shown_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that are words or numbers, by what people call them."""
    found = {words: facts[name] for name, words in FACTS.items() if facts.get(name) is not None}
    found["Fingerprint"] = str(facts["fingerprint"])[:12]
    found |= {end: f"{facts[end.lower()]}"[:16] for end in ("From", "To")}
    rest = {name: facts[name] for name in facts if name not in FACTS}
    return found | {
        name[:1].upper() + name[1:]: f"{value:.1%}" if name.startswith("share ") else value
        for name, value in rest.items()
        if isinstance(value, int | float | str)
    }


def _importance(sides: list[Side]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    found = [{one.feature: one for one in side.evaluation.importance} for side in sides]
    largest: dict[str, float] = {}
    for by_name in found:
        for name, one in by_name.items():
            largest[name] = max(one.loss, largest.get(name, one.loss))
    names = sorted(largest, key=lambda name: -largest[name])[:MOST_FEATURES]
    return tuple((name, tuple(by_name.get(name) for by_name in found)) for name in names)


def _changes(first: Side, other: Side) -> Changes:
    contracts = (side.contract.model_dump(mode="json") for side in (first, other))
    return Changes(
        other,
        text_changes.of_values(first.settings, other.settings),
        text_changes.of_values(*contracts),
        text_changes.of_code(first.commit, other.commit),
        _distances(first, other),
    )


def _distances(first: Side, other: Side) -> tuple[tuple[str, float], ...] | None:
    """Return how far the columns of the other's held-out rows are from the first's.

    As the monitor measures it: of numbers from 0 to 0.5, of categories from 0 to 1.
    """
    rows = [side.held_out.rows for side in (first, other)]
    try:
        counter = Counter(read_baseline_profile(first.baseline).plan)
        before, now = (counter.count(arrow.table(frame)).counts for frame in rows)
        found = statistics.measure(now, before, counter.plan)
    except (KeyError, ValueError, TypeError):
        # Runs of older versions counted otherwise, and others may lack columns.
        return None
    features = {*first.contract.features, *other.contract.features}
    far = [(s.column, float(n)) for s, n in found.items() if s.check == "distance"]
    far = [(name, number) for name, number in far if name in features]
    return tuple(sorted(far, key=lambda pair: -pair[1])[:MOST_FEATURES])


def _picture(sides: list[Side]) -> str:
    """Return the curves of all sides as the address of a picture (SVG); empty for other kinds."""
    task = sides[0].task
    if any(side.task.kind != task.kind for side in sides):
        return ""
    figure = task.curves({side.letter: side.evaluation.diagnostics for side in sides})
    return pictures.source(figure)
