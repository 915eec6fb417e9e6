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

from shared.tasks.multiclass import multiclass_metrics

# Probabilities by their log odds, from -10 to 10: in steps that change no metric's second digit.
MOST_ODDS, BINS, CONFIDENCE_BINS = 10.0, 160, 80
OTHER, OWN, UNKNOWN, NONE = range(4)
STATES, NO_OUTCOME = 5, 4
# What a row may lose by the log loss, that of the least probability; and by the Brier score. Bins
# are by the square root: narrow where most rows are.
MOST_LOSS, MOST_BRIER, LOSS_BINS = float(-np.log(np.finfo("float64").eps)), 2.0, 400
# What is made of so many rows stays in a core's cache: half the time of many at once.
ROWS_AT_ONCE = 16_384


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

        `truth` are codes, that of the unknown classes and then that of no outcome the last;
        `chances` have the shape (classes, rows).
        """
        places = np.empty((self.classes + 4, len(truth)), dtype="int64")
        for start in range(0, len(truth), ROWS_AT_ONCE):
            at = slice(start, start + ROWS_AT_ONCE)
            self._fill(places[:, at], truth[at], answered[at], chances[:, at])
        return places

    def _fill(
        self, places: np.ndarray, truth: np.ndarray, answered: np.ndarray, chances: np.ndarray
    ) -> None:
        rows, count = np.arange(len(truth)), self.classes
        known = truth < count
        decisions, ranks, confidence, losses, brier = self.starts[:-1]
        own = np.where(known, chances[np.where(known, truth, 0), rows], 0)
        right = 2 * (truth == answered) + (known & _in_top(truth, own, chances))
        state = np.where(truth > count, NO_OUTCOME, right)
        ranked = np.stack([odds_bins(chance, BINS) for chance in chances])
        # Bins of the answered class are wider by a whole number, and need no logarithm again.
        bins = ranked[answered, rows] // (BINS // CONFIDENCE_BINS)
        lost = _root_bins(multiclass_metrics.surprise(own), MOST_LOSS)
        squares = np.einsum("kr,kr->r", chances, chances) + 1 - 2 * own
        places[0] = decisions + truth * count + answered
        others = ranks + BINS * np.where(known, OTHER, np.where(truth == count, UNKNOWN, NONE))
        for code in range(count):
            of_class = (truth == code) * (BINS * (OWN - OTHER)) + (NONE + 1) * BINS * code
            places[1 + code] = others + of_class + ranked[code]
        places[-3] = confidence + (answered * STATES + state) * CONFIDENCE_BINS + bins
        places[-2] = np.where(known, losses + lost, -1)
        places[-1] = np.where(known, brier + _root_bins(squares, MOST_BRIER), -1)


def _in_top(truth: np.ndarray, own: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Tell what `multiclass_metrics.in_top` does, a class at a time."""
    before = np.zeros(len(truth), dtype="int8")
    for code, chance in enumerate(chances):
        before += (chance > own) | ((chance == own) & (truth < code))
    return before < multiclass_metrics.TOP


def odds_bins(chance: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of each probability; shape (rows,), whole numbers."""
    within = np.clip(chance, 0, 1)
    with np.errstate(divide="ignore"):
        odds = np.log(within / (1 - within))
    at = (odds + MOST_ODDS) * (bins / (2 * MOST_ODDS))
    return np.clip(at, 0, bins - 1, out=at).astype("int64")


def odds_middles(bins: int) -> np.ndarray:
    """Return the probability in the middle of each bin."""
    odds = (np.arange(bins) + 0.5) * (2 * MOST_ODDS / bins) - MOST_ODDS
    return 1 / (1 + np.exp(-odds))


def _root_bins(lost: np.ndarray, most: float) -> np.ndarray:
    at = np.sqrt(np.clip(lost, 0, most) / most) * LOSS_BINS
    return np.minimum(at, LOSS_BINS - 1).astype("int64")


def root_middles(most: float) -> np.ndarray:
    """Return what is lost in the middle of each bin, up to what is lost at most."""
    return most * ((np.arange(LOSS_BINS) + 0.5) / LOSS_BINS) ** 2
