"""What one window shows of a model's influence on its own data, in numbers with their errors.

Errors are by leaving out each of some groups of users (the jackknife: Efron and Stein, The
jackknife estimate of variance, 1981): what a user is shown, and clicks, is no independent row.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple, get_args

import numpy as np

from shared.kept import Kept
from shared.policies import exposure
from shared.policies.impressions import Impressions

USER_GROUPS = 20
# Of how often it would be shown by an even choice: a favourite is shown more often.
FAVOURED = 2.0
# With fewer clicks on either side, a ratio says nothing.
FEWEST_CLICKS = 10
MeasureName = Literal["favourites", "explored", "positions", "variety", "variety of each user"]
NAMES: tuple[MeasureName, ...] = get_args(MeasureName)


class Measured(NamedTuple):
    """A measure's value, and its standard error; both NaN where nothing can be said."""

    value: float
    error: float


class WindowFeedback(Kept):
    """What a window of a `model` shows: how concentrated exposure is, who decided it, and measures.

    Of `items` that were shown, half of the exposure had so few (`half`); `gini` is that of all.
    `decided` is the share of rows that each policy decided, by its name; the rest was even chance.
    What cannot be measured is not in `measured`: a value and its error by each name.
    """

    model: str
    rows: int
    clicks: int
    items: int
    half: int
    gini: float
    decided: dict[str, float]
    measured: dict[MeasureName, tuple[float, float]]

    @property
    def decided_share(self) -> float:
        """The share of all rows that a policy decided, and not chance."""
        return sum(self.decided.values())


def measure(rows: Impressions, model: str, weights: np.ndarray | None = None) -> WindowFeedback:
    """Measure a window with at least one row, of a model by its name.

    `weights` are those by which the next training learns from the rows: 1 where left out.
    """
    rows = replace(rows, item=np.unique(rows.item, return_inverse=True)[1])
    items = max(int(rows.candidates.max()), int(rows.item.max()) + 1)
    shown = np.bincount(rows.item, minlength=items).astype("float64")
    return WindowFeedback(
        model=model,
        rows=len(rows.item),
        clicks=int(rows.clicked.sum()),
        items=int((shown > 0).sum()),
        half=exposure.fewest_for_half(shown),
        gini=float(exposure.gini(shown)),
        decided=_decided(rows),
        measured={
            name: (found.value, found.error)
            for name, found in _measured(rows, items, weights).items()
            if np.isfinite(found).all()
        },
    )


def _decided(rows: Impressions) -> dict[str, float]:
    """Return how much of all rows each policy decided."""
    names, which = np.unique(rows.policy, return_inverse=True)
    shares = np.bincount(which, np.nan_to_num(rows.decided, nan=1.0), len(names)) / len(which)
    return {str(name): float(share) for name, share in zip(names, shares, strict=True)}


def _measured(
    rows: Impressions, items: int, weights: np.ndarray | None
) -> Mapping[MeasureName, Measured]:
    shown = np.bincount(rows.item, minlength=items)
    favourite = (shown > FAVOURED * shown.mean())[rows.item]
    chosen = rows.even < 1
    counted = _Counted(rows)
    even, learnt = np.ones(len(rows.item)), np.ones(len(rows.item))
    learnt = learnt if weights is None else weights
    return {
        "favourites": counted.compared(favourite, rows.probability),
        "explored": counted.compared(chosen, rows.probability),
        "positions": counted.confounded(favourite, even, learnt),
        "variety": counted.variety(items),
        "variety of each user": counted.variety_by_user(items),
    }


class _Counted:
    """Sums over the rows by groups of users, of which each in turn is left out."""

    def __init__(self, rows: Impressions) -> None:
        self._rows, self._group = rows, rows.user % USER_GROUPS
        self._position = np.unique(rows.position, return_inverse=True)[1]

    def compared(self, inside: np.ndarray, expected: np.ndarray) -> Measured:
        """Compare clicks with expected ones, of rows inside a group over those outside."""
        clicks = self._sums(inside, self._rows.clicked)
        if _too_few(clicks) or not np.isfinite(expected).all():
            return Measured(np.nan, np.nan)
        sums = np.stack([clicks, self._sums(inside, expected)])
        return _jackknifed(sums, lambda left: click_ratio(left[0], left[1]))

    def confounded(self, inside: np.ndarray, even: np.ndarray, learnt: np.ndarray) -> Measured:
        """Compare click rates as they are learnt with those at equal positions."""
        rates = [(even * self._rows.clicked), even, learnt * self._rows.clicked, learnt]
        sums = np.stack([self._sums(inside, each) for each in rates])
        if _too_few(sums[0]):
            return Measured(np.nan, np.nan)

        def apart(left: np.ndarray) -> np.ndarray:
            as_learnt = click_ratio(pooled(left[2]), pooled(left[3]))
            return as_learnt - click_ratio(left[0], left[1])

        return _jackknifed(sums, apart)

    def variety(self, items: int) -> Measured:
        """Return the entropy of what all users are shown."""
        cells = self._group * items + self._rows.item
        shown = np.bincount(cells, minlength=USER_GROUPS * items).reshape(USER_GROUPS, items)
        return _jackknifed(
            shown[None].astype("float64"),
            lambda left: exposure.pair_entropy(*exposure.same_pairs(left[0])),
            axis=1,
        )

    def variety_by_user(self, items: int) -> Measured:
        """Return the entropy of what a user is shown, of whom pairs of rows there are."""
        owners, owner = np.unique(self._rows.user, return_inverse=True)
        cells, times = np.unique(owner * items + self._rows.item, return_counts=True)
        same = np.bincount(cells // items, times * (times - 1) / 2, len(owners))
        rows = np.bincount(owner, minlength=len(owners))
        each = [
            np.bincount(owners % USER_GROUPS, pairs, USER_GROUPS)
            for pairs in (same, rows * (rows - 1) / 2)
        ]
        return _jackknifed(np.stack(each), lambda left: exposure.pair_entropy(left[0], left[1]))

    def _sums(self, inside: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return sums of shape (groups of users, 2, positions): outside, and inside."""
        positions = int(self._position.max()) + 1
        cells = (self._group * 2 + inside) * positions + self._position
        found = np.bincount(cells, values, USER_GROUPS * 2 * positions)
        return found.reshape(USER_GROUPS, 2, positions)


def _too_few(clicks: np.ndarray) -> bool:
    return bool((clicks.sum(axis=(0, 2)) < FEWEST_CLICKS).any())


def _jackknifed(
    sums: np.ndarray, value: Callable[[np.ndarray], np.ndarray], axis: int = 1
) -> Measured:
    """Return a value of sums, which have the groups of users on an axis, and its error."""
    total = sums.sum(axis=axis, keepdims=True)
    whole = float(value(total)[0])
    without = value(total - sums)
    groups = len(without)
    error = np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum())
    return Measured(whole, float(error))


def click_ratio(clicks: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return the logarithm of the ratio of clicks to expected ones in a group, over that outside.

    Both are of shape (…, 2, positions): outside, and in the group; the answer of (…,), NaN where a
    group has no clicks. With rows for what is expected it compares click rates. It is the rate
    ratio of Mantel and Haenszel (Rothman, Greenland and Lash, Modern Epidemiology, 2008, ch. 15).
    """
    total = expected.sum(axis=-2)
    total = np.where(total > 0, total, 1)
    inside = (clicks[..., 1, :] * expected[..., 0, :] / total).sum(axis=-1)
    outside = (clicks[..., 0, :] * expected[..., 1, :] / total).sum(axis=-1)
    known = (inside > 0) & (outside > 0)
    return np.log(np.where(known, inside, np.nan)) - np.log(np.where(known, outside, np.nan))


def pooled(sums: np.ndarray) -> np.ndarray:
    """Return sums without their positions, as one: shape (…, 2, 1)."""
    return sums.sum(axis=-1, keepdims=True)
