"""Where all of a loss lies: in the rows with one value of a column that is no declared slice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.monitoring.case import Case
from shared.monitoring.outcomes.row_losses import losses_of
from shared.monitoring.outcomes.slices import MISSING, MOST_VALUES

# A value with fewer rows, in the window or in the reference, says nothing.
FEWEST_ROWS = 30
# All of a loss is in one value where the other rows have surely lost less than so much of what its
# rows have, each.
REST_AT_MOST = 0.25
# How sure it is that the other rows have lost no more.
SURE = 0.05


@dataclass(frozen=True)
class LossPlace:
    """The rows with one value of a column, which are such a share of those with an outcome."""

    column: str
    value: str
    share: float

    def __str__(self) -> str:
        return f"all of it is in the {self.share:.0%} of the rows with {self.column} = {self.value}"


@dataclass(frozen=True)
class _Excess:
    """By how much rows cost more than before on average, and its standard error."""

    mean: float
    error: float


@dataclass(frozen=True)
class _Found:
    """A value that has all of the loss, its rows now and before, and how clearly it has."""

    place: LossPlace
    here: np.ndarray
    there: np.ndarray
    clarity: float


def find(case: Case) -> LossPlace | None:
    """Return where in the window's sample all of its loss lies, beside the bundle's reference.

    The columns are the categories that the settings do not slice by: of those each value is judged
    by itself.
    """
    columns = [
        name for name in case.bundle.contract.categorical if name not in case.settings.slices
    ]
    if not columns:
        return None
    reference = case.bundle.reference().rename(columns={case.bundle.contract.target: OUTCOME})
    now, before = (_known(rows, case, columns) for rows in (case.profile.sample, reference))
    few = [name for name in columns if before[name].nunique() <= MOST_VALUES]
    texts = [{name: _texts(rows[name]) for name in few} for rows in (now, before)]
    lost, lost_before = (losses_of(rows, case.bundle) for rows in (now, before))
    return place_of_loss(texts[0], lost, texts[1], lost_before, case.baseline.false_alarms)


def _known(rows: pd.DataFrame, case: Case, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows whose loss is known."""
    names = [OUTCOME, *case.bundle.task.score_names]
    return (
        rows.dropna(subset=names)
        if {*names, *columns} <= {*rows}
        else rows.iloc[:0].reindex(columns=[*names, *columns])
    )


def _texts(values: pd.Series) -> np.ndarray:
    return values.astype(object).where(values.notna(), MISSING).astype(str).to_numpy()


def place_of_loss(
    now: Mapping[str, np.ndarray],
    lost: np.ndarray,
    before: Mapping[str, np.ndarray],
    lost_before: np.ndarray,
    chance: float,
) -> LossPlace | None:
    """Return where all of a loss lies, if it lies in one value of one of some columns.

    `now` and `before` have each column's values as texts, `lost` and `lost_before` what these rows
    have cost: shapes (n,) and (m,). Its rows have to have lost, and more than the others, beyond
    what `chance` makes of all values of all columns together (Bonferroni), and the others next to
    nothing. Where several columns have such a value, it is the one that is clearest, if its rows
    explain those of the others, and not the other way round; else none is named.
    """
    tried = [*_tried(now, before)]
    if not tried:
        return None
    least = _errors_passed_with(chance / len(tried) / 2)
    found = []
    for column, value in tried:
        here, there = now[column] == value, before[column] == value
        of_value = _excess(lost[here], lost_before[there])
        of_rest = _excess(lost[~here], lost_before[~there])
        apart = np.hypot(of_value.error, of_rest.error)
        has_lost = of_value.mean > least * of_value.error
        is_alone = of_value.mean - of_rest.mean > least * apart
        most_of_rest = of_rest.mean + _errors_passed_with(SURE) * of_rest.error
        if has_lost and is_alone and most_of_rest <= REST_AT_MOST * of_value.mean:
            place = LossPlace(column, value, float(here.mean()))
            found.append(_Found(place, here, there, (of_value.mean - of_rest.mean) / apart))
    found.sort(key=lambda one: -one.clarity)
    if not found or not all(
        _has_lost(found[0], other, lost, lost_before, least)
        and not _has_lost(other, found[0], lost, lost_before, 0.0)
        for other in found[1:]
    ):
        return None
    return found[0].place


def _has_lost(
    one: _Found, other: _Found, lost: np.ndarray, lost_before: np.ndarray, least: float
) -> bool:
    """Say whether rows of a value that are none of another's have lost, beyond chance."""
    here, there = one.here & ~other.here, one.there & ~other.there
    if min(here.sum(), there.sum()) < FEWEST_ROWS:
        return False
    apart = _excess(lost[here], lost_before[there])
    return apart.mean > max(least, _errors_passed_with(SURE)) * apart.error


def _tried(
    now: Mapping[str, np.ndarray], before: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, str]]:
    """Yield the values that enough rows have, and enough others have not, on both sides."""
    for column in now:
        counts = [pd.Series(values).value_counts() for values in (now[column], before[column])]
        sizes = len(now[column]), len(before[column])
        for value in counts[0].index.intersection(counts[1].index):
            rows = [int(count[value]) for count in counts]
            others = [size - count for size, count in zip(sizes, rows, strict=True)]
            if min(*rows, *others) >= FEWEST_ROWS:
                yield column, str(value)


def _errors_passed_with(chance: float) -> float:
    """Return how many of its standard errors a normal number exceeds with such a chance."""
    from scipy import special

    return -float(special.ndtri(chance))


def _excess(now: np.ndarray, before: np.ndarray) -> _Excess:
    error = float(np.sqrt(now.var() / len(now) + before.var() / len(before)))
    return _Excess(float(now.mean() - before.mean()), error)
