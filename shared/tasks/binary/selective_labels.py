"""What a window shows where its own answers decide which outcomes are seen, and what they hide.

Rows that are acted on have no outcome; of those that are let through by chance it is seen, and
stands for all of them. Rows count by 1 over the chance that they had (Horvitz and Thompson, A
generalization of sampling without replacement from a finite universe, 1952).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.kept import Kept
from shared.kinds import METRICS, Metric
from shared.log_columns import PROBABILITY
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.binary import binary_metrics
from shared.tasks.binary.binary_counts import BINS, OUTCOMES, BinaryCounts, middles
from shared.tasks.metrics import Score, Weights

# As many windows add up as for other outcomes.
WINDOWS = 3
# The odds of an outcome may be so many times what the model says before it is anyone's business.
TOLERANCE = 1.5
# With fewer rows, or fewer expected outcomes of either class, nothing is said.
FEWEST, FEWEST_EXPECTED = 30, 5
ALWAYS, BY_CHANCE = 0, 1


@dataclass(frozen=True)
class Selected:
    """Rows whose outcomes an answer decided about, counted so that parts add up.

    `counts` are of rows that were not acted on: always so, or let through by chance; then by
    outcome (none, false, true), then by bins of the probability: shape (2, outcomes, bins). Of the
    `acted` ones `overruled` have an outcome all the same.
    """

    counts: np.ndarray
    acted: int
    overruled: int

    @property
    def hidden(self) -> int:
        """How many rows have no outcome, and never will."""
        return self.acted - self.overruled

    @property
    def seen(self) -> np.ndarray:
        """How many rows have an outcome, always seen and by chance: shape (2,)."""
        return np.asarray(self.counts[:, 1:].sum(axis=(1, 2)))

    def __add__(self, other: "Selected") -> "Selected":
        acted, overruled = self.acted + other.acted, self.overruled + other.overruled
        return Selected(self.counts + other.counts, acted, overruled)


class WindowSelection(Kept):
    """What a window of a `model` shows where a `declared` share of what it acts on is let through.

    Of `rows`, `acted` were acted on, of which `overruled` have an outcome all the same, and
    `let_through` were not, by chance. `seen` of these have an outcome, `true` of them a true one,
    where the model `expected` so many; `least` and `most` are the mean and the variance of that
    number were the odds as far off as is tolerated. `naive` is the share of true outcomes of all
    rows that were seen, `share` (with its 95 % interval) what it is of all rows, and `scores` those
    of all rows; None and empty where nothing seen stands for what was not.
    """

    model: str
    rows: int
    acted: int
    overruled: int
    declared: float
    let_through: int
    seen: int
    true: int
    expected: float
    least: tuple[float, float]
    most: tuple[float, float]
    always_seen: float
    naive: float | None = None
    share: tuple[float, float, float] | None = None
    scores: dict[Metric, Score] = {}

    @property
    def hidden_share(self) -> float:
        """The share of the rows whose outcome is never seen for what was answered."""
        return (self.acted - self.overruled) / self.rows


class SelectionCheck(Kept):
    """Outcomes of `rows` let through, less what the model says of them, over so many windows.

    `value` is the difference of the shares of true ones, `low` and `high` its 95 % interval. What
    is said is proven wrong below `least` and above `most`.
    """

    value: float
    low: float
    high: float
    least: float
    most: float
    rows: int
    windows: int

    @property
    def proven(self) -> bool:
        """Whether it is farther off than tolerance and chance."""
        return not self.least <= self.value <= self.most

    @property
    def threshold(self) -> float:
        """How far off it may be, to the side where it is."""
        return self.most if self.value > 0 else -self.least


def acted_on(table: pa.Table) -> np.ndarray:
    """Return the places of a table's rows that have no outcome for what was answered."""
    if "action" not in table.column_names:
        return np.zeros(0, "int64")
    acted = arrow.numbers(table["action"])[0] == 1
    return np.flatnonzero(acted & ~_in_shadow(table))


def count(table: pa.Table) -> Selected | None:
    """Count the rows of a table that were decided about; None where there are none.

    What a challenger would have done in the shadow of another bundle decided nothing.
    """
    if not {"action", "propensity", PROBABILITY} <= {*table.column_names}:
        return None
    action, propensity = (arrow.numbers(table[name])[0] for name in ("action", "propensity"))
    places = BinaryCounts().places(table)
    own = np.isfinite(action) & np.isfinite(propensity) & (places >= 0) & ~_in_shadow(table)
    if not own.any():
        return None
    acted, free = own & (action == 1), own & (action == 0)
    cells = np.where(propensity[free] < 1, BY_CHANCE, ALWAYS) * OUTCOMES * BINS + places[free]
    counts = np.bincount(cells, minlength=2 * OUTCOMES * BINS).reshape(2, OUTCOMES, BINS)
    overruled = acted & (places >= BINS)
    return Selected(counts, int(acted.sum()), int(overruled.sum()))


def measure(found: Selected, model: str, declared: float, seed: int) -> WindowSelection:
    """Measure what was counted of a model that lets a declared share through."""
    chance, seen = middles(), found.counts[BY_CHANCE, 1:].sum(axis=0)
    fewer, more = _with_odds(chance, 1 / TOLERANCE), _with_odds(chance, TOLERANCE)
    always, naive = found.counts[ALWAYS], None
    if found.seen.any():
        naive = float(found.counts[:, 2].sum() / found.seen.sum())
    return WindowSelection(
        model=model,
        rows=int(found.counts.sum()) + found.acted,
        acted=found.acted,
        overruled=found.overruled,
        declared=declared,
        let_through=int(found.counts[BY_CHANCE].sum()),
        seen=int(seen.sum()),
        true=int(found.counts[BY_CHANCE, 2].sum()),
        expected=float(seen @ chance),
        least=(float(seen @ fewer), float(seen @ (fewer * (1 - fewer)))),
        most=(float(seen @ more), float(seen @ (more * (1 - more)))),
        always_seen=float(always[1:].sum() / max(always.sum(), 1)),
        naive=naive,
        share=share_of_all(found),
        scores=dict(_weighed_scores(found, declared, seed)),
    )


def check(windows: Sequence[WindowSelection], rate: float) -> SelectionCheck | None:
    """Check the last of some windows in a row, with those before it of the same model.

    `rate` is the chance of a false alarm of a model whose odds are as far off as is tolerated; of
    one that is right it is much less. None where too few were let through.
    """
    from scipy import special

    alike = [one for one in windows if one.model == windows[-1].model][-WINDOWS:]
    rows, true = sum(one.seen for one in alike), sum(one.true for one in alike)
    expected = sum(one.expected for one in alike)
    if rows < FEWEST or not FEWEST_EXPECTED <= expected <= rows - FEWEST_EXPECTED:
        return None
    quantile = -float(special.ndtri(rate / 2))
    least, most = (
        np.sum([getattr(one, end) for one in alike], axis=0) for end in ("least", "most")
    )
    low, high = _wilson(true, rows)
    return SelectionCheck(
        value=(true - expected) / rows,
        low=low - expected / rows,
        high=high - expected / rows,
        least=float(least[0] - quantile * np.sqrt(least[1]) - expected) / rows,
        most=float(most[0] + quantile * np.sqrt(most[1]) - expected) / rows,
        rows=rows,
        windows=len(alike),
    )


def share_of_all(found: Selected) -> tuple[float, float, float] | None:
    """Return the share of true outcomes among all rows, seen or not, with its 95 % interval.

    Rows that are let through stand for those that are acted on. The intervals of both groups'
    shares are combined (Zou and Donner, Construction of confidence limits about effect measures: a
    general approach, 2008), so that a group without a true outcome is not taken for certain.
    """
    sizes = found.counts.sum(axis=(1, 2)) + np.array([0, found.acted])
    if not (found.seen[sizes > 0] > 0).all():
        return None
    parts = [
        (size / sizes.sum(), true / rows, *_wilson(true, rows))
        for size, rows, true in zip(sizes, found.seen, found.counts[:, 2].sum(axis=1), strict=True)
        if size
    ]
    value = sum(part * share for part, share, _, _ in parts)
    below = np.hypot.reduce([part * (share - low) for part, share, low, _ in parts])
    above = np.hypot.reduce([part * (high - share) for part, share, _, high in parts])
    return float(value), float(value - below), float(value + above)


def _weighed_scores(found: Selected, declared: float, seed: int) -> Mapping[Metric, Score]:
    """Score rows that count by 1 over their propensity; resampled as rows, not by their weights."""
    seen = found.counts[:, 1:]
    if seen[BY_CHANCE].sum() < FEWEST or not seen.sum(axis=(0, 2)).all():
        return {}
    there = np.flatnonzero(seen.ravel())
    held = seen.ravel()[there].astype("float64")
    group, outcome, bins = np.unravel_index(there, seen.shape)
    weight = np.where(group == BY_CHANCE, 1 / declared, 1.0)

    def weighed(
        target: np.ndarray,
        given: np.ndarray,
        weights: Weights,
        rows: np.ndarray,
        names: Collection[Metric] = METRICS["binary"],
    ) -> dict[Metric, np.ndarray]:
        return binary_metrics.measure(target, given, weights * weight, rows * weight, names)

    truth, chance = outcome.astype("float64"), middles()[bins]
    return metrics.score_counts(weighed, truth, chance, held, seed)


def _with_odds(chance: np.ndarray, times: float) -> np.ndarray:
    odds = times * chance / (1 - chance)
    return np.asarray(odds / (1 + odds))


def _wilson(true: int, rows: int) -> tuple[float, float]:
    """Return the ends of Wilson's 95 % interval of a share."""
    # Whoever reads a verdict has no use for it.
    from scipy.stats import binomtest

    found = binomtest(int(true), int(rows)).proportion_ci(method="wilson")
    return found.low, found.high


def _in_shadow(table: pa.Table) -> np.ndarray:
    if "role" not in table.column_names:
        return np.zeros(table.num_rows, bool)
    return np.asarray(pc.equal(arrow.texts(table["role"]), "challenger").fill_null(False))
