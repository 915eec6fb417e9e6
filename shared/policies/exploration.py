"""Exploration: which candidates a slate shows, and the exact chance of each that is shown.

Four policies over the model's scores, each by position, from the first down:

- `none`: the best that is left.
- `epsilon`: with the chance `share` evenly one of those that are left, else the best of them.
- `softmax`: in proportion to the exponential of the scores' logits over `temperature`, among those
  that are left (Plackett-Luce; sampled at once by Gumbel noise: Kool, van Hoof, Welling,
  Stochastic beams and where to find them, 2019).
- `thompson`: the largest of a number around each score (`shared.policies.thompson`).

Of equal scores the one that stands first among the candidates is better. Where fewer candidates
than positions are given, all are shown; of none, none.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from shared.errors import Refusal
from shared.policies.thompson import thompson_propensities, thompson_slate
from shared.sections.answers import Explore

# A score of 0 or 1 has no logit: this much is kept from either.
LEAST_SCORE = 1e-9
# Of groups of so many scores the largest are found first, which takes less than sorting them.
GROUPED = 16


class Shown(NamedTuple):
    """What a slate shows, from its first position down.

    `positions` are places among the candidates, int64 of shape (k,); `propensities` the chance of
    each given those above it, float64 of shape (k,).
    """

    positions: np.ndarray
    propensities: np.ndarray


def choose(scores: np.ndarray, k: int, explore: Explore, random: np.random.Generator) -> Shown:
    """Return the k of the candidates that the policy shows, with their propensities.

    `scores` are the chances of a click, of shape (candidates,). Raises `Refusal` when one is no
    number from 0 to 1, or when k is less than 1.
    """
    scores = _checked(scores)
    if k < 1:
        raise Refusal(f"a slate has at least 1 position, not {k}")
    k = min(k, len(scores))
    best = _best(scores, k, explore)
    match explore.by:
        case "none":
            positions = best
        case "epsilon":
            positions = _epsilon_slate(best, len(scores), explore.share, random)
        case "softmax":
            noise = random.gumbel(size=len(scores))
            positions = best_first(_logits(scores, explore.temperature) + noise, k)
        case "thompson":
            positions = thompson_slate(scores, k, random)
    return Shown(positions, _propensities(scores, positions, explore, best))


def propensities(scores: np.ndarray, shown: np.ndarray, explore: Explore) -> np.ndarray:
    """Return the chance of each shown candidate given those above it; of shape (k,).

    `scores` are those of all candidates, `shown` places among them. They are equal to the last bit
    to those of `choose`. Raises `Refusal` as `choose` does, and when a place is not among the
    candidates or is shown twice.
    """
    scores = _checked(scores)
    places = np.asarray(shown, "int64")
    if places.size and not 0 <= places.min() <= places.max() < len(scores):
        raise Refusal(f"{len(scores)} candidates have no places {places.min()} to {places.max()}")
    if len(set(places.tolist())) < len(places):
        raise Refusal(f"a slate shows each candidate once, not {places.tolist()}")
    return _propensities(scores, places, explore, _best(scores, len(places), explore))


def expected_scores(scores: np.ndarray, shown: np.ndarray, explore: Explore) -> np.ndarray | None:
    """Return the mean score of what the policy would show at each position, of shape (k,).

    It is given what is shown above, as chances are; None with Thompson sampling, whose chances of
    all candidates would take too long.
    """
    scores = _checked(scores)
    best = scores[_best_left(best_first(scores, len(shown)), shown)]
    match explore.by:
        case "none":
            return best
        case "epsilon":
            left = np.arange(len(scores), len(scores) - len(shown), -1)
            total = np.cumsum([np.delete(scores, shown).sum(), *scores[shown][::-1]])[1:][::-1]
            return explore.share * total / left + (1 - explore.share) * best
        case "softmax":
            logits = _logits(scores, explore.temperature)
            weighted = logits + np.log(np.maximum(scores, np.finfo("float64").tiny))
            return np.asarray(np.exp(_log_left(weighted, shown) - _log_left(logits, shown)))
        case "thompson":
            return None


def best_first(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the places of the k largest scores, the largest first, of equal ones the first."""
    if k >= len(scores):
        return np.argsort(-scores, kind="stable")
    groups = len(scores) // GROUPED
    # The k-th largest of the groups' largest is no more than the k-th largest of all.
    largest = scores[: groups * GROUPED].reshape(GROUPED, groups).max(axis=0)
    among = largest if groups > k else scores
    least = np.partition(among, -k)[-k] if k else np.inf
    # As many as are wanted, and more where others equal the last of them.
    places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")[:k]]


def _propensities(
    scores: np.ndarray, shown: np.ndarray, explore: Explore, best: np.ndarray
) -> np.ndarray:
    """Return the chance of each shown place; `best` are as many, where the policy asks for it."""
    match explore.by:
        case "none":
            return (_best_left(best, shown) == shown).astype("float64")
        case "epsilon":
            left = len(scores) - np.arange(len(shown))
            is_best = _best_left(best, shown) == shown
            return explore.share / left + (1 - explore.share) * is_best
        case "softmax":
            logits = _logits(scores, explore.temperature)
            # In a Plackett-Luce order, each weight among those that are left.
            return np.asarray(np.exp(np.minimum(logits[shown] - _log_left(logits, shown), 0)))
        case "thompson":
            return thompson_propensities(scores, shown)


def _best(scores: np.ndarray, k: int, explore: Explore) -> np.ndarray:
    """Return the k best places for the policies that show these, else none."""
    return best_first(scores, k if explore.by in {"none", "epsilon"} else 0)


def _epsilon_slate(
    best: np.ndarray, candidates: int, share: float, random: np.random.Generator
) -> np.ndarray:
    explores = random.random(len(best)) < share
    if not explores.any():
        return best
    in_order, evenly = iter(best.tolist()), _evenly(candidates, len(best), random)
    shown: dict[int, None] = {}
    for explored in explores.tolist():
        shown[_next_left(evenly if explored else in_order, shown)] = None
    return np.array(list(shown), "int64")


def _evenly(candidates: int, at_once: int, random: np.random.Generator) -> Iterator[int]:
    """Yield places without end; those that are not shown yet are even among what is left."""
    while True:
        yield from random.integers(candidates, size=at_once).tolist()


def _next_left(places: Iterator[int], shown: dict[int, None]) -> int:
    return next(place for place in places if place not in shown)


def _best_left(best: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return the place of the best candidate that is not shown above each position."""
    places, at = best.tolist(), 0
    above: set[int] = set()
    found = np.empty(len(shown), "int64")
    for position, place in enumerate(shown.tolist()):
        while places[at] in above:
            at += 1
        found[position] = places[at]
        above.add(place)
    return found


def _logits(scores: np.ndarray, temperature: float) -> np.ndarray:
    inside = np.clip(scores, LEAST_SCORE, 1 - LEAST_SCORE)
    return (np.log(inside) - np.log1p(-inside)) / temperature


def _log_left(logits: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return the logarithm of the weights' sum of what is left at each position.

    In logarithms and from below, so that no weight is lost beside a larger one above it.
    """
    rest = np.delete(logits, shown)
    top = rest.max(initial=-np.inf)
    below = top + np.log(np.exp(rest - top).sum()) if len(rest) else -np.inf
    upward = np.concatenate([[below], logits[shown][::-1]])
    return np.asarray(np.logaddexp.accumulate(upward)[1:][::-1])


def _checked(scores: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, "float64")
    # Of a number that is none the least is none, too.
    if len(scores) and not (scores.min() >= 0 and scores.max() <= 1):
        first = int((~((scores >= 0) & (scores <= 1))).argmax())
        raise Refusal(
            f"scores are chances from 0 to 1: that of candidate {first} is {scores[first]}"
        )
    return scores
