"""How near estimates before outcomes come, tried on rows later than those they are made from."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from shared.kinds import Metric
from shared.log_columns import OUTCOME
from shared.model.evaluation import ScoreVariation
from shared.schema import arrow
from shared.settings import Settings
from shared.tasks.choice import answer_counts
from shared.tasks.metrics import Score
from shared.tasks.task import Rule, Task
from shared.training import stability

FEWEST_SPANS, MOST_SPANS = 4, 12
# Where nothing changes, an estimate is what was before, give or take as much of its error.
AS_NEAR = 1.1


def try_estimates(
    varies: Sequence[ScoreVariation],
    rows: pd.DataFrame,
    measured: np.ndarray,
    rule: Rule,
    task: Task,
    settings: Settings,
) -> tuple[ScoreVariation, ...]:
    """Return variations of scores with how far estimates on spans of the same length were off.

    Estimates are made from the first half of the rows, which are in time and which the model had
    not seen, and tried on the spans of the second: beside what was measured there, and beside the
    first half's own scores. Spans of all lengths decide together which metrics are estimated; of
    those that could not be tried, estimates are as far off as on the next in length.
    """
    half = len(rows) // 2
    trial = _Trial(rows, measured, rule, task, settings, half)
    moments = pd.to_datetime(rows[settings.time], utc=True)[half:].reset_index(drop=True)
    tried: dict[int, dict[Metric, _Errors]] = {}
    for span in varies:
        blocks = stability.spans_of(moments, pd.Timedelta(hours=span.hours))
        kept = [half + at for at in blocks if len(at) >= settings.monitor.minimum_outcomes]
        kept = [at for at in kept if task.can_score(trial.target[at])]
        if len(kept) >= FEWEST_SPANS:
            tried[span.hours] = trial.errors(stability.spread_out(kept, MOST_SPANS))
    if not tried:
        return tuple(varies)
    each = list(tried.values())
    as_near = [n for n in _in_all(each) if _is_as_near([errors[n] for errors in each])]

    def estimates(hours: int) -> dict[str, float]:
        nearest = tried[min(tried, key=lambda those: abs(np.log(those / hours)))]
        return {str(name): nearest[name].beyond_chance for name in as_near}

    return tuple(span.model_copy(update={"estimates": estimates(span.hours)}) for span in varies)


def _in_all(found: Sequence[Mapping[Metric, Any]]) -> list[Metric]:
    """Return the metrics that all of them have: of rows without answers nothing is estimated."""
    return [name for name in found[0] if all(name in one for one in found)]


def _is_as_near(errors: Sequence["_Errors"]) -> bool:
    """Tell whether estimates came as near as what was before, by the mean over lengths of spans."""
    ratios = [np.log(one.square / one.before) for one in errors if one.square and one.before]
    return bool(np.mean(ratios or [0.0]) <= 2 * np.log(AS_NEAR))


class _Errors(NamedTuple):
    """Mean squared errors over spans: of estimates, of the scores before, of chance alone."""

    square: float
    before: float
    chance: float

    @property
    def beyond_chance(self) -> float:
        return float(np.sqrt(max(self.square - self.chance, 0)))


class _Trial:
    """Rows with their answers, of which the first half is known."""

    def __init__(
        self,
        rows: pd.DataFrame,
        measured: np.ndarray,
        rule: Rule,
        task: Task,
        settings: Settings,
        half: int,
    ) -> None:
        self.target = rows[settings.target].to_numpy("float64")
        self._measured, self._task, self._seed = measured, task, settings.seed
        answers = task.answers(task.scores_of(measured), rule, rows)
        given = {name: answers[name] for name in task.counted_names}
        table = arrow.table(pd.DataFrame(given | {OUTCOME: self.target}))
        self._counter = answer_counts(task.plan_answers(table, OUTCOME))
        self._places = np.atleast_2d(self._counter.places(table.drop_columns(OUTCOME)))
        self._diagnostics = task.diagnose(self.target[:half], measured[:half], rule)
        self._before = self._scores(np.arange(half))

    def errors(self, spans: list[np.ndarray]) -> dict[Metric, _Errors]:
        """Return how far estimates of each metric are off over spans."""
        actual = [self._scores(at) for at in spans]
        estimated = [self._estimate(at) for at in spans]
        found = {}
        for name in _in_all(estimated):
            true = np.array([scores[name] for scores in actual])
            values = np.array([scores[name].value for scores in estimated])
            chances = np.array([scores[name].error for scores in estimated])
            squares = ((values - true) ** 2, (self._before[name] - true) ** 2, chances**2)
            found[name] = _Errors(*(float(np.nanmean(one)) for one in squares))
        return found

    def _scores(self, at: np.ndarray) -> Mapping[Metric, float]:
        each = np.ones(len(at))
        found = self._task.measure(self.target[at], self._measured[at], each[None], each)
        return {name: float(value) for name, (value,) in found.items()}

    def _estimate(self, at: np.ndarray) -> dict[Metric, Score]:
        places, shape = self._places[:, at].ravel(), self._counter.shape
        counts = np.bincount(places[places >= 0], minlength=int(np.prod(shape))).reshape(shape)
        return self._counter.estimate(counts, self._diagnostics, self._seed)
