"""Counts of binary answers: rows by outcome (none, false, true) and by bins of the probability."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shared.kinds import Metric
from shared.log_columns import OUTCOME, PROBABILITY
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.answer_counts import AnswerCounts, Comparison, PlacePairs
from shared.tasks.binary import binary_metrics
from shared.tasks.binary.binary_diagnostics import BinaryDiagnostics, calibrated
from shared.tasks.metrics import Score
from shared.tasks.outcome_statistics import Bias, Share, Trait
from shared.tasks.task import Diagnostics
from shared.tasks.traits import probability_traits, share_traits

# Probabilities by their log odds: from -8 to 8, in steps that change no metric's third digit.
BINS = 512
OUTCOMES = 3


def probability_bin(chance: np.ndarray) -> np.ndarray:
    """Return the bin of each probability; shape (rows,), whole numbers."""
    with np.errstate(divide="ignore"):
        odds = np.log(chance) - np.log1p(-chance)
    at = np.floor((odds + arrow.MOST_ODDS) * (BINS / (2 * arrow.MOST_ODDS)))
    return np.clip(np.nan_to_num(at), 0, BINS - 1).astype("int64")


def middles() -> np.ndarray:
    """Return the probability in the middle of each bin."""
    odds = (np.arange(BINS) + 0.5) * (2 * arrow.MOST_ODDS / BINS) - arrow.MOST_ODDS
    return 1 / (1 + np.exp(-odds))


@dataclass(frozen=True)
class BinaryCounts(AnswerCounts):
    """The counts of a binary target's answers: shape (outcomes, bins)."""

    shape: tuple[int, ...] = (OUTCOMES, BINS)

    def places(self, table: pa.Table) -> np.ndarray:
        """Return each row's outcome times the bins, plus its bin; -1 without a probability."""
        if PROBABILITY not in table.column_names:
            return np.full(table.num_rows, -1)
        chance = arrow.numbers(table[PROBABILITY])[0]
        outcome = np.full(len(chance), np.nan)
        if OUTCOME in table.column_names:
            outcome = arrow.numbers(table[OUTCOME])[0]
        return np.where(np.isnan(chance), -1, self.pair_places(outcome, {PROBABILITY: chance}))

    def answered(self, counts: np.ndarray) -> int:
        """Return how many rows have a probability."""
        return int(counts.sum())

    def received(self, counts: np.ndarray) -> int:
        """Return how many of these have an outcome."""
        return int(counts[1:].sum())

    def can_score(self, counts: np.ndarray) -> bool:
        """Tell whether there are outcomes of both classes."""
        return bool(0 < counts[2].sum() < counts[1:].sum())

    def telling(self, counts: np.ndarray) -> int:
        """Return how many outcomes the rarer class has."""
        return int(counts[1:].sum(axis=1).min())

    def bias(self, counts: np.ndarray) -> Bias:
        """Return the observed and the predicted share."""
        received, chance = counts[1] + counts[2], middles()
        rows = received.sum()
        observed, predicted = float(counts[2].sum() / rows), float(received @ chance / rows)
        return Bias(observed, predicted, int(rows), float(received @ (chance * (1 - chance))))

    def shares(self, counts: np.ndarray) -> dict[str, Share]:
        """Return the true ones."""
        return {"": Share(float(counts[2].sum()), float((counts[1] + counts[2]) @ middles()))}

    def traits(self, counts: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow probabilities, and how often they are true."""
        found = probability_traits(middles(), *counts[1:].astype("float64"))
        return found | share_traits(self.shares(counts))

    def score(
        self, counts: np.ndarray, seed: int, only: Collection[Metric] = ()
    ) -> dict[Metric, Score]:
        """Score the probabilities whose outcome is known."""
        return score_bins(counts[1], counts[2], seed)

    def estimate(
        self, counts: np.ndarray, diagnostics: Diagnostics, seed: int
    ) -> dict[Metric, Score]:
        """Return the scores to expect if the probabilities are as calibrated as on the holdout."""
        assert isinstance(diagnostics, BinaryDiagnostics)
        bins, answered = diagnostics.calibration, counts.sum(axis=0)
        if not bins or not answered.sum():
            return {}
        chance = calibrated(middles(), bins)
        return score_bins(answered * (1 - chance), answered * chance, seed)

    def expected_of(
        self,
        counts: np.ndarray,
        scores: Mapping[Metric, Score],
        expected: Mapping[Metric, Score],
    ) -> dict[Metric, Score]:
        """Return the expected scores, with what so few of a class make of ROC AUC beyond resamples.

        Resamples of one true outcome are all of that one.
        """
        if not {"roc_auc"} <= {*expected} & {*scores}:
            return dict(expected)
        once, rows = expected["roc_auc"], counts[1:].sum(axis=1)
        error = binary_metrics.roc_auc_error(once.value, int(rows[1]), int(rows[0]))
        more = max(error**2 - scores["roc_auc"].error ** 2, 0.0)
        reach = metrics.NORMAL_95 * float(np.sqrt(once.error**2 + more))
        return {**expected, "roc_auc": Score(once.value, once.value - reach, once.value + reach)}

    def pair_places(self, outcome: np.ndarray, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return each row's outcome times the bins, plus its bin."""
        known = np.where(np.isnan(outcome), 0, 1 + (outcome > 0.5)).astype("int64")
        return known * BINS + probability_bin(answers[PROBABILITY].astype("float64"))

    def compare(self, pairs: PlacePairs, seed: int, fewest: int) -> tuple[int, Comparison | None]:
        """Compare two bundles on the rows whose outcome is known."""
        known = pairs.own >= BINS
        truth = pairs.own[known] // BINS - 1.0
        own, theirs = (middles()[each[known] % BINS] for each in (pairs.own, pairs.theirs))
        received, held, are_enough = pairs.counted(known, fewest)
        if not are_enough or len(np.unique(truth)) < OUTCOMES - 1:
            return received, None
        measure = binary_metrics.measure
        sides = [score_bins(held * (1 - truth), held * truth, seed, one) for one in (own, theirs)]
        differences = metrics.difference_counts(measure, truth, (theirs, own), held, seed)
        return received, Comparison(sides[0], sides[1], differences)


def score_bins(
    negatives: np.ndarray, positives: np.ndarray, seed: int = 0, chance: np.ndarray | None = None
) -> dict[Metric, Score]:
    """Score rows that were counted by bins, or by places of this `chance`; all of shape (places,).

    Counts need not be whole.
    """
    probability = middles() if chance is None else chance
    truth, given = np.repeat([0.0, 1.0], len(probability)), np.tile(probability, 2)
    held = np.concatenate([negatives, positives]).astype("float64")
    return metrics.score_counts(binary_metrics.measure, truth, given, held, seed)
