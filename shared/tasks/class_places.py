"""Where rows count of a target of several classes: one place in each of several sections.

- `decisions`: true class, then answered class. After the known classes there is one for those that
  training never had, and one for rows without an outcome.
- `chances`: of each class whether the outcome is another, this one, unknown or none, then a bin of
  the class's probability.
- `confidence`: answered class, then whether it is right and the true one is among the two most
  probable, or there is no outcome; then a bin of the answered class's probability.
- `losses`: a bin of the row's log loss.
- `brier`: a bin of the row's Brier score.

Together they give each metric; no row is kept.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shared.tasks import multiclass_metrics

# Probabilities by their log odds, from -10 to 10: in steps that change no metric's second digit.
MOST_ODDS, BINS, CONFIDENCE_BINS = 10.0, 160, 80
OTHER, OWN, UNKNOWN, NONE = range(4)
STATES, NO_OUTCOME = 5, 4
# What a row may lose by the log loss, that of the least probability; and by the Brier score. Bins
# are by the square root: narrow where most rows are.
MOST_LOSS, MOST_BRIER, LOSS_BINS = float(-np.log(np.finfo("float64").eps)), 2.0, 400


@dataclass(frozen=True)
class Sections:
    """The sections of flat counts, as views of their own shapes."""

    decisions: np.ndarray
    chances: np.ndarray
    confidence: np.ndarray
    losses: np.ndarray
    brier: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Where the sections of so many classes are among flat counts."""

    classes: int

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the sections."""
        count = self.classes
        return (
            (count + 2, count),
            (count, NONE + 1, BINS),
            (count, STATES, CONFIDENCE_BINS),
            (LOSS_BINS,),
            (LOSS_BINS,),
        )

    @cached_property
    def starts(self) -> list[int]:
        """Where each section begins, and where the last ends."""
        return [0, *np.cumsum([np.prod(shape) for shape in self.shapes]).tolist()]

    def sections(self, counts: np.ndarray) -> Sections:
        """Return the sections of flat counts."""
        spans = zip(self.starts[:-1], self.starts[1:], self.shapes, strict=True)
        return Sections(*(counts[start:end].reshape(shape) for start, end, shape in spans))

    def places(self, truth: np.ndarray, answered: np.ndarray, chances: np.ndarray) -> np.ndarray:
        """Return each row's place in each section: shape (sections, rows), -1 for nowhere.

        `truth` are codes, that of the unknown classes and then that of no outcome the last.
        """
        rows, count = np.arange(len(truth)), self.classes
        known = truth < count
        decisions, ranks, confidence, losses, brier = self.starts[:-1]
        own = np.where(known, chances[rows, np.where(known, truth, 0)], np.nan)
        top = multiclass_metrics.in_top(np.where(known, truth, 0), chances) & known
        state = np.where(truth > count, NO_OUTCOME, 2 * (truth == answered) + top)
        bins = odds_bins(chances[rows, answered], CONFIDENCE_BINS)
        lost = _root_bins(multiclass_metrics.surprise(own), MOST_LOSS)
        squared = _root_bins(multiclass_metrics.brier(own, chances), MOST_BRIER)
        return np.stack(
            [
                decisions + truth * count + answered,
                *(
                    ranks + _of_class(truth, code, count) * BINS + odds_bins(chances[:, code], BINS)
                    for code in range(count)
                ),
                confidence + (answered * STATES + state) * CONFIDENCE_BINS + bins,
                np.where(known, losses + lost, -1),
                np.where(known, brier + squared, -1),
            ]
        )


def _of_class(truth: np.ndarray, code: int, count: int) -> np.ndarray:
    """Return each row's place by whether it is of a class, before the bins."""
    beyond = np.where(truth == count, UNKNOWN, NONE)
    found = np.where(truth < count, np.where(truth == code, OWN, OTHER), beyond)
    return code * (NONE + 1) + found


def odds_bins(chance: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of each probability; shape (rows,), whole numbers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(chance / (1 - chance))
    at = np.floor((np.clip(odds, -MOST_ODDS, MOST_ODDS) + MOST_ODDS) * (bins / (2 * MOST_ODDS)))
    return np.minimum(np.nan_to_num(at), bins - 1).astype("int64")


def odds_middles(bins: int) -> np.ndarray:
    """Return the probability in the middle of each bin."""
    odds = (np.arange(bins) + 0.5) * (2 * MOST_ODDS / bins) - MOST_ODDS
    return 1 / (1 + np.exp(-odds))


def _root_bins(lost: np.ndarray, most: float) -> np.ndarray:
    at = np.sqrt(np.clip(lost, 0, most) / most) * LOSS_BINS
    return np.minimum(np.nan_to_num(at), LOSS_BINS - 1).astype("int64")


def root_middles(most: float) -> np.ndarray:
    """Return what is lost in the middle of each bin, up to what is lost at most."""
    return most * ((np.arange(LOSS_BINS) + 0.5) / LOSS_BINS) ** 2
