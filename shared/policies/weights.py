"""Importance weights: how many times as likely a target policy is to show what the log shows."""

import numpy as np

from shared.errors import Refusal


def position_weights(target: np.ndarray, propensity: np.ndarray) -> np.ndarray:
    """Return each row's chance under the target over that under the log's policy; (rows,).

    Raises `Refusal` when a chance is none, or one of the log's is 0.
    """
    _check_chances("target", target)
    _check_chances("propensity", propensity)
    if len(propensity) and propensity.min() == 0:
        row = int((propensity == 0).argmax())
        raise Refusal(f"row {row} has a propensity of 0: what was shown had a chance above 0")
    return np.asarray(target / propensity)


def slate_weights(
    weights: np.ndarray, slate: np.ndarray, position: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the product of the weights from a slate's first position to each row, and to above it.

    Both of shape (rows,). What was shown above decides what is left, so that chances given those
    above multiply (McInerney, Brost, Chandar, Mehrotra, Carterette, Counterfactual evaluation of
    slate recommendations with sequential reward interactions, 2020). `slate` are whole numbers
    from 0. Raises `Refusal` when a slate's positions are not 1, 2, 3 and so on.
    """
    order = np.lexsort((position, slate))
    ordered = slate[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    length = np.diff(first, append=len(ordered))
    expected = np.arange(len(ordered)) - np.repeat(first, length) + 1
    odd = np.flatnonzero(position[order] != expected)
    if len(odd):
        raise Refusal(
            f"a slate lacks the row of its position {expected[odd[0]]} or has one twice: weights "
            "multiply down whole slates only (give every row, also those without an outcome)"
        )
    product, above = weights[order], np.ones(len(order))
    for depth in range(1, int(length.max(initial=1))):
        rows = first[length > depth] + depth
        above[rows] = product[rows - 1]
        product[rows] *= above[rows]
    back = np.empty(len(order), "int64")
    back[order] = np.arange(len(order))
    return product[back], above[back]


def _check_chances(name: str, chances: np.ndarray) -> None:
    # Of numbers that are none neither end is one.
    if len(chances) and not (chances.min() >= 0 and chances.max() <= 1):
        row = int((~((chances >= 0) & (chances <= 1))).argmax())
        raise Refusal(f"each {name} is a chance from 0 to 1: row {row} has {chances[row]:g}")
