"""Answers that are counted by their scores and outcomes, in whole numbers that add up."""

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from shared.kinds import Metric
from shared.tasks.metrics import Score
from shared.tasks.outcome_statistics import Bias, FarCells, Share, Trait
from shared.tasks.task import Diagnostics


class Comparison(NamedTuple):
    """The scores of two bundles on the same rows, and the second's less the first's, paired."""

    own: dict[Metric, Score]
    theirs: dict[Metric, Score]
    differences: dict[Metric, Score]


class PlacePairs(NamedTuple):
    """Where two bundles' answers count, one's and the other's, with how many rows each pair has.

    The rows of a pair count as those that are `held`, where it is given. All of shape (pairs,).
    """

    own: np.ndarray
    theirs: np.ndarray
    counts: np.ndarray
    held: np.ndarray | None = None

    def counted(self, known: np.ndarray, fewest: int) -> tuple[int, np.ndarray, bool]:
        """Return the rows of the `known` pairs, what each counts as, and if they are enough."""
        held = (self.counts if self.held is None else self.held)[known]
        received = int(self.counts[known].sum())
        return received, held, min(received, held.sum()) >= fewest


class AnswerCounts(Protocol):
    """Counts rows by their scores and outcomes, in whole numbers that add up.

    Unless a kind says otherwise, outcomes have no names, and none is far beyond the others.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the counts."""

    def places(self, table: pa.Table) -> np.ndarray:
        """Return where each row of a table counts among the flat counts.

        Shape (rows,), or (sections, rows) where each row counts once in each of several sections.
        -1 is nowhere: a row without scores is not counted.
        """

    def answered(self, counts: np.ndarray) -> int:
        """Return how many rows have scores."""

    def received(self, counts: np.ndarray) -> int:
        """Return how many of these have an outcome."""

    def can_score(self, counts: np.ndarray) -> bool:
        """Tell whether the outcomes differ enough to score answers by them."""

    def telling(self, counts: np.ndarray) -> int:
        """Return how many outcomes scores rest on: of classes, those not of the most frequent."""

    def bias(self, counts: np.ndarray) -> Bias:
        """Return the bias over the rows with an outcome, of which there are some."""

    def shares(self, counts: np.ndarray) -> dict[str, Share]:
        """Return the kinds of outcomes that answers foretell, by what they are of.

        The name is empty for what the task's words call observed.
        """

    def traits(self, counts: np.ndarray) -> dict[str, Trait]:
        """Return the traits of the answers that have an outcome, by their names."""

    def score(
        self, counts: np.ndarray, seed: int, only: Collection[Metric] = ()
    ) -> dict[Metric, Score]:
        """Score the answers that have an outcome, by at least the `only` metrics asked for."""

    def unknown(self, table: pa.Table) -> dict[str, int]:
        """Count the outcomes whose names counts do not keep, by name."""
        return {}

    def note(self, counts: np.ndarray, unknown: Mapping[str, int]) -> str | None:
        """Say of which outcomes the counts know less than their rows do, if of any."""
        return None

    def far_cells(self, counts: np.ndarray, diagnostics: Diagnostics) -> FarCells | None:
        """Return where outcomes count that are far beyond all others and history's, if any are."""
        return None

    def estimate(
        self, counts: np.ndarray, diagnostics: Diagnostics, seed: int
    ) -> dict[Metric, Score]:
        """Return the scores to expect of the answers if they are as good as on the holdout.

        Empty where that cannot be known.
        """

    def expected_of(
        self,
        counts: np.ndarray,
        scores: Mapping[Metric, Score],
        expected: Mapping[Metric, Score],
    ) -> dict[Metric, Score]:
        """Return the expected scores as they are of such answers, whose own are `scores`.

        Few tell less than their resamples know, and some scores depend on how far answers spread.
        """
        return dict(expected)

    def pair_places(self, outcome: np.ndarray, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return where rows count that two bundles have answered, by one's; shape (rows,).

        `answers` are the columns by which a task's answers are counted.
        """

    def compare(self, pairs: PlacePairs, seed: int, fewest: int) -> tuple[int, Comparison | None]:
        """Compare two bundles by the pairs of their places.

        Returns how many rows have an outcome, and None where these, or what they count as, are
        fewer than `fewest`, or do not differ.
        """
