"""The bundle and its challengers on the same rows: pairs of answers, in counts that add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.model.verdict import ChallengerComparison
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.kinds import Metric

# More places than any kind of answers has.
PLACES = 1 << 31


@dataclass(frozen=True)
class Pairs:
    """Rows that two bundles scored: which `cells` of outcome and both answers have how many.

    A cell is the place of the bundle's answer, times as many places as there may be, plus that of
    the challenger's; they rise.
    """

    cells: np.ndarray
    counts: np.ndarray

    def __add__(self, other: "Pairs") -> "Pairs":
        cells, at = np.unique(np.concatenate([self.cells, other.cells]), return_inverse=True)
        counts = np.zeros(len(cells), "int64")
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        return Pairs(cells, counts)


def count(frame: pd.DataFrame, counter: AnswerCounts) -> dict[str, Pairs]:
    """Count rows with the columns challenger (a digest), outcome, `own …` and `theirs …`."""
    own, theirs = (
        counter.pair_places(frame["outcome"].to_numpy(), _answers(frame, side))
        for side in ("own ", "theirs ")
    )
    cells = own * PLACES + theirs
    return {
        str(digest): Pairs(*np.unique(cells[at], return_counts=True))
        for digest, at in frame.groupby("challenger").indices.items()
    }


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
    pairs: Mapping[str, Pairs], counter: AnswerCounts, judged: Sequence[Metric], settings: Settings
) -> list[ChallengerComparison]:
    """Compare the bundle with each of its challengers, the one with the most rows first."""
    ordered = sorted(pairs.items(), key=lambda item: -item[1].counts.sum())
    return [_comparison(digest, scored, counter, judged, settings) for digest, scored in ordered]


def _comparison(
    digest: str, pairs: Pairs, counter: AnswerCounts, judged: Sequence[Metric], settings: Settings
) -> ChallengerComparison:
    places = np.divmod(pairs.cells, PLACES)
    fewest, seed = settings.monitor.minimum_outcomes, settings.seed
    received, found = counter.compare(places, pairs.counts, seed, fewest)
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
    )
