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
from shared.tasks import metrics
from shared.tasks.choice import answer_counts
from shared.tasks.metrics import Score
from shared.tasks.task import Rule, Task
from shared.training.judging import stability

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
    first half's own scores. Spans of all lengths decide together which metrics are estimated, and
    how much of an estimate's distance from the score before outcomes followed; of spans that could
    not be tried, estimates are as far off as on the next in length. What few spans tell of how far
    they are off is made as much wider as Student's distribution is than a normal one.
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
            kept = stability.spread_out(kept, MOST_SPANS)
            looked_at = kept if settings.ranking else [*map(stability.some_rows, kept)]
            tried[span.hours] = trial.errors(looked_at, _wider(_apart(kept)))
    if not tried:
        return tuple(varies)
    each = list(tried.values())
    as_near = [n for n in _in_all(each) if _is_as_near([errors[n] for errors in each])]
    followed = {name: _followed([errors[name] for errors in each]) for name in as_near}

    def estimates(hours: int) -> dict[str, float]:
        nearest = tried[min(tried, key=lambda those: abs(np.log(those / hours)))]
        return {str(name): nearest[name].beyond_chance(followed[name]) for name in as_near}

    def known(hours: int) -> dict[str, Any]:
        return {"estimates": estimates(hours), "followed": followed}

    return tuple(span.model_copy(update=known(span.hours)) for span in varies)


def _apart(spans: Sequence[np.ndarray]) -> int:
    """Return how many of the spans, which are in order, share no row with each other."""
    found, end = 0, -1
    for at in spans:
        if at[0] > end:
            found, end = found + 1, at[-1]
    return found


def _wider(spans: int) -> float:
    """Return how much wider 95% of Student's distribution is than of a normal one."""
    from scipy import special

    return float(special.stdtrit(spans, 0.975) / metrics.NORMAL_95)


def _in_all(found: Sequence[Mapping[Metric, Any]]) -> list[Metric]:
    """Return the metrics that all of them have: of rows without answers nothing is estimated."""
    return [name for name in found[0] if all(name in one for one in found)]


def _is_as_near(errors: Sequence["_Errors"]) -> bool:
    """Tell whether estimates came as near as what was before, by the mean over lengths of spans."""
    ratios = [
        np.log(one.square() / one.before) for one in errors if one.square() > 0 and one.before
    ]
    return bool(np.mean(ratios or [0.0]) <= 2 * np.log(AS_NEAR))


def _followed(errors: Sequence["_Errors"]) -> float:
    """Return how much of an estimate's distance from the score before is best believed, 0 to 1.

    It is the slope of least squares, over all lengths of spans, of which each counts as much.
    """
    weighed = [one for one in errors if one.before]
    distance = sum(one.distance / one.before for one in weighed)
    together = sum(one.together / one.before for one in weighed)
    return float(np.clip(together / distance, 0, 1)) if distance else 1.0


class _Errors(NamedTuple):
    """Mean squares over spans, of how far what was measured is from the scores before.

    `before` is of that distance, `distance` of the estimate's, and `together` the mean product of
    both; `chance` is of an estimate's standard error. What is beyond it is to be so much `wider`.
    """

    before: float
    distance: float
    together: float
    chance: float
    wider: float

    def square(self, followed: float = 1.0) -> float:
        """Return the mean squared error of estimates that go so much of their distance."""
        return self.before - 2 * followed * self.together + followed**2 * self.distance

    def beyond_chance(self, followed: float) -> float:
        """Return how far these are off, beyond what chance explains.

        What is followed is known of the same spans: of others they may be as far off as if all was.
        """
        off = max(self.square(followed), self.square())
        return self.wider * float(np.sqrt(max(off - self.chance, 0)))


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

    def errors(self, spans: list[np.ndarray], wider: float) -> dict[Metric, _Errors]:
        """Return how far estimates of each metric are off over spans."""
        actual = [self._scores(at) for at in spans]
        estimated = [self._estimate(at) for at in spans]
        found = {}
        for name in _in_all(estimated):
            true = np.array([scores[name] for scores in actual]) - self._before[name]
            moved = np.array([scores[name].value for scores in estimated]) - self._before[name]
            chances = np.array([scores[name].error for scores in estimated])
            known = np.isfinite(true) & np.isfinite(moved)
            if known.any():
                squares = (true**2, moved**2, moved * true, chances**2)
                before, distance, together, chance = (float(s[known].mean()) for s in squares)
                found[name] = _Errors(before, distance, together, chance, wider)
        return found

    def _scores(self, at: np.ndarray) -> Mapping[Metric, float]:
        each = np.ones(len(at))
        found = self._task.measure(self.target[at], self._measured[at], each[None], each)
        return {name: float(value) for name, (value,) in found.items()}

    def _estimate(self, at: np.ndarray) -> dict[Metric, Score]:
        places, shape = self._places[:, at].ravel(), self._counter.shape
        counts = np.bincount(places[places >= 0], minlength=int(np.prod(shape))).reshape(shape)
        return self._counter.estimate(counts, self._diagnostics, self._seed)
