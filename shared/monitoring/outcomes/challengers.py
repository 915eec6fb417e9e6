"""The bundle and its challengers on the same rows: pairs of answers, in counts that add up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.model.verdict import ChallengerComparison
from shared.policies.support import NORMAL_95, Support
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.answer_counts import AnswerCounts, PlacePairs
from shared.tasks.task import SeenBy, Task

# More places than any kind of answers has.
PLACES = 1 << 31


@dataclass(frozen=True)
class Pairs:
    """Rows that two bundles scored: which `cells` of outcome and both answers have how many.

    A cell is the place of the bundle's answer, times as many places as there may be, plus that of
    the challenger's; they rise. Where rows weigh by the chance that they had to be seen, `weights`
    are the clipped ones' sums, `squares` those of their squares, and `whole` the two sums of the
    unclipped ones of all rows; `largest` is the largest that is left.
    """

    cells: np.ndarray
    counts: np.ndarray
    weights: np.ndarray | None = None
    squares: np.ndarray | None = None
    whole: tuple[float, float] = (0.0, 0.0)
    largest: float = 0.0

    def __add__(self, other: "Pairs") -> "Pairs":
        cells, at = np.unique(np.concatenate([self.cells, other.cells]), return_inverse=True)

        def added(one: np.ndarray, another: np.ndarray) -> np.ndarray:
            return np.bincount(at, np.concatenate([one, another]), len(cells))

        counts = added(self.counts, other.counts).astype("int64")
        if self.weights is None or other.weights is None:
            return Pairs(cells, counts)
        assert self.squares is not None
        assert other.squares is not None
        return Pairs(
            cells,
            counts,
            added(self.weights, other.weights),
            added(self.squares, other.squares),
            (self.whole[0] + other.whole[0], self.whole[1] + other.whole[1]),
            max(self.largest, other.largest),
        )

    @property
    def support(self) -> Support | None:
        """How the weights lie, over the rows with an outcome and without; None without weights."""
        if self.weights is None or self.squares is None:
            return None
        rows, used = int(self.counts.sum()), float(self.weights.sum())
        total, squares = self.whole
        mean = total / rows
        reach = NORMAL_95 * float(np.sqrt(max(squares / rows - mean**2, 0) / rows))
        return Support(
            rows=rows,
            effective_rows=used**2 / float(self.squares.sum() or 1),
            mean_weight=mean,
            low=mean - reach,
            high=mean + reach,
            kept=used / total if total else 0.0,
            largest=(self.largest,),
            largest_share=self.largest / used if used else 0.0,
        )


def count(
    frame: pd.DataFrame, counter: AnswerCounts, seen_by: SeenBy | None = None, clip: float = np.inf
) -> dict[str, Pairs]:
    """Count rows with the columns challenger (a digest), outcome, `own …` and `theirs …`.

    With columns by which rows were `seen_by`, they weigh as these say, none more than the `clip`.
    """
    own, theirs = (
        counter.pair_places(frame["outcome"].to_numpy(), _answers(frame, side))
        for side in ("own ", "theirs ")
    )
    cells = own * PLACES + theirs
    weights = seen_by.weights(frame) if seen_by else None
    return {
        str(digest): _counted(cells[at], None if weights is None else weights[at], clip)
        for digest, at in frame.groupby("challenger").indices.items()
    }


def _counted(cells: np.ndarray, weights: np.ndarray | None, clip: float) -> Pairs:
    there, at, counts = np.unique(cells, return_inverse=True, return_counts=True)
    if weights is None:
        return Pairs(there, counts)
    clipped = np.minimum(weights, clip)
    whole = float(weights.sum()), float(weights @ weights)
    sums, squares = (np.bincount(at, values, len(there)) for values in (clipped, clipped**2))
    return Pairs(there, counts, sums, squares, whole, float(clipped.max()))


def _answers(frame: pd.DataFrame, side: str) -> dict[str, np.ndarray]:
    named = [str(name) for name in frame if str(name).startswith(side)]
    return {name.removeprefix(side): frame[name].to_numpy() for name in named}


def merged(one: Mapping[str, Pairs], other: Mapping[str, Pairs]) -> dict[str, Pairs]:
    """Add what two parts of a window have of each challenger."""
    return {
        digest: one[digest] + other[digest] if digest in one and digest in other else pairs
        for digest, pairs in {**one, **other}.items()
    }


def compare(
    pairs: Mapping[str, Pairs], counter: AnswerCounts, task: Task, settings: Settings
) -> list[ChallengerComparison]:
    """Compare the bundle with each of its challengers, the one with the most rows first.

    Rows that a policy chose for the bundle's own scores flatter the challenger: what the bundle is
    wrong about is chosen for it. Weighed, rows stand for those of a policy that is fair to both.
    Where they cannot, all rows count alike, and it is said why.
    """
    ordered = sorted(pairs.items(), key=lambda item: -item[1].counts.sum())
    return [_comparison(digest, scored, counter, task, settings) for digest, scored in ordered]


def _comparison(
    digest: str, pairs: Pairs, counter: AnswerCounts, task: Task, settings: Settings
) -> ChallengerComparison:
    fewest, seed = settings.monitor.minimum_outcomes, settings.seed
    support, judged = pairs.support, task.judged
    fair = task.seen_by.fair if task.seen_by else ""
    unweighed = support.unsupported(fair) if support else None
    held = _held(pairs) if unweighed is None else None
    counted = PlacePairs(*np.divmod(pairs.cells, PLACES), pairs.counts, held)
    received, found = counter.compare(counted, seed, fewest)
    differences = found.differences if found else {}
    gains = {name: metrics.gain(differences[name], name) for name in judged if name in differences}
    return ChallengerComparison(
        challenger=digest,
        rows=int(pairs.counts.sum()),
        received=received,
        own=found.own if found else {},
        theirs=found.theirs if found else {},
        differences=differences,
        better=tuple(name for name, (low, _) in gains.items() if low > 0),
        worse=tuple(name for name, (_, high) in gains.items() if high < 0),
        weighed=None if held is None or support is None else support.effective_rows,
        unweighed=unweighed,
    )


def _held(pairs: Pairs) -> np.ndarray | None:
    """Return how many rows each cell counts as: the effective ones of all, by their weights."""
    if pairs.weights is None or pairs.squares is None:
        return None
    return np.asarray(pairs.weights * (pairs.weights.sum() / pairs.squares.sum()))
