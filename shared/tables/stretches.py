"""A sequence of weights cut into stretches: of at most so much, or at most so many of them."""

import itertools
from collections.abc import Sequence


def stretches_of(weights: Sequence[int], most: int) -> list[range]:
    """Cut weights into stretches that weigh at most `most`, but for one that is more by itself.

    Each is a range of places, one after another; no weights are no stretches.
    """
    starts: list[int] = []
    held = 0
    for at, weight in enumerate(weights):
        if not starts or (held and held + weight > most):
            starts.append(at)
            held = 0
        held += weight
    return _ranges(starts, len(weights))


def equal_stretches(weights: Sequence[int], count: int) -> list[range]:
    """Cut weights into at most `count` stretches that weigh about the same."""
    share = sum(weights) / max(1, count)
    starts: list[int] = []
    done = 0
    for at, weight in enumerate(weights):
        if not starts or (done >= share * len(starts) and len(starts) < count):
            starts.append(at)
        done += weight
    return _ranges(starts, len(weights))


def _ranges(starts: Sequence[int], end: int) -> list[range]:
    return [range(*ends) for ends in itertools.pairwise([*starts, end])]
