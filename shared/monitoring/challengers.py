"""The bundle and its challengers on the same rows: pairs of scores, counted so that they add up."""

from collections.abc import Mapping
from dataclasses import dataclass

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


def add(one: Mapping[str, Pairs], other: Mapping[str, Pairs]) -> dict[str, Pairs]:
    """Add what two parts of a window have of each challenger."""
    return {
        digest: one[digest] + other[digest] if digest in one and digest in other else pairs
        for digest, pairs in {**one, **other}.items()
    }


def compare(pairs: Mapping[str, Pairs], settings: Settings) -> list[ChallengerComparison]:
    """Compare the bundle with each of its challengers, the one with the most rows first."""
    ordered = sorted(pairs.items(), key=lambda item: -item[1].counts.sum())
    return [_compared(digest, found, settings) for digest, found in ordered]


def _compared(digest: str, pairs: Pairs, settings: Settings) -> ChallengerComparison:
    outcome, bins = np.divmod(pairs.cells, SCORE_BINS**2)
    told = outcome > 0
    truth = (outcome[told] - 1).astype("float64")
    own, theirs = (score_middles()[at[told]] for at in np.divmod(bins, SCORE_BINS))
    counted = pairs.counts[told]
    rows, received = int(pairs.counts.sum()), int(counted.sum())
    if received < settings.monitor.minimum_outcomes or len(np.unique(truth)) < OUTCOMES - 1:
        return ChallengerComparison(
            challenger=digest,
            rows=rows,
            received=received,
            own={},
            theirs={},
            differences={},
            better=(),
            worse=(),
        )
    alone = [
        metrics.score_counts(counted * (1 - truth), counted * truth, chance, settings.seed)
        for chance in (own, theirs)
    ]
    apart = metrics.difference_counts(counted, truth, theirs, own, settings.seed)
    gains = {name: metrics.gain(apart[name], name) for name in JUDGED}
    return ChallengerComparison(
        challenger=digest,
        rows=rows,
        received=received,
        own=alone[0],
        theirs=alone[1],
        differences=apart,
        better=tuple(name for name, (low, _) in gains.items() if low > 0),
        worse=tuple(name for name, (_, high) in gains.items() if high < 0),
    )
