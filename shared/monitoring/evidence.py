"""Evidence that adds up: traits of answers over this window and those that went before it.

One week at two and a half deviations is chance, three in a row are proof. The mean over windows is
held against the history's mean, by how history varies from one span to the next, by how much more
spans differed the longer ago the history before them had ended, and by the error of both means.
Its chance of a false alarm is that of one window, however long windows go on. After windows that
were proof by themselves, and alarmed, the sum begins anew with the first that is calm. Windows of
too few outcomes to be judged by are proof only once they have enough together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

import numpy as np

from shared.model.evaluation import Evaluation, ScoreVariation
from shared.model.loss_proofs import lost_quality
from shared.model.verdict import Evidence, Verdict
from shared.monitoring.case import Case
from shared.monitoring.outcomes.losses import QUALITY_PART
from shared.tasks.outcome_statistics import Trait

# A fault of labels is to be known after as many, and an older one is not to hide in ordinary ones.
WINDOWS = 3
# A window is calm that is no farther away than such a share of what one may be by itself.
CALM = 0.5
# Days are alike, and hours are not: shorter spans say nothing of longer ones.
SHORTEST_HOURS = 24


def add_up(
    traits: Mapping[str, Trait],
    case: Case,
    hours: float,
    earlier: Iterable[Verdict],
    tolerated: float = 0.0,
    few: int | None = None,
) -> tuple[Evidence, ...]:
    """Return the evidence of a window of so many hours, with that of the windows before it.

    Nothing is known of traits that the bundle's history has not. `tolerated` is by how much more
    than chance makes, as a logarithm, outcomes may be other than predicted; `few` is how many
    outcomes came where they are fewer than one window is judged by.
    """
    # Rows that are not to be believed tell nothing of those after them.
    before = list(takewhile(lambda old: old.believable, windows_before(case, earlier)))
    known = {
        name: trait
        for name, trait in traits.items()
        if np.isfinite(trait.value) and _span(case.bundle.evaluation, name, hours)
    }
    rate = QUALITY_PART * case.baseline.false_alarms / max(len(known), 1)
    return tuple(
        _evidence(
            *(name, trait, case, hours, before, rate),
            tolerated if trait.ratio and not trait.side else 0.0,
            few,
        )
        for name, trait in known.items()
    )


def tried_gap(case: Case, hours: float) -> float:
    """Return up to how many hours after a history's end all traits of such spans were compared."""
    evaluation = case.bundle.evaluation
    names = {name for span in evaluation.varies for name in span.traits}
    spans = {name: _span(evaluation, name, hours) for name in names}
    return min((span.traits[name].gap for name, span in spans.items() if span), default=0.0)


def windows_before(case: Case, earlier: Iterable[Verdict]) -> list[Verdict]:
    """Return the latest verdicts on the same bundle's windows that end where the next begins.

    The latest first; between two of them, less than a window may be missing.
    """
    start, until = case.start, case.until
    found: list[Verdict] = []
    if not start or not until:
        return found
    same = [
        old
        for old in earlier
        if old.evidence and old.bundle == case.bundle.digest and old.source == case.scope.source
    ]
    for old in sorted(same, key=lambda one: (one.until or "", one.judged_at), reverse=True):
        if len(found) == WINDOWS - 1 or not old.start or not old.until:
            break
        ended = datetime.fromisoformat(old.until)
        if ended > start:
            continue
        if start - ended >= until - start:
            break
        found.append(old)
        start = datetime.fromisoformat(old.start)
    return found


def _evidence(
    name: str,
    trait: Trait,
    case: Case,
    hours: float,
    before: Sequence[Verdict],
    rate: float,
    tolerated: float,
    few: int | None,
) -> Evidence:
    span = _span(case.bundle.evaluation, name, hours)
    assert span is not None
    varies = span.traits[name]
    # Of windows shorter than any span that is known each varies as much more as they are shorter.
    longer = max(span.hours / hours, 1.0) if hours else 1.0
    spread = _spread(case.bundle.evaluation, span, name) * longer**0.5
    if few is not None:
        # Few outcomes have few spans behind them: that these did not vary may be chance.
        spread = float(np.hypot(spread, varies.error * (2 / max(varies.blocks - 1, 1)) ** 0.25))
    learnt = _Learnt(name, span, spread)
    tail = rate if trait.side else rate / 2

    def reach(errors: Sequence[float], gap: float) -> float:
        found = learnt.reach(errors, max(gap, 0.0), tail) + tolerated
        return max(found, float(np.finfo("float64").tiny))

    def is_over(old: Verdict, one: Evidence, ago: int) -> bool:
        # What is over would go on in the sum as if it were not. That such windows are left out
        # makes sums of ordinary ones smaller, and their false alarms no more.
        away, own = one.value - varies.mean, trait.value - varies.mean
        side = trait.side or np.sign(away)
        alarmed = one.excess > 1 or lost_quality(old)
        was_proof = side * away > reach([one.error], case.gap - ago * hours)
        return bool(alarmed and was_proof and side * own < CALM * reach([trait.error], case.gap))

    windows: list[tuple[float, float, str | None]] = [(trait.value, trait.error, None)]
    outcomes = [few]
    for ago, old in enumerate(before, 1):
        same = next((one for one in old.evidence if one.trait == name), None)
        if same is None or is_over(old, same, ago):
            break
        windows.append((same.value, same.error, old.start))
        outcomes.append(same.few)
    values, errors, starts = zip(*windows, strict=True)
    # The mean is of windows which began at once and up to so many hours earlier.
    gap = case.gap - (len(windows) - 1) / 2 * hours
    return Evidence(
        trait=name,
        value=trait.value,
        error=trait.error,
        mean=float(np.mean(values)),
        windows=len(windows),
        since=starts[-1],
        expected=varies.mean,
        reach=reach(errors, gap),
        side=trait.side,
        ratio=trait.ratio,
        hours=span.hours,
        blocks=varies.blocks,
        few=few,
        open=not _are_enough(outcomes, case.monitor.minimum_outcomes),
    )


def _are_enough(outcomes: Sequence[int | None], fewest: int) -> bool:
    """Tell whether windows have together as many outcomes as are judged, or one has by itself."""
    return None in outcomes or sum(filter(None, outcomes)) >= fewest


@dataclass(frozen=True)
class _Learnt:
    """What history has of a trait: over which spans it is known, and how it varies between them."""

    name: str
    span: ScoreVariation
    spread: float

    def reach(self, errors: Sequence[float], gap: float, tail: float) -> float:
        """Return how far a mean over windows with such errors is by chance, in so rare a case.

        Their middle is `gap` hours after the history's end.
        """
        from scipy import special

        varies, count = self.span.traits[self.name], len(errors)
        # Spans overlap by half.
        apart = (varies.blocks + 1) / 2
        between = self.spread * np.sqrt(1 / count + 1 / apart)
        drift = _drift(self.span, self.name, self.spread, gap)
        of_windows = np.sqrt(sum(error**2 for error in errors)) / count
        chance = np.hypot(of_windows, varies.error / np.sqrt(apart))
        away = np.sqrt(between**2 + drift**2 + chance**2)
        return float(-special.stdtrit(varies.blocks, tail) * away)


def _drift(span: ScoreVariation, name: str, spread: float, gap: float) -> float:
    """Return how far a trait may have moved since the history ended, a standard deviation.

    By how much more later spans differed, as far as that was tried; from there on what varied goes
    on as a walk does, whose square grows by as much again for each such gap. What few spans vary by
    may be more than it looks, by the standard error of a variance.
    """
    varies = span.traits[name]
    tried = max(varies.gap, span.hours)
    # Spans overlap by half.
    apart = (varies.blocks + 1) / 2
    unsure = (spread**2 + varies.error**2) * np.sqrt(2 / max(apart - 1, 1.0))
    untried = (spread**2 + unsure) * max(gap / tried - 1, 0.0)
    return float(np.sqrt(varies.wander * gap + varies.trend * gap**2 + untried))


def _span(evaluation: Evaluation, name: str, hours: float) -> ScoreVariation | None:
    """Return the longest spans that fit in a window of those over which a trait is known."""
    known = [span for span in evaluation.varies if name in span.traits]
    fitting = [span for span in known if span.hours <= 1.05 * hours] or known[:1]
    return fitting[-1] if fitting else None


def _spread(evaluation: Evaluation, span: ScoreVariation, name: str) -> float:
    """Return how a trait varies between spans: at least as shorter ones do that even out.

    Long spans are few, and what few vary by may be little by chance.
    """
    shorter = [
        (one.traits[name], one.hours)
        for one in evaluation.varies
        if name in one.traits and SHORTEST_HOURS <= one.hours <= span.hours
    ]
    if not shorter:
        return span.traits[name].spread
    blocks = np.array([varies.blocks for varies, _ in shorter])
    evened = np.array([varies.spread**2 * hours / span.hours for varies, hours in shorter])
    return float(np.sqrt(max(span.traits[name].spread ** 2, (blocks @ evened) / blocks.sum())))
