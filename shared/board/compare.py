"""Two to five runs side by side: scores, the same rows, slices, curves, settings, data and code."""

import base64
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared import lineage, run_memory
from shared.baseline import statistics
from shared.baseline.baseline_profile import read_baseline_profile
from shared.board import text_changes
from shared.board.home import Window, windows
from shared.board.records import Record
from shared.board.sides import Side
from shared.board.text_changes import CodeChange, Line
from shared.errors import Refusal
from shared.model import same_rows
from shared.model.evaluation import SliceScores
from shared.model.same_rows import PairedScores
from shared.model.verdict import ChallengerComparison
from shared.profiles.counter import Counter
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.kinds import Metric
from shared.tasks.metrics import Score

# Of more features, or columns, nobody reads.
MOST_FEATURES = 40


@dataclass(frozen=True)
class SameRows:
    """The first side beside another on the same held-out rows, or in `note` why there are none.

    `rows` say in words which they are.
    """

    side: Side
    paired: PairedScores | None
    rows: str = ""
    note: str = ""


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
        same_rows=tuple(_same_rows(first, other) for other in others),
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


def _same_rows(first: Side, other: Side) -> SameRows:
    """Compare on the rows that both kept; else as a training run did, when one was champion."""
    note = "no row was held out by both with the same outcome"
    try:
        paired = _on_kept_rows(first, other)
    except Refusal as refusal:
        paired, note = None, str(refusal)
    if paired:
        return SameRows(other, paired, f"{paired.rows:,} rows that both held out")
    for judge, champion in ((other, first), (first, other)):
        if found := _beside_champion(judge, champion):
            words = f"the {found.rows:,} rows of the holdout of {judge.letter}"
            words += f", when {champion.letter} was champion"
            return SameRows(other, found if judge is other else _turned(found), words)
    return SameRows(other, None, note=note)


def _on_kept_rows(first: Side, other: Side) -> PairedScores | None:
    key = f"{lineage.history_name()} same-rows-1 {first.training_run.run} {other.training_run.run}"
    if kept := run_memory.recall(key):
        return _read_paired(kept)
    paired = same_rows.compare(first.held_out, other.held_out, first.settings.get("seed", 0))
    if paired:
        run_memory.remember(key, asdict(paired))
    return paired


def _beside_champion(judge: Side, champion: Side) -> PairedScores | None:
    """Return what a training run found beside the champion of then, if that is the other side."""
    evaluation = judge.evaluation
    found = evaluation.comparisons.get("champion")
    if found is None or evaluation.champion not in champion.digests:
        return None
    return PairedScores(evaluation.rows, found.scores, evaluation.scores, found.difference)


def _turned(found: PairedScores) -> PairedScores:
    """Return scores with the two sides in each other's place."""
    differences = {n: Score(-d.value, -d.high, -d.low) for n, d in found.differences.items()}
    return PairedScores(found.rows, found.theirs, found.own, differences)


def _read_paired(kept: dict[str, Any]) -> PairedScores:
    sides = ("own", "theirs", "differences")
    scores = {side: {name: Score(**one) for name, one in kept[side].items()} for side in sides}
    return PairedScores(rows=kept["rows"], **scores)


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
    content = io.BytesIO()
    figure.savefig(content, format="svg")
    return f"data:image/svg+xml;base64,{base64.b64encode(content.getvalue()).decode()}"
