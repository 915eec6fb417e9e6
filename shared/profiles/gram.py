"""Linear dependence of columns: their second moments, and how far a window departs from them.

Every column is a few features: a number its standard score, a category one for each of its frequent
values, the time its hour of the day. The sums of their products (a Gram matrix) add up over rows,
and give the least-squares prediction of each column from all the others, with what it leaves over.
"""

import numpy as np

from shared.profiles.counting_plan import CategoryPlan, CountingPlan, NumberPlan

# Standard scores are kept in steps, so that sums of products are whole numbers, and exact.
STEPS = 64
FARTHEST = 8.0
HOUR = "hour of the day"
HOURS = 24
# What a column may depend on, as on another one; by itself nothing is asked of it.
WEEKDAY = "day of the week"
WEEKDAYS = 7
# Where there is a calendar; on a day of work, or at a weekend anyway.
HOLIDAY = "holiday"
HOLIDAY_TYPES = 2
HARMONICS = 2
DAY_SECONDS = 86_400
# So many rows' features are multiplied at once: sums of products are seldom too large for float32.
ROWS_AT_ONCE = 512
FIRST_UNSURE = 2.0**24
# So many rows' residuals are taken at once.
ROWS_OF_GROUPS = 8_192
# Standard scores; keeps the precision finite of a column that the others determine.
RIDGE = 1e-3


class GramLayout:
    """Where each column's features are in the Gram matrix of a plan; feature 0 is always one.

    `holidays` are features that others may depend on, one for each type; by themselves nothing is
    asked of them. `coded` are the categories, whose features are one or none; the others are in the
    places `stepped`.
    """

    def __init__(self, plan: CountingPlan) -> None:
        self.groups: dict[str, slice] = {}
        at = 1
        for column in plan.columns:
            width = 1 if isinstance(column, NumberPlan) else column.related
            if width:
                self.groups[column.name] = slice(at, at + width)
                at += width
        self.groups[HOUR] = slice(at, at + 2 * HARMONICS)
        at += 2 * HARMONICS
        self.holidays = slice(at, at + (HOLIDAY_TYPES if plan.calendar else 0))
        self.size = self.holidays.stop
        categories = {column.name for column in plan.columns if isinstance(column, CategoryPlan)}
        self.coded = [name for name in self.groups if name in categories]
        are_coded = np.zeros(self.size, "bool")
        for name in self.coded:
            are_coded[self.groups[name]] = True
        self.stepped = np.flatnonzero(~are_coded)


def standard_scores(found: np.ndarray, plan: NumberPlan) -> np.ndarray:
    """Return numbers as standard scores in whole steps; one that is missing is in the middle."""
    # What is too far for a float is as far as anything can be.
    with np.errstate(over="ignore"):
        scores = found - plan.centre
        scores *= STEPS / plan.scale
    np.clip(scores, -STEPS * FARTHEST, STEPS * FARTHEST, out=scores)
    np.rint(scores, out=scores)
    scores[np.isnan(scores)] = 0
    return scores


def hour_waves(seconds: np.ndarray) -> np.ndarray:
    """Return the hour of the day of moments (seconds since 1970) as waves: shape (4, rows)."""
    known = np.isfinite(seconds)
    moments = np.floor(np.where(known, seconds, 0)).astype("int64") % DAY_SECONDS
    return _WAVES.take(np.where(known, moments, DAY_SECONDS), axis=1)


def _waves() -> np.ndarray:
    angle = 2 * np.pi * np.arange(DAY_SECONDS) / DAY_SECONDS
    waves = [wave(n * angle) for n in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    # A moment that is not known is nowhere.
    return np.hstack([np.rint(STEPS * np.array(waves)), np.zeros((2 * HARMONICS, 1))])


def sums_of_products(features: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the Gram matrix of each group of rows: whole numbers, shape (groups, size, size).

    `features` have the shape (size, rows); a group goes from one of `starts` to the next. No sum of
    products, nor any part of it, is larger than the largest sum of squares: float32 adds all up
    exactly where it does these.
    """
    grams = np.zeros((len(starts), len(features), len(features)))
    ends = np.append(starts[1:], features.shape[1])
    for at, (first, end) in enumerate(zip(starts, ends, strict=True)):
        for begin in range(first, end, ROWS_AT_ONCE):
            few = features[:, begin : min(begin + ROWS_AT_ONCE, end)]
            products = few @ few.T
            if products.diagonal().max() >= FIRST_UNSURE:
                finer = few.astype("float64")
                products = finer @ finer.T
            grams[at] += products
    return np.rint(grams).astype("int64")


def precision(gram: np.ndarray) -> np.ndarray:
    """Return the inverse of the mean products of a Gram matrix: both of shape (..., size, size)."""
    rows = np.maximum(gram[..., :1, :1], STEPS**2) / STEPS**2
    ridge = RIDGE * np.eye(gram.shape[-1])
    return np.linalg.inv(gram / (rows * STEPS**2) + ridge)


def relative_residuals(
    gram: np.ndarray, inverse: np.ndarray, groups: dict[str, slice]
) -> np.ndarray:
    """Return how far columns are from what the others predict, the history's mean being 1.

    Of the Gram matrices `gram`, shape (..., size, size), by the history's precision matrix: shape
    (..., groups). It is the squared residual of the linear prediction from all the others, whitened
    by its covariance in the history (whose inverse is the column's block of the precision matrix;
    see Lauritzen, Graphical Models, 1996, section 5.1), divided by the column's features.
    """
    rows = np.maximum(gram[..., :1, :1], STEPS**2)
    moved = inverse @ (gram / rows)
    found = []
    # Of `moved @ inverse` only the columns' own blocks are of use.
    for at in groups.values():
        whitened = inverse[..., :, at] @ np.linalg.inv(inverse[..., at, at])
        energy = np.einsum("...ij,...ji->...", moved[..., at, :], whitened)
        found.append(energy / (at.stop - at.start))
    return np.stack(found, axis=-1)


def residuals_by_held(
    gram: np.ndarray, held: np.ndarray, own: np.ndarray, inverse: np.ndarray, at: slice
) -> float:
    """Return a column's `relative_residuals` where the others are held to the range of history.

    `gram`, `held` and `own` are products of features as they came by themselves, held by
    themselves, and as they came by held ones; all of shape (size, size). `at` is the column's.
    """
    block, pull = inverse[at, at], inverse[at].copy()
    pull[:, at] = 0
    crossed = block @ own[at] @ pull.T
    energy = pull @ held @ pull.T + crossed + crossed.T + block @ gram[at, at] @ block
    rows = max(float(gram[0, 0]), STEPS**2)
    return float(np.trace(np.linalg.solve(block, energy))) / rows / (at.stop - at.start)


def residuals_in_groups(
    features: np.ndarray, inverse: np.ndarray, groups: dict[str, slice], size: int
) -> np.ndarray:
    """Return `relative_residuals` of each `size` rows of features: shape (rows / size, groups).

    `features` have the shape (features, rows). No Gram matrix of each few rows is made: of many
    columns these take far more memory than the rows.
    """
    within = {name: np.linalg.inv(inverse[at, at]) for name, at in groups.items()}
    found, step = [], ROWS_OF_GROUPS // size * size
    for first in range(0, features.shape[1], step):
        moved = inverse @ (features[:, first : first + step].astype("float64") / STEPS)
        energy = [
            np.einsum("ir,ij,jr->r", moved[at], within[name], moved[at]) / (at.stop - at.start)
            for name, at in groups.items()
        ]
        starts = np.arange(0, moved.shape[1], size)
        rows = np.diff(np.append(starts, moved.shape[1]))
        found.append((np.add.reduceat(np.array(energy), starts, axis=1) / rows).T)
    return np.concatenate(found)


def without_columns(gram: np.ndarray, groups: dict[str, slice], names: set[str]) -> np.ndarray:
    """Return a Gram matrix in which some columns depend on no other."""
    kept = gram.astype("float64")
    rows = kept[..., :1, :1]
    for name in names & groups.keys():
        at = groups[name]
        kept[..., at, :] = 0
        kept[..., :, at] = 0
        kept[..., at, at] = rows * np.eye(at.stop - at.start)
    return kept


_WAVES = _waves()
