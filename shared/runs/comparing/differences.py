"""What differs between two runs: settings, contract, code, their tables and their rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.baseline import statistics
from shared.baseline.baseline_profile import read_baseline_profile
from shared.kinds import Metric
from shared.profiles.counter import Counter
from shared.runs.comparing import text_changes
from shared.runs.comparing.sides import Side
from shared.runs.comparing.text_changes import CodeChange, Line
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.metrics import Score

# Of more columns nobody reads.
MOST_COLUMNS = 40


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


def changes(first: Side, other: Side) -> Changes:
    """Return what is different from the first side in the other."""
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
    return tuple(sorted(far, key=lambda pair: -pair[1])[:MOST_COLUMNS])


def better(metric: Metric, difference: Score) -> str:
    """Return the mood of a difference: `good` or `bad` where its interval leaves out zero."""
    low, high = metrics.gain(difference, metric)
    return "good" if low > 0 else "bad" if high < 0 else "quiet"


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


def facts(sides: list[Side]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return what the sides' tables were like: a row for each fact, by side."""
    shown = [_shown_facts(side.facts) for side in sides]
    names = dict.fromkeys(name for held in shown for name in held)
    rows = [(name, tuple(held.get(name) for held in shown)) for name in names]
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
