"""Which rows are acted on, and which of them are let through by chance, as anyone can compute."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from shared.sections.answers import Action

BITS = 64


class Decided(NamedTuple):
    """What was decided of rows, both of shape (rows,).

    `acted` says where a row is acted on, so that its outcome is never seen; `propensity` is the
    chance that it had to be seen, before chance was asked.
    """

    acted: np.ndarray
    propensity: np.ndarray


def decide(predicted: np.ndarray, keys: Iterable[Any] | None, action: Action) -> Decided:
    """Decide of rows by their predictions, shape (rows,), and their keys.

    Without keys nobody is let through: there is nothing that chance could be of.
    """
    concerned = predicted == action.on
    acted = concerned.copy()
    if keys is not None and action.let_through:
        values = keys.to_pylist() if hasattr(keys, "to_pylist") else list(keys)
        at = np.flatnonzero(concerned)
        acted[at] = [chance(str(values[row]), action.seed) >= action.let_through for row in at]
    return Decided(acted, np.where(concerned, action.let_through, 1.0))


def chance(key: str, seed: int) -> float:
    """Return a number from 0 to below 1 that a key has with a seed, wherever it is asked."""
    hashed = blake2b(key.encode(), digest_size=BITS // 8, key=str(seed).encode()).digest()
    # A float has 53 bits: the others could round up to 1.
    return (int.from_bytes(hashed) >> (BITS - 53)) / (1 << 53)
