"""What the model is worth on the rows whose outcomes have come, beside what was promised.

Before they come, what it should be worth follows from its probabilities alone, if they are as well
calibrated as they were (confidence-based performance estimation: Bialek, Kuberski, Perrakis, Bifet,
Estimating model performance under covariate shift, 2023, section 3).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
from scipy import special

from shared.model.evaluation import Evaluation, ScoreVariation
from shared.monitoring.scope import Scope
from shared.monitoring.window import Window
from shared.profiles.counts import score_middles
from shared.settings import HIGHER_IS_BETTER, Metric, Settings
from shared.tasks import metrics
from shared.tasks.metrics import JUDGED, Score

State = Literal[
    "judged", "unscored", "no outcomes in the file", "not due", "none came", "too few", "one class"
]
BIAS = "bias"


@dataclass(frozen=True)
class Loss:
    """By how much a score is worse than promised, and by how much it may be by chance.

    `threshold` has the error of both scores, and how the score varied between `blocks` spans of
    `hours` before training ended, of which one lost as much as `largest`; None where none is known.
    It is of all rows, or of the `share` of them that are in a `slice`.
    """

    metric: str
    now: float
    promised: float
    loss: float
    threshold: float
    largest: float | None
    hours: int | None
    blocks: int | None
    slice: str | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Slice:
    """What the model is worth on a slice: its rows with an outcome, and its scores."""

    name: str
    received: int
    scores: dict[Metric, Score]
    promised: dict[Metric, Score]


@dataclass(frozen=True)
class Quality:
    """The scores of a window's rows with an outcome, and how many those are of the rows due.

    A row is due once the outcome delay has passed since its time, or when its outcome came early;
    `pending` rows are not due, and the first of them will be at `next_due`. `observed` and
    `predicted` are the mean outcome and probability of the `received` rows. `scores` is empty
    unless the state is `judged`; `promised` are the bundle's scores on its holdout, and `estimated`
    what the window's probabilities alone let expect, with a band. `slices` are those with outcomes
    enough, the largest first; `losses` are of all rows first.
    """

    state: State
    due: int
    pending: int
    received: int
    next_due: datetime | None
    observed: float | None
    predicted: float | None
    scores: dict[Metric, Score]
    promised: dict[Metric, Score]
    estimated: dict[Metric, Score]
    slices: tuple[Slice, ...]
    losses: tuple[Loss, ...]


def judge(
    window: Window,
    scope: Scope,
    hours: float,
    evaluation: Evaluation,
    settings: Settings,
    false_alarms: float,
) -> Quality:
    """Score the rows of a window of so many hours that have a probability and an outcome.

    `false_alarms` is the rate that the bundle's thresholds were learnt for.
    """
    answers, middles = window.profile.counts["answers"], score_middles()
    negatives, positives = answers[1], answers[2]
    received = int(negatives.sum() + positives.sum())
    due = window.profile.size - window.pending
    state = _state(window, scope, due, int(positives.sum()), received, settings)
    promised = evaluation.scores
    found = metrics.score_counts(negatives, positives, middles, settings.seed) if received else {}
    observed = float(positives.sum()) / received if received else None
    predicted = float((negatives + positives) @ middles) / received if received else None
    judged = state == "judged"
    varies = _varies(evaluation, hours)
    slices = _slices(window, evaluation, settings) if judged else ()
    losses: tuple[Loss, ...] = ()
    if judged:
        losses = _losses(found, promised, answers, varies, false_alarms)
        losses += _slice_losses(slices, received, varies, false_alarms)
    return Quality(
        state=state,
        due=due,
        pending=window.pending,
        received=received,
        next_due=window.next_due,
        observed=observed,
        predicted=predicted,
        scores=found if judged else {},
        promised=promised,
        estimated=_estimated(answers.sum(axis=0), evaluation, varies, settings),
        slices=slices,
        losses=losses,
    )


def _state(
    window: Window, scope: Scope, due: int, positives: int, received: int, settings: Settings
) -> State:
    if not window.profile.counts["answers"].sum() and window.profile.size:
        return "unscored"
    if scope.file and not window.labelled:
        return "no outcomes in the file"
    if not received:
        return "none came" if due else "not due"
    if received < settings.monitor.minimum_outcomes:
        return "too few"
    return "judged" if 0 < positives < received else "one class"


def _varies(evaluation: Evaluation, hours: float) -> ScoreVariation | None:
    """Return how scores vary over spans like the window's: the longest ones that fit in it."""
    known = evaluation.varies
    fitting = [span for span in known if span.hours <= 1.05 * hours] or known[:1]
    return fitting[-1] if fitting else None


def _losses(
    found: dict[Metric, Score],
    promised: dict[Metric, Score],
    answers: np.ndarray,
    varies: ScoreVariation | None,
    false_alarms: float,
) -> tuple[Loss, ...]:
    far = _far(len(JUDGED) + 1, false_alarms)

    def lost(name: str, now: float, once: float, error: float) -> Loss:
        sign = 1 if name in HIGHER_IS_BETTER else -1
        loss = abs(now - once) if name == BIAS else sign * (once - now)
        if varies is None:
            return Loss(name, now, once, loss, float(far * error), None, None, None)
        worst, spread = varies.worst[name], varies.spread[name]
        largest = worst if name == BIAS else max(sign * (once - worst), 0.0)
        threshold = float(np.hypot(max(far * spread, largest), far * error))
        return Loss(name, now, once, loss, threshold, largest, varies.hours, varies.blocks)

    losses = [
        lost(name, now.value, once.value, float(np.hypot(now.error, once.error)))
        for name in JUDGED
        for now, once in [(found[name], promised[name])]
    ]
    middles, told = score_middles(), answers[1] + answers[2]
    rows = told.sum()
    predicted, observed = float(told @ middles / rows), float(answers[2].sum() / rows)
    error = float(np.sqrt(told @ (middles * (1 - middles)))) / rows
    return (*losses, lost(BIAS, observed, predicted, error))


def _slices(window: Window, evaluation: Evaluation, settings: Settings) -> tuple[Slice, ...]:
    """Score the slices that have outcomes enough, of those that were not small on the holdout."""
    found = []
    for row in evaluation.slices:
        answers = window.slices.get(row.slice)
        told = int(answers[1:].sum()) if answers is not None else 0
        if answers is None or row.small or told < settings.monitor.minimum_outcomes:
            continue
        if 0 < answers[2].sum() < told:
            measured = metrics.score_counts(answers[1], answers[2], score_middles(), settings.seed)
            found.append(Slice(row.slice, told, measured, row.scores))
    return tuple(sorted(found, key=lambda one: -one.received))


def _slice_losses(
    slices: tuple[Slice, ...], received: int, varies: ScoreVariation | None, false_alarms: float
) -> tuple[Loss, ...]:
    """Return what slices have lost; nothing where it is not known how they vary."""
    known = varies.slices if varies else None
    if not varies or not known or not slices:
        return ()
    far, found = _far(len(JUDGED) * len(slices), false_alarms), []
    for one in slices:
        for name in JUDGED:
            now, once = one.scores[name], one.promised[name]
            sign = 1 if name in HIGHER_IS_BETTER else -1
            reach = max(far * known.spread[name], known.loss[name])
            threshold = float(np.hypot(reach, far * np.hypot(now.error, once.error)))
            spans = known.loss[name], varies.hours, known.blocks
            lost = sign * (once.value - now.value)
            loss = Loss(name, now.value, once.value, lost, threshold, *spans)
            found.append(replace(loss, slice=one.name, share=one.received / received))
    return tuple(found)


def _far(checks: int, false_alarms: float) -> float:
    """Return how many standard deviations away is as rare as quality's alarms may be.

    Half of the false alarms are for quality; the slices have half of these for themselves.
    """
    return float(-special.ndtri(false_alarms / (4 * checks)))


def _estimated(
    answered: np.ndarray,
    evaluation: Evaluation,
    varies: ScoreVariation | None,
    settings: Settings,
) -> dict[Metric, Score]:
    """Return the scores to expect if the probabilities are as calibrated as on the holdout."""
    bins, middles = evaluation.calibration, score_middles()
    if not bins or not answered.sum():
        return {}
    predicted, observed = [row.predicted for row in bins], [row.observed for row in bins]
    chance = np.interp(middles, [0.0, *predicted, 1.0], [0.0, *observed, 1.0])
    expected = metrics.score_counts(
        answered * (1 - chance), answered * chance, middles, settings.seed
    )
    spread = varies.spread if varies else {}
    return {
        name: Score(score.value, *_band(score, spread.get(name, 0.0)))
        for name, score in expected.items()
    }


def _band(score: Score, spread: float) -> tuple[float, float]:
    reach = metrics.NORMAL_95 * float(np.hypot(score.error, spread))
    return score.value - reach, score.value + reach
