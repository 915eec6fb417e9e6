"""How a model's scores vary from one span of time to the next, as a monitor's windows are spans."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from shared.kinds import Metric, higher_is_better
from shared.model.evaluation import (
    ScoreVariation,
    ShareVariation,
    SliceVariation,
    TraitVariation,
)
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.metrics import Measure
from shared.tasks.outcome_statistics import HALF_A_ROW, Share, Trait
from shared.tasks.task import Task
from shared.tasks.traits import UNANSWERED, unanswered
from shared.training.judging import trait_variation

SPANS_HOURS = (4, 12, 24, 72, 168, 336, 672)
FEWEST_BLOCKS, MOST_BLOCKS = 4, 100
# What is wanted of the errors of many blocks is one number over all: few resamples of each will do,
# and of a large one these rows.
RESAMPLES, ERROR_ROWS = 40, 10_000
MOST_SLICE_BLOCKS = 20
# More rows of a block tell hardly more of it, and what chance adds to fewer is taken off.
MOST_BLOCK_ROWS = 50_000
UNKNOWN = Trait(np.nan, np.nan)


def measure(
    rows: pd.DataFrame,
    measured: np.ndarray,
    task: Task,
    settings: Settings,
    history: pd.DataFrame | None = None,
) -> tuple[ScoreVariation, ...]:
    """Return the variation over each length of spans, the shortest first; none of too few spans.

    Spans overlap by half; those with fewer outcomes than the monitor judges are left out. `bias` is
    what is observed less what is predicted. How many outcomes never came is known of a `history`
    that has rows without one.
    """
    moments = pd.to_datetime(rows[settings.time], utc=True)
    target = rows[settings.target].to_numpy("float64")
    slices = _slices(rows, settings)
    scorer = _Scorer(target, measured, moments, task, settings)
    without = _without_outcome(history, settings)
    found = []
    for hours in SPANS_HOURS:
        enough = scorer.with_enough(spans_of(moments, pd.Timedelta(hours=hours)))
        blocks = scorer.kept(enough)
        if len(blocks) >= FEWEST_BLOCKS:
            blocks = scorer.looked_at(spread_out(blocks, MOST_BLOCKS))
            spread, worst = scorer.over(blocks)
            found.append(
                ScoreVariation(
                    hours=hours,
                    blocks=len(blocks),
                    spread=spread,
                    worst=worst,
                    slices=scorer.over_slices(blocks, slices),
                    # A span may well be without a class.
                    shares=scorer.shares_over(spread_out(enough, MOST_BLOCKS)),
                    traits=scorer.traits_over(blocks)
                    | _unanswered(without, pd.Timedelta(hours=hours), settings),
                )
            )
    return tuple(found)


def spread_out(blocks: list[np.ndarray], most: int) -> list[np.ndarray]:
    """Return at most so many of the blocks, evenly."""
    return [blocks[at] for at in np.unique(np.linspace(0, len(blocks) - 1, most).astype(int))]


def some_rows(block: np.ndarray) -> np.ndarray:
    """Return the rows of a block that are looked at: of a large one some, evenly over it."""
    looked_at = np.linspace(0, len(block) - 1, min(len(block), MOST_BLOCK_ROWS))
    return np.asarray(block[looked_at.astype(int)])


class _Score(NamedTuple):
    """A metric on the rows of a block, and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class _Scorer:
    """Scores rows out of many in time, by their target and what is measured of their answers."""

    target: np.ndarray
    measured: np.ndarray
    moments: pd.Series
    task: Task
    settings: Settings

    def kept(self, blocks: list[np.ndarray]) -> list[np.ndarray]:
        """Return the blocks, or rows of one, that can be scored."""
        return [at for at in self.with_enough(blocks) if self.task.can_score(self.target[at])]

    def with_enough(self, blocks: list[np.ndarray]) -> list[np.ndarray]:
        """Return the blocks with as many rows as the monitor judges."""
        return [at for at in blocks if len(at) >= self.settings.monitor.minimum_outcomes]

    def looked_at(self, blocks: list[np.ndarray]) -> list[np.ndarray]:
        """Return the rows of blocks that are scored: of a large one some, evenly over it.

        Of slates none is torn apart.
        """
        return blocks if self.settings.ranking else [*map(some_rows, blocks)]

    def over(self, blocks: list[np.ndarray]) -> tuple[dict[str, float], dict[str, float]]:
        """Return the spread and the worst of each score over blocks, by its name."""
        scored = [self._score(at, self.task.measure) for at in blocks]
        spread: dict[str, float] = {}
        worst: dict[str, float] = {}
        for name in scored[0]:
            values = np.array([score[name].value for score in scored])
            errors = np.array([score[name].error for score in scored])
            # A correlation is not defined of predictions that are all alike.
            known = np.isfinite(values)
            if known.sum() >= FEWEST_BLOCKS:
                values, errors = values[known], errors[known]
            spread[name] = float(np.sqrt(max(values.var(ddof=1) - (errors**2).mean(), 0)))
            worst[name] = float(values.min() if higher_is_better(name) else values.max())
        biases = [self.task.bias(self.target[at], self.measured[at]) for at in blocks]
        gaps = np.array([bias.observed - bias.predicted for bias in biases])
        chance = [bias.variances / bias.rows / bias.rows for bias in biases]
        # A gap is measured from zero, not from the mean gap.
        spread["bias"] = float(np.sqrt(max(np.mean(gaps**2) - np.mean(chance), 0)))
        worst["bias"] = float(np.abs(gaps).max())
        return spread, worst

    def shares_over(self, blocks: list[np.ndarray]) -> dict[str, ShareVariation]:
        """Return how the outcomes of each kind vary over blocks."""
        each = [self.task.shares(self.target[at], self.measured[at]) for at in blocks]
        return {name: _ratios([shares[name] for shares in each]) for name in each[0]}

    def traits_over(self, blocks: list[np.ndarray]) -> dict[str, TraitVariation]:
        """Return how each trait varies over blocks."""
        each = [self.task.traits(self.target[at], self.measured[at]) for at in blocks]
        spans = trait_variation.ends(blocks, self.moments)
        named = {name: [traits.get(name, UNKNOWN) for traits in each] for name in each[0]}
        found = {name: trait_variation.vary(traits, spans) for name, traits in named.items()}
        return {name: varies for name, varies in found.items() if varies}

    def over_slices(
        self, blocks: list[np.ndarray], slices: list[np.ndarray]
    ) -> SliceVariation | None:
        """Return how slices' scores vary over blocks."""
        blocks, judged = spread_out(blocks, MOST_SLICE_BLOCKS), self.task.judged_in_slices
        apart: dict[str, list[float]] = {name: [] for name in judged}
        errors: dict[str, list[float]] = {name: [] for name in judged}
        measure = self.task.measure_of_slices
        for rows in slices:
            parts = self.kept([_within(rows, block) for block in blocks])
            if len(parts) < FEWEST_BLOCKS:
                continue
            whole = self._values(rows, measure)
            for part in parts:
                found = self._score(part, measure)
                for name in judged:
                    sign = 1 if higher_is_better(name) else -1
                    apart[name].append(sign * (whole[name] - found[name].value))
                    errors[name].append(found[name].error)
        if not apart[judged[0]]:
            return None
        over = {
            name: np.mean(np.array(apart[name]) ** 2 - np.array(errors[name]) ** 2)
            for name in judged
        }
        return SliceVariation(
            blocks=len(apart[judged[0]]),
            spread={name: float(np.sqrt(max(over[name], 0))) for name in judged},
            loss={name: max(0.0, *apart[name]) for name in judged},
        )

    def _score(self, at: np.ndarray, measure: Measure) -> dict[Metric, _Score]:
        given = self.target[at], self.measured[at]
        seed = self.settings.seed
        errors = metrics.standard_errors(measure, *given, RESAMPLES, seed, ERROR_ROWS)
        values = self._values(at, measure)
        return {name: _Score(values[name], error) for name, error in errors.items()}

    def _values(self, at: np.ndarray, measure: Measure) -> dict[Metric, float]:
        each = np.ones(len(at))
        found = measure(self.target[at], self.measured[at], each[None], each)
        return {name: float(value) for name, (value,) in found.items()}


def _ratios(shares: list[Share]) -> ShareVariation:
    """Return the variation of how many were observed of how many were expected.

    Half a row more of each, as one of none would have no logarithm.
    """
    observed, expected = np.array(shares).T + HALF_A_ROW
    ratio = observed / expected
    # Counts vary by chance as Poisson's do.
    beyond = np.mean(np.log(ratio) ** 2) - np.mean(1 / expected)
    return ShareVariation(
        least=float(ratio.min()), most=float(ratio.max()), spread=float(np.sqrt(max(beyond, 0)))
    )


def _without_outcome(history: pd.DataFrame | None, settings: Settings) -> pd.Series | None:
    """Tell of each row, by its moment, whether it has no outcome; None of a history with all."""
    if history is None or not history[settings.target].isna().any():
        return None
    moments = pd.to_datetime(history[settings.time], utc=True)
    without = pd.Series(history[settings.target].isna().to_numpy(), index=moments)
    return without.sort_index(kind="stable")


def _unanswered(
    without: pd.Series | None, length: pd.Timedelta, settings: Settings
) -> dict[str, TraitVariation]:
    """Return how the share of rows without an outcome varies; nothing of a history with all."""
    if without is None:
        return {}
    moments, none = without.index.to_series(), without.to_numpy()
    blocks = [
        at for at in spans_of(moments, length) if len(at) >= settings.monitor.minimum_outcomes
    ]
    traits = [unanswered(int(none[at].sum()), len(at)) for at in blocks]
    varies = trait_variation.vary(traits, trait_variation.ends(blocks, moments))
    return {UNANSWERED: varies} if varies else {}


def _slices(rows: pd.DataFrame, settings: Settings) -> list[np.ndarray]:
    """Return the rows of each slice, in order."""
    return [
        np.sort(at)
        for column in settings.slices
        for at in rows.groupby(column, dropna=False, observed=True).indices.values()
    ]


def _within(rows: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return those of rising rows that are in a block, which has no gaps."""
    first, last = np.searchsorted(rows, [block[0], block[-1] + 1])
    return rows[first:last]


def spans_of(moments: pd.Series, length: pd.Timedelta) -> list[np.ndarray]:
    """Return the rows of spans of some length, which overlap by half, by their rising moments."""
    if moments.max() - moments.min() < length:
        return []
    starts = pd.date_range(moments.min(), moments.max() - length, freq=length / 2)
    ends = np.searchsorted(moments, starts + length)
    begins = np.searchsorted(moments, starts)
    return [np.arange(a, b) for a, b in zip(begins, ends, strict=True)]
