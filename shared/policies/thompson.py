"""Thompson sampling over scores: at each position the largest of one number around each score.

The model says how likely a click is, not how sure it is of that. So a score counts as much as
`PSEUDO_ROWS` rows with that share of clicks would, beside two clicks and two others of nobody's: a
candidate's number comes from Beta(2 + score · rows, 2 + (1 - score) · rows), anew at each position.
"""

import numpy as np
from scipy import special

PSEUDO_ROWS = 1000
# With two of each, a density is flat at its ends, where the integral would be less exact.
PRIOR_ROWS = 2
# The chance that a candidate has the largest number is an integral over these angles: the click
# rate is the square of an angle's sine, and every density is about equally wide in them.
ANGLES = 512
STEP = np.pi / 2 / ANGLES
RATES = np.sin((np.arange(ANGLES) + 0.5) * STEP) ** 2
# Less density than this adds nothing to a chance.
NEGLIGIBLE = 1e-14


def thompson_slate(scores: np.ndarray, k: int, random: np.random.Generator) -> np.ndarray:
    """Return the places of the candidates shown, int64 of shape (k,); k is at most their count."""
    clicks, others = _pseudo_counts(scores)
    shown = np.empty(k, "int64")
    for position in range(k):
        numbers = random.beta(clicks, others)
        numbers[shown[:position]] = -1
        shown[position] = numbers.argmax()
    return shown


def thompson_propensities(scores: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return the chance that each shown candidate has the largest number of those left; (k,).

    By the midpoint rule over `ANGLES` angles, with an absolute error below 1e-5; the last that is
    left has exactly 1.
    """
    clicks, others = _pseudo_counts(scores)
    density = _densities(clicks[shown], others[shown])
    counted = (density > NEGLIGIBLE).any(axis=0)
    if not counted.any():
        return np.ones(len(shown))
    below = special.betainc(clicks[:, None], others[:, None], RATES[counted])
    chances = np.log(np.maximum(below, np.finfo("float64").tiny))
    # From below, so that nothing is taken off a sum again.
    rest = np.delete(chances, shown, axis=0).sum(axis=0)
    upward = np.cumsum(np.concatenate([rest[None], chances[shown][:0:-1]]), axis=0)
    found = (density[:, counted] * np.exp(upward[::-1])).sum(axis=1)
    found[len(scores) - 1 :] = 1
    return np.minimum(found, 1)


def _densities(clicks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the probability of each angle's step under each Beta; of shape (candidates, angles).

    By angles, a Beta's density is that by rates times the derivative of the sine's square.
    """
    log = (clicks[:, None] - 0.5) * np.log(RATES) + (others[:, None] - 0.5) * np.log1p(-RATES)
    return 2 * STEP * np.exp(log - special.betaln(clicks, others)[:, None])


def _pseudo_counts(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return PRIOR_ROWS + scores * PSEUDO_ROWS, PRIOR_ROWS + (1 - scores) * PSEUDO_ROWS
