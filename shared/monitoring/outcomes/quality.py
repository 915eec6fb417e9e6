"""What the model is worth on the rows whose outcomes have arrived, beside what is expected.

Before they come, what it should be worth follows from its probabilities alone, if they are as well
calibrated as they were (confidence-based performance estimation: Bialek, Kuberski, Perrakis, Bifet,
Estimating model performance under covariate shift, 2023, section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np

from shared.kinds import Metric, metric_range
from shared.model.evaluation import Evaluation, ScoreVariation
from shared.monitoring.case import Case
from shared.monitoring.causes.outcomes import outcome_faults
from shared.monitoring.causes.outcomes.outcome_faults import OutcomeFault
from shared.monitoring.outcomes import aims, far_outcomes, feedback, loss_places, losses, slices
from shared.monitoring.outcomes.aims import MissedAim
from shared.monitoring.outcomes.far_outcomes import FarOutcomes
from shared.monitoring.outcomes.loss_places import LossPlace
from shared.monitoring.outcomes.losses import BIAS, SHARE, Compared, Loss
from shared.monitoring.outcomes.slices import Slice, Slices
from shared.tasks import metrics
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.choice import answer_counts
from shared.tasks.metrics import Score
from shared.tasks.outcome_statistics import Trait
from shared.tasks.traits import SLOPES, UNANSWERED, unanswered

# Fewer outcomes of a window add nothing to what several show.
FEWEST_OUTCOMES = 30
# The error of how many times as many came of a kind as were expected, of about five: of fewer the
# logarithm is far from normal.
RARE = 5**-0.5
State = Literal[
    "judged", "unscored", "no outcomes in the file", "not due", "none came", "too few", "one class"
]


@dataclass(frozen=True)
class Quality:
    """The scores of a window's rows with an outcome, and how many those are of the rows due.

    A row is due once the outcome delay has passed since its time, or when its outcome came early;
    `pending` rows are not due, and the first of them will be at `next_due`. `observed` and
    `predicted` are the mean outcome and probability of the `received` rows, or the share of one
    class, which they are `of`. `scores` is empty unless the state is `judged`; `expected` are the
    bundle's scores on its holdout, and `estimated` what follows from the window's probabilities
    alone, with a band. `slices` are those with enough outcomes, the largest first; `losses` are of
    all rows first, and of outcomes of one class only the bias and the shares; `missed` is what is
    not as asked, and `traits` are held against those of windows before. Scores `of_slates` are
    shown, and held against nothing. `unknown` counts outcomes by names that the model does not
    know; those `respelled` are known ones written otherwise: which, and how. `fault` is what
    outcomes look like that do not follow the answers, and those that are `far` beyond all of
    history's are left out. `place` is where all of a loss lies, if it is one value's.
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
    of: str = ""
    missed: tuple[MissedAim, ...] = ()
    traits: dict[str, Trait] = field(default_factory=dict)
    of_slates: tuple[Metric, ...] = ()
    unknown: dict[str, int] = field(default_factory=dict)
    respelled: dict[str, tuple[str, str]] = field(default_factory=dict)
    fault: OutcomeFault | None = None
    far: FarOutcomes | None = None
    place: LossPlace | None = None

    @property
    def few(self) -> int | None:
        """How many outcomes came, where they are too few to be judged by themselves."""
        return self.received if self.state == "too few" else None


def judge(case: Case, hours: float) -> Quality:
    """Score the rows of a window of so many hours that have an answer and an outcome.

    Those whose outcome is far beyond all of history's are left out, unless they are many.
    """
    found = _without_far(case, hours)
    return replace(found, place=_place(case, found))


def _place(case: Case, quality: Quality) -> LossPlace | None:
    """Return where a loss of all rows lies; of outcomes that are wrong, or chosen, nobody knows."""
    scored = [one for one in quality.losses if not one.slice and one.metric not in (BIAS, SHARE)]
    chosen = case.window.impressions is not None or case.window.selected is not None
    wrong = quality.fault is not None and not quality.fault.changed
    if chosen or wrong or not any(loss.proven for loss in scored):
        return None
    return loss_places.find(case)


def _without_far(case: Case, hours: float) -> Quality:
    """Score the rows whose outcome is not far beyond all of history's, unless these are many."""
    answers, of_slices = case.profile.counts["answers"], case.window.slices
    whole = judge_counts(case, hours, answers, of_slices)
    if whole.state == "too few":
        far = far_outcomes.find(case, few=True)
        others = judge_counts(case, hours, far.without(answers), {}) if far else whole
        return replace(whole, far=far, traits=others.traits)
    found = far_outcomes.find(case) if whole.state == "judged" else None
    if found is None:
        return whole
    near = {name: found.without(rows) for name, rows in of_slices.items()}
    others = judge_counts(case, hours, found.without(answers), near)
    lost = any(loss.proven and not loss.slice for loss in others.losses)
    return replace(
        others,
        far=found.beside(whole.losses, others.losses),
        fault=found.fault if lost else others.fault,
        traits=others.traits | {n: t for n, t in whole.traits.items() if n == UNANSWERED},
    )


def judge_counts(case: Case, hours: float, answers: np.ndarray, of_slices: Slices) -> Quality:
    """Score rows by the counts of their answers, and of those of slices."""
    window, evaluation = case.window, case.bundle.evaluation
    counter = answer_counts(case.baseline.plan.answers)
    hidden = window.selected.hidden if window.selected else 0
    received, due = counter.received(answers), case.profile.size - window.pending - hidden
    state = _state(case, counter, due)
    bias = counter.bias(answers) if received else None
    variation = _variation(evaluation, hours)
    scores: dict[Metric, Score] = {}
    of_slates: dict[Metric, Score] = {}
    scored: tuple[Slice, ...] = ()
    lost: tuple[Loss, ...] = ()
    rate, task = case.baseline.false_alarms, case.bundle.task
    # Of slates that a policy chose others are clicked than of the holdout's, and more; and where
    # rows were acted on, only the others are seen.
    chosen = bool(hidden or feedback.chosen_columns(case))
    expected = evaluation.scores
    if chosen:
        seen = np.concatenate([np.zeros_like(answers[:1]), answers[1:]]) if hidden else answers
        expected = expected | counter.estimate(seen, evaluation.diagnostics, case.settings.seed)
    judged, by_slice = task.judged, task.judged_in_slices
    if state == "judged":
        scores = counter.score(answers, case.settings.seed)
        of_slates = task.slate_scores(window.impressions, case.settings.seed)
        scores |= of_slates
        scored = slices.scored(of_slices, counter, judged, evaluation, case.settings)
    if bias and state in ("judged", "one class"):
        here = counter.expected_of(answers, scores, expected)
        compared = _compared(scores, here, judged, variation)
        shares = counter.shares(answers)
        checks = len(judged) + 1 + len(shares)
        lost = losses.overall_losses(compared, checks, bias, variation, rate)
        lost += losses.share_losses(shares, received, checks, variation, rate)
        if not chosen:
            lost += losses.slice_losses(scored, by_slice, received, variation, rate)
    return Quality(
        state=state,
        due=due,
        pending=window.pending,
        received=received,
        next_due=window.next_due,
        observed=bias.observed if bias else None,
        predicted=bias.predicted if bias else None,
        scores=scores,
        expected=expected,
        estimated=_estimated(case, counter, variation, expected),
        slices=scored,
        losses=lost,
        of=bias.of if bias else "",
        missed=aims.missed(case.bundle.task.aims, scores, hours),
        traits=_traits(state, counter, answers, due, hidden),
        of_slates=tuple(of_slates),
        unknown=dict(window.unknown),
        respelled=outcome_faults.respelled(case),
        fault=outcome_faults.find(case, lost),
    )


def _traits(
    state: State, counter: AnswerCounts, answers: np.ndarray, due: int, hidden: int
) -> dict[str, Trait]:
    """Return the traits of answers whose outcomes can be scored, and how many outcomes lack.

    Of a part of the probabilities, a slope is another one than history has of all of them.
    """
    if state == "too few":
        return _traits_of_few(counter, answers, hidden)
    if state not in ("judged", "one class"):
        return {}
    lacking = {UNANSWERED: unanswered(due - counter.received(answers), due)}
    found = counter.traits(answers) if state == "judged" else {}
    return {n: t for n, t in found.items() if not (hidden and n in SLOPES)} | lacking


def _traits_of_few(counter: AnswerCounts, answers: np.ndarray, hidden: int) -> dict[str, Trait]:
    """Return the traits that add up over windows, of fewer outcomes than one is judged by."""
    if counter.received(answers) < FEWEST_OUTCOMES or not counter.can_score(answers):
        return {}
    found = counter.traits(answers)
    return {
        name: trait
        for name, trait in found.items()
        if not (hidden and name in SLOPES) and not (trait.ratio and trait.error > RARE)
    }


def _compared(
    scores: dict[Metric, Score],
    expected: dict[Metric, Score],
    judged: Sequence[Metric],
    variation: ScoreVariation | None,
) -> list[Compared]:
    """Return the scores that are judged: an older bundle does not know all of them."""
    known = {*scores} & {*expected} & {*(variation.spread if variation else expected)}
    return [Compared(name, scores[name], expected[name]) for name in judged if name in known]


def _state(case: Case, counter: AnswerCounts, due: int) -> State:
    answers = case.profile.counts["answers"]
    if not counter.answered(answers) and case.profile.size:
        return "unscored"
    if case.scope.file and not case.window.labelled:
        return "no outcomes in the file"
    received = counter.received(answers)
    if not received:
        return "none came" if due else "not due"
    if received < case.monitor.minimum_outcomes:
        return "too few"
    return "judged" if counter.can_score(answers) else "one class"


def _variation(evaluation: Evaluation, hours: float) -> ScoreVariation | None:
    """Return how scores vary over spans like the window's: the longest ones that fit in it."""
    known = evaluation.varies
    fitting = [span for span in known if span.hours <= 1.05 * hours] or known[:1]
    return fitting[-1] if fitting else None


def _estimated(
    case: Case,
    counter: AnswerCounts,
    variation: ScoreVariation | None,
    expected: dict[Metric, Score],
) -> dict[Metric, Score]:
    """Return the scores to expect if the answers are as good as on the holdout.

    Where training tried estimates, those alone that came as near as the expected scores did, and as
    far from these as the outcomes had followed.
    """
    answers, diagnostics = case.profile.counts["answers"], case.bundle.evaluation.diagnostics
    scores = counter.estimate(answers, diagnostics, case.settings.seed)
    spread = variation.spread if variation else {}
    if variation and variation.estimates is not None:
        spread = variation.estimates
        scores = {name: score for name, score in scores.items() if name in spread}
    followed = variation.followed if variation else {}
    found = {}
    for name, score in scores.items():
        value = score.value
        if name in followed and name in expected:
            value = expected[name].value + followed[name] * (value - expected[name].value)
        found[name] = Score(value, *_band(name, value, score.error, spread.get(name, 0.0)))
    return found


def _band(metric: Metric, value: float, error: float, spread: float) -> tuple[float, float]:
    reach = metrics.NORMAL_95 * float(np.hypot(error, spread))
    least, most = metric_range(metric)
    return max(value - reach, least), min(value + reach, most)
