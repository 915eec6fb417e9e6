"""Losses: by how much scores are worse than expected, beside what chance and history explain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from shared.kinds import Metric, higher_is_better
from shared.model.evaluation import ScoreVariation, ShareVariation
from shared.monitoring.outcomes.slices import Slice
from shared.tasks.metrics import Score
from shared.tasks.multiclass.class_shares import share_words
from shared.tasks.outcome_statistics import HALF_A_ROW, Bias, Share

BIAS, SHARE = "bias", "share"
# Half of the false alarms are for quality: a third of these each for the scores of all rows, for
# those of slices, and for what adds up over windows.
QUALITY_PART = 1 / 6


@dataclass(frozen=True)
class Loss:
    """By how much a score is worse than expected, and by how much it may be by chance.

    `threshold` has the error of both scores, and how the score varied between `blocks` spans of
    `hours` before training ended, of which one lost as much as `largest`; None where none is known.
    It is of all rows, or of the `share` of them that are in a `slice`, whose scores rest on its
    `telling` outcomes. `of` is a bias's class, where there are several, or which outcomes have
    another share than was predicted.
    """

    metric: str
    now: float
    expected: float
    loss: float
    threshold: float
    largest: float | None
    hours: int | None
    blocks: int | None
    slice: str | None = None
    share: float = 1.0
    of: str = ""
    telling: int | None = None

    @property
    def proven(self) -> bool:
        """Whether the loss has passed its threshold."""
        return self.loss > self.threshold

    def of_bias(self, observed: str) -> str:
        """Return what a bias is of: the share of its class, or what is `observed` of all rows."""
        return f"share of {share_words(self.of)}" if self.of else observed


class Compared(NamedTuple):
    """A score of the window, and the one that was expected."""

    metric: Metric
    now: Score
    expected: Score


def overall_losses(
    compared: Sequence[Compared],
    checks: int,
    bias: Bias,
    variation: ScoreVariation | None,
    false_alarms: float,
) -> tuple[Loss, ...]:
    """Return what all rows have lost by each metric, and how biased the answers are.

    It is one of so many `checks` of all rows. Outcomes of one class have no scores, and a bias
    alone.
    """
    deviations = _deviations(checks, false_alarms)
    measured: list[tuple[str, float, float, float]] = [
        (name, now.value, expected.value, _error(now, expected)) for name, now, expected in compared
    ]
    lost = [_overall_loss(*each, deviations, variation) for each in measured]
    biased = (BIAS, bias.observed, bias.predicted, bias.error)
    return (*lost, replace(_overall_loss(*biased, deviations, variation), of=bias.of))


def share_losses(
    shares: Mapping[str, Share],
    received: int,
    checks: int,
    variation: ScoreVariation | None,
    false_alarms: float,
) -> tuple[Loss, ...]:
    """Return by how much shares of the `received` outcomes are not what was predicted.

    How many times as many there may be as were predicted is known of history; chance is Poisson's.
    Nothing is known of a share where the history is too short.
    """
    known, deviations = variation.shares if variation else {}, _deviations(checks, false_alarms)
    return tuple(
        _share_loss(name, share, received, known[name], variation, deviations)
        for name, share in shares.items()
        if variation and name in known
    )


def _share_loss(
    name: str,
    share: Share,
    received: int,
    known: ShareVariation,
    variation: ScoreVariation,
    deviations: float,
) -> Loss:
    from scipy import special

    rare, reach = float(special.ndtr(-deviations)), float(np.exp(deviations * known.spread))
    expected = share.expected + HALF_A_ROW
    if share.observed < share.expected:
        least = _poisson_quantile(rare, expected * min(known.least, 1 / reach))
        threshold, largest = share.expected - least, 1 - known.least
    else:
        most = _poisson_quantile(1 - rare, expected * max(known.most, reach))
        threshold, largest = most - share.expected, known.most - 1
    return Loss(
        metric=SHARE,
        now=share.observed / received,
        expected=share.expected / received,
        loss=abs(share.observed - share.expected) / received,
        threshold=float(threshold) / received,
        largest=max(largest, 0.0) * share.expected / received,
        hours=variation.hours,
        blocks=variation.blocks,
        of=name,
    )


def _poisson_quantile(share: float, mean: float) -> float:
    """Return the least count that is reached, or not passed, by such a share of all."""
    from scipy import special

    if np.exp(-mean) >= share:
        return 0.0
    return float(np.ceil(special.pdtrik(share, mean)))


def _overall_loss(
    metric: str,
    now: float,
    expected: float,
    error: float,
    deviations: float,
    variation: ScoreVariation | None,
) -> Loss:
    sign = 1 if metric != BIAS and higher_is_better(metric) else -1
    loss = abs(now - expected) if metric == BIAS else sign * (expected - now)
    if variation is None:
        return Loss(metric, now, expected, loss, float(deviations * error), None, None, None)
    worst, spread = variation.worst[metric], variation.spread[metric]
    largest = worst if metric == BIAS else max(sign * (expected - worst), 0.0)
    threshold = float(np.hypot(max(deviations * spread, largest), deviations * error))
    span = variation.hours, variation.blocks
    return Loss(metric, now, expected, loss, threshold, largest, *span)


def _error(now: Score, expected: Score) -> float:
    return float(np.hypot(now.error, expected.error))


def slice_losses(
    slices: tuple[Slice, ...],
    judged: Sequence[Metric],
    received: int,
    variation: ScoreVariation | None,
    false_alarms: float,
) -> tuple[Loss, ...]:
    """Return what slices of the `received` rows have lost; none where no variation is known."""
    known = variation.slices if variation else None
    if not variation or not known or not slices:
        return ()
    deviations, losses = _deviations(len(judged) * len(slices), false_alarms), []
    for one in slices:
        for name in judged:
            now, once = one.scores[name], one.expected[name]
            sign = 1 if higher_is_better(name) else -1
            reach = max(deviations * known.spread[name], known.loss[name])
            losses.append(
                Loss(
                    metric=name,
                    now=now.value,
                    expected=once.value,
                    loss=sign * (once.value - now.value),
                    threshold=float(np.hypot(reach, deviations * _error(now, once))),
                    largest=known.loss[name],
                    hours=variation.hours,
                    blocks=known.blocks,
                    slice=one.name,
                    share=one.received / received,
                    telling=one.telling,
                )
            )
    return tuple(losses)


def _deviations(checks: int, false_alarms: float) -> float:
    """Return how many standard deviations away is as rare as quality's alarms may be.

    It is a part of the window's false alarms: all rows have one for themselves, and the slices.
    """
    from scipy import special

    return float(-special.ndtri(QUALITY_PART * false_alarms / checks))
