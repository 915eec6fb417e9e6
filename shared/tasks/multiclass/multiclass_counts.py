"""Counts of answers of several classes, and what these are worth by them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.kinds import Metric
from shared.log_columns import OUTCOME, PREDICTION
from shared.schema import arrow
from shared.tasks import metrics
from shared.tasks.answer_counts import AnswerCounts, Comparison, PlacePairs
from shared.tasks.metrics import Score, Weights
from shared.tasks.multiclass import class_scores, multiclass_metrics
from shared.tasks.multiclass.class_places import (
    BINS,
    NONE,
    OTHER,
    OWN,
    Layout,
    Sections,
    odds_bins,
    odds_middles,
)
from shared.tasks.multiclass.class_shares import class_shares, furthest_share
from shared.tasks.multiclass.classes import column_names
from shared.tasks.multiclass.multiclass_diagnostics import MulticlassDiagnostics
from shared.tasks.outcome_statistics import Bias, Share, Trait
from shared.tasks.task import Diagnostics
from shared.tasks.traits import SLOPE, classes_slope, share_traits
from shared.words import names_with_counts, number_of


@dataclass(frozen=True)
class MulticlassCounts(AnswerCounts):
    """The counts of answers of these classes: flat, in the sections of `class_places`."""

    classes: tuple[str, ...]

    @cached_property
    def layout(self) -> Layout:
        """Where the sections are."""
        return Layout(len(self.classes))

    @property
    def shape(self) -> tuple[int, ...]:
        """How many places there are, of all sections together."""
        return (self.layout.starts[-1],)

    def places(self, table: pa.Table) -> np.ndarray:
        """Return each row's place in each section: shape (sections, rows).

        A row without one of the probabilities counts nowhere. One without a prediction is taken to
        be answered the most probable class.
        """
        names = column_names(self.classes)
        if not {*names} <= {*table.column_names}:
            return np.full((1, table.num_rows), -1)
        chances = np.stack([arrow.numbers(table[name])[0] for name in names])
        lacking = np.isnan(chances).any(axis=0)
        chances[:, lacking] = 0
        places = self.layout.places(self._truth(table), self._answered(table, chances), chances)
        places[:, lacking] = -1
        return places

    def _answered(self, table: pa.Table, chances: np.ndarray) -> np.ndarray:
        codes = np.full(table.num_rows, len(self.classes))
        if PREDICTION in table.column_names:
            codes, _ = arrow.codes(table[PREDICTION], self.classes)
        without = codes == len(self.classes)
        codes[without] = np.argmax(chances[:, without], axis=0)
        return codes

    def _truth(self, table: pa.Table) -> np.ndarray:
        """Return the codes of outcomes; after the known ones that of the unknown, and of none."""
        count = len(self.classes)
        if OUTCOME not in table.column_names:
            return np.full(table.num_rows, count + 1)
        codes, missing = arrow.codes(table[OUTCOME], self.classes)
        return np.where(missing, count + 1, codes)

    def answered(self, counts: np.ndarray) -> int:
        """Return how many rows have probabilities."""
        return int(self._sections(counts).decisions.sum())

    def received(self, counts: np.ndarray) -> int:
        """Return how many of these have an outcome."""
        return int(self._sections(counts).decisions[:-1].sum())

    def can_score(self, counts: np.ndarray) -> bool:
        """Tell whether there are outcomes of two classes that are known."""
        return int((self._sections(counts).decisions[:-2].sum(axis=1) > 0).sum()) > 1

    def telling(self, counts: np.ndarray) -> int:
        """Return how many outcomes are not of the most frequent class."""
        of_classes = self._sections(counts).decisions[:-1].sum(axis=1)
        return int(of_classes.sum() - of_classes.max())

    def bias(self, counts: np.ndarray) -> Bias:
        """Return the observed and the predicted share of the class where they differ most."""
        sections, chance = self._sections(counts), odds_middles(BINS)
        received = sections.chances[:, :NONE].sum(axis=1)
        predicted = np.append((received * chance).sum(axis=1), 0)
        variances = np.append((received * chance * (1 - chance)).sum(axis=1), 0)
        observed = sections.decisions[:-1].sum(axis=1)
        return furthest_share(observed, predicted, variances, int(observed.sum()), self.classes)

    def shares(self, counts: np.ndarray) -> dict[str, Share]:
        """Return each class that is known."""
        sections, chance = self._sections(counts), odds_middles(BINS)
        expected = (sections.chances[:, :NONE].sum(axis=1) * chance).sum(axis=1)
        return class_shares(sections.decisions[:-2].sum(axis=1), expected, self.classes)

    def traits(self, counts: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow probabilities, and how often each class comes."""
        chances = self._sections(counts).chances.astype("float64")
        middles = np.tile(odds_middles(BINS), (len(chances), 1))
        found = classes_slope(middles, chances[:, OTHER], chances[:, OWN])
        return {SLOPE: found} | share_traits(self.shares(counts))

    def score(
        self, counts: np.ndarray, seed: int, only: Collection[Metric] = ()
    ) -> dict[Metric, Score]:
        """Score the answers whose outcome is known.

        Each section is resampled by itself; the intervals of what is an average over classes take
        these for independent.
        """
        return class_scores.scores(self._sections(counts), seed, only)

    def unknown(self, table: pa.Table) -> dict[str, int]:
        """Count the outcomes of classes that the model does not know, by name."""
        if OUTCOME not in table.column_names:
            return {}
        names = arrow.texts(table[OUTCOME])
        names = names.filter(pc.invert(pc.is_in(names, pa.array(self.classes, names.type))))
        counts = pc.value_counts(names.drop_null()).to_pylist()
        return {each["values"]: each["counts"] for each in counts}

    def note(self, counts: np.ndarray, unknown: Mapping[str, int]) -> str | None:
        """Say how many outcomes are of unknown classes, and of which."""
        rows = int(self._sections(counts).decisions[-2].sum())
        if not rows:
            return None
        many = number_of(rows, "outcome is", "outcomes are")
        words = f"{many} of a class that the model does not know"
        return f"{words}: {names_with_counts(unknown)}." if unknown else f"{words}."

    def estimate(
        self, counts: np.ndarray, diagnostics: Diagnostics, seed: int
    ) -> dict[Metric, Score]:
        """Return the scores to expect if the probabilities are as calibrated as on the holdout.

        Top-2 accuracy does not follow from them.
        """
        assert isinstance(diagnostics, MulticlassDiagnostics)
        same = tuple(one.name for one in diagnostics.classes) == self.classes
        if not same or not diagnostics.confidence or not self.answered(counts):
            return {}
        return class_scores.expected_scores(self._sections(counts), diagnostics, seed)

    def pair_places(self, outcome: np.ndarray, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return each row's true class, answered class, and bin of the true one's probability.

        Without an answered class that is known, the most probable one is taken. A bundle that does
        not know a class gives it no probability.
        """
        count = len(self.classes)
        codes, missing = self._codes(outcome)
        truth = np.where(missing, count + 1, codes)
        at = np.where(truth < count, truth, 0)
        names = column_names(self.classes)
        chances = np.nan_to_num(np.stack([answers[n].astype("float64") for n in names], axis=1))
        decided = np.argmax(chances, axis=1)
        if PREDICTION in answers:
            answered, _ = self._codes(answers[PREDICTION])
            decided = np.where(answered < count, answered, decided)
        own = odds_bins(chances[np.arange(len(truth)), at], BINS)
        return (truth * count + decided) * BINS + own

    def _codes(self, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the codes of classes, and which are missing."""
        return arrow.codes(pa.chunked_array([pa.array(texts, from_pandas=True)]), self.classes)

    def compare(self, pairs: PlacePairs, seed: int, fewest: int) -> tuple[int, Comparison | None]:
        """Compare two bundles on the rows whose outcome is known, by log loss and by decisions."""
        count = len(self.classes)
        known = pairs.own // (BINS * count) <= count
        truth = pairs.own[known] // (BINS * count)
        truth = np.where(truth == count, -1, truth)
        received, held, are_enough = pairs.counted(known, fewest)
        if not are_enough or len(np.unique(truth[truth >= 0])) < 2:
            return received, None
        both = [each[known] % (BINS * count) for each in (pairs.own, pairs.theirs)]
        sides = [np.stack(np.divmod(each, BINS), axis=1) for each in both]
        measure = partial(_pair_measure, classes=count)
        own, theirs = (metrics.score_counts(measure, truth, side, held, seed) for side in sides)
        differences = metrics.difference_counts(measure, truth, (sides[1], sides[0]), held, seed)
        return received, Comparison(own, theirs, differences)

    def _sections(self, counts: np.ndarray) -> Sections:
        return self.layout.sections(counts)


def _pair_measure(
    target: np.ndarray, side: np.ndarray, weights: Weights, held: np.ndarray, classes: int
) -> dict[Metric, np.ndarray]:
    """Return what follows of true classes, answered classes and bins of the true probability."""
    known, own = target >= 0, odds_middles(BINS)[side[:, 1]]
    weight = weights[:, known]
    confusion = multiclass_metrics.confusions(target, side[:, 0], weights, classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        loss = (weight * multiclass_metrics.surprise(own[known])).sum(axis=1) / weight.sum(axis=1)
    return {"log_loss": loss, **multiclass_metrics.of_confusions(confusion)}
