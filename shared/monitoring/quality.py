"""What the model is worth on the rows whose outcomes have arrived, beside what is expected.

Before they come, what it should be worth follows from its probabilities alone, if they are as well
calibrated as they were (confidence-based performance estimation: Bialek, Kuberski, Perrakis, Bifet,
Estimating model performance under covariate shift, 2023, section 3).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from shared.model.evaluation import Evaluation, ScoreVariation
from shared.monitoring import losses, slices
from shared.monitoring.case import Case
from shared.monitoring.losses import Loss
from shared.monitoring.slices import Slice
from shared.profiles.counts import score_middles
from shared.settings import Metric
from shared.tasks import metrics
from shared.tasks.metrics import Score

State = Literal[
    "judged", "unscored", "no outcomes in the file", "not due", "none came", "too few", "one class"
]


@dataclass(frozen=True)
class Quality:
    """The scores of a window's rows with an outcome, and how many those are of the rows due.

    A row is due once the outcome delay has passed since its time, or when its outcome came early;
    `pending` rows are not due, and the first of them will be at `next_due`. `observed` and
    `predicted` are the mean outcome and probability of the `received` rows. `scores` is empty
    unless the state is `judged`; `expected` are the bundle's scores on its holdout, and `estimated`
    what follows from the window's probabilities alone, with a band. `slices` are those with enough
    outcomes, the largest first; `losses` are of all rows first, and of outcomes of one class only
    the bias.
    """

    state: State
    due: int
    pending: int
    received: int
    next_due: datetime | None
    observed: float | None
    predicted: float | None
    scores: dict[Metric, Score]
    expected: dict[Metric, Score]
    estimated: dict[Metric, Score]
    slices: tuple[Slice, ...]
    losses: tuple[Loss, ...]


def judge(case: Case, hours: float) -> Quality:
    """Score the rows of a window of so many hours that have a probability and an outcome."""
    window, evaluation = case.window, case.bundle.evaluation
    answers, middles = case.profile.counts["answers"], score_middles()
    negatives, positives = answers[1], answers[2]
    received, due = int((negatives + positives).sum()), case.profile.size - window.pending
    state = _state(case, due, int(positives.sum()), received)
    variation = _variation(evaluation, hours)
    scores: dict[Metric, Score] = {}
    scored: tuple[Slice, ...] = ()
    lost: tuple[Loss, ...] = ()
    rate, expected = case.baseline.false_alarms, evaluation.scores
    if state == "judged":
        scores = metrics.score_counts(negatives, positives, middles, case.settings.seed)
        scored = slices.scored(window.slices, evaluation, case.settings)
    if state in ("judged", "one class"):
        lost = losses.overall_losses(scores, expected, answers, variation, rate)
        lost += losses.slice_losses(scored, received, variation, rate)
    return Quality(
        state=state,
        due=due,
        pending=window.pending,
        received=received,
        next_due=window.next_due,
        observed=float(positives.sum()) / received if received else None,
        predicted=float((negatives + positives) @ middles) / received if received else None,
        scores=scores,
        expected=evaluation.scores,
        estimated=_estimated(answers.sum(axis=0), evaluation, variation, case.settings.seed),
        slices=scored,
        losses=lost,
    )


def _state(case: Case, due: int, positives: int, received: int) -> State:
    if not case.profile.counts["answers"].sum() and case.profile.size:
        return "unscored"
    if case.scope.file and not case.window.labelled:
        return "no outcomes in the file"
    if not received:
        return "none came" if due else "not due"
    if received < case.monitor.minimum_outcomes:
        return "too few"
    return "judged" if 0 < positives < received else "one class"


def _variation(evaluation: Evaluation, hours: float) -> ScoreVariation | None:
    """Return how scores vary over spans like the window's: the longest ones that fit in it."""
    known = evaluation.varies
    fitting = [span for span in known if span.hours <= 1.05 * hours] or known[:1]
    return fitting[-1] if fitting else None


def _estimated(
    answered: np.ndarray, evaluation: Evaluation, variation: ScoreVariation | None, seed: int
) -> dict[Metric, Score]:
    """Return the scores to expect if the probabilities are as calibrated as on the holdout."""
    bins, middles = evaluation.calibration, score_middles()
    if not bins or not answered.sum():
        return {}
    predicted, observed = [row.predicted for row in bins], [row.observed for row in bins]
    chance = np.interp(middles, [0.0, *predicted, 1.0], [0.0, *observed, 1.0])
    scores = metrics.score_counts(answered * (1 - chance), answered * chance, middles, seed)
    spread = variation.spread if variation else {}
    return {
        name: Score(score.value, *_band(score, spread.get(name, 0.0)))
        for name, score in scores.items()
    }


def _band(score: Score, spread: float) -> tuple[float, float]:
    reach = metrics.NORMAL_95 * float(np.hypot(score.error, spread))
    return score.value - reach, score.value + reach
