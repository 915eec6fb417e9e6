"""The bundle and its challengers on the same rows: pairs of scores, counted so that they add up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shared.model.verdict import ChallengerComparison
from shared.profiles.counts import OUTCOMES, SCORE_BINS, score_bin, score_middles
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.metrics import JUDGED


@dataclass(frozen=True)
class Pairs:
    """Rows that two bundles scored: which `cells` of outcome and both scores have how many.

    A cell is the outcome (none, false, true), the bin of the bundle's score and that of the
    challenger's, as one number; they rise.
    """

    cells: np.ndarray
    counts: np.ndarray

    def __add__(self, other: "Pairs") -> "Pairs":
        cells, at = np.unique(np.concatenate([self.cells, other.cells]), return_inverse=True)
        counts = np.zeros(len(cells), "int64")
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        return Pairs(cells, counts)


def count(frame: pd.DataFrame) -> dict[str, Pairs]:
    """Count rows with the columns challenger (a digest), outcome, own and theirs (scores)."""
    outcome = np.where(frame["outcome"].isna(), 0, 1 + (frame["outcome"] > 0.5)).astype("int64")
    own, theirs = (score_bin(frame[name].to_numpy("float64")) for name in ("own", "theirs"))
    cells = (outcome * SCORE_BINS + own) * SCORE_BINS + theirs
    return {
        str(digest): Pairs(*np.unique(cells[at], return_counts=True))
        for digest, at in frame.groupby("challenger").indices.items()
    }


def merged(one: Mapping[str, Pairs], other: Mapping[str, Pairs]) -> dict[str, Pairs]:
    """Add what two parts of a window have of each challenger."""
    return {
        digest: one[digest] + other[digest] if digest in one and digest in other else pairs
        for digest, pairs in {**one, **other}.items()
    }


def compare(pairs: Mapping[str, Pairs], settings: Settings) -> list[ChallengerComparison]:
    """Compare the bundle with each of its challengers, the one with the most rows first."""
    ordered = sorted(pairs.items(), key=lambda item: -item[1].counts.sum())
    return [_comparison(digest, scored, settings) for digest, scored in ordered]


def _comparison(digest: str, pairs: Pairs, settings: Settings) -> ChallengerComparison:
    outcome, bins = np.divmod(pairs.cells, SCORE_BINS**2)
    known = outcome > 0
    truth = (outcome[known] - 1).astype("float64")
    own, theirs = (score_middles()[at[known]] for at in np.divmod(bins, SCORE_BINS))
    counts = pairs.counts[known]
    compared = ChallengerComparison(
        challenger=digest,
        rows=int(pairs.counts.sum()),
        received=int(counts.sum()),
        own={},
        theirs={},
        differences={},
        better=(),
        worse=(),
    )
    few = compared.received < settings.monitor.minimum_outcomes
    if few or len(np.unique(truth)) < OUTCOMES - 1:
        return compared
    scores = [
        metrics.score_counts(counts * (1 - truth), counts * truth, score, settings.seed)
        for score in (own, theirs)
    ]
    differences = metrics.difference_counts(counts, truth, theirs, own, settings.seed)
    gains = {name: metrics.gain(differences[name], name) for name in JUDGED}
    return replace(
        compared,
        own=scores[0],
        theirs=scores[1],
        differences=differences,
        better=tuple(name for name, (low, _) in gains.items() if low > 0),
        worse=tuple(name for name, (_, high) in gains.items() if high < 0),
    )
