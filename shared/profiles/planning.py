"""The counting plan of a history: where its numbers lie, and which categories are frequent."""

import numpy as np
import pyarrow as pa

from shared.log_columns import PROBABILITY
from shared.profiles.counting_plan import (
    BINS,
    CategoryPlan,
    ColumnPlan,
    CountingPlan,
    NumberPlan,
)
from shared.profiles.likely_values import likely_values
from shared.schema import arrow
from shared.schema.contract import Contract, ContractColumn
from shared.tasks.choice import task_of

# Of a number with no more distinct values than this, values are kept, so that a new one is seen.
MOST_VALUES = 2_000
# A column with more categories than this is compared by the most frequent; the rest are one.
MOST_CATEGORIES = 1_000
# So many of a column's categories take part in its linear dependence on others, if not too rare.
RELATED_CATEGORIES = 10
RELATED_SHARE = 0.01
# The standard deviation of a normal distribution, in interquartile ranges.
NORMAL = 0.7413
# How far beyond the range of history a number is far out: in widths of that range, and in lengths
# of its tail, which is what lies beyond all but one in a hundred.
MARGIN = 0.5
TAILS = 3.0
TAIL = 0.01
# A number that few values spread over is centred on its mean; the rest are counted beside it.
FEW = 1e-9


def plan_counting(table: pa.Table, contract: Contract, calendar: str | None = None) -> CountingPlan:
    """Plan the counting of tables like this one: its features and answers, as far as it has them.

    No dependences are in it: they are grown from a plan without them.
    """
    columns: list[ColumnPlan] = []
    categorical = set(contract.categorical)
    for name in contract.features:
        said = contract[name]
        refused = said.outside == "refuse"
        if name in categorical:
            columns.append(_category(name, table[name], said.categories, refused))
        else:
            limits = (said.minimum, said.maximum) if refused else (None, None)
            columns.append(_number(name, arrow.numbers(table[name])[0], limits))
    task = task_of(contract)
    columns += [
        _answer(answer, table[answer.name])
        for answer, _ in task.columns
        if answer.name in task.watched_names and answer.name in table.column_names
    ]
    return CountingPlan(
        columns=tuple(columns),
        dependences=(),
        key=contract.key,
        time=contract.time,
        calendar=calendar,
        watched=task.watched_names,
        answers=task.plan_answers(table, contract.target),
    )


def edges(known: np.ndarray) -> list[float]:
    """Return up to 65 rising edges with about equally many of the values between each two.

    A column of few distinct values gets a bin for each. No values, no edges.
    """
    if not len(known):
        return []
    distinct = np.unique(known)
    if len(distinct) > BINS:
        distinct = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[:-1], method="lower"))
    return [float(edge) for edge in distinct] + [float(np.nextafter(known.max(), np.inf))]


def _with_margins(inner: list[float], known: np.ndarray) -> list[float]:
    if not inner:
        return []
    low, high = np.quantile(known, [TAIL, 1 - TAIL])
    width, tails = inner[-1] - inner[0], (low - inner[0], inner[-1] - high)
    below, above = (MARGIN * width + TAILS * tail for tail in tails)
    return [float(inner[0] - below), *inner, float(inner[-1] + above)]


def _number(name: str, found: np.ndarray, limits: tuple[float | None, float | None]) -> NumberPlan:
    known = found[np.isfinite(found)]
    with np.errstate(over="ignore"):
        distinct, rows = np.unique(known.astype("float32"), return_counts=True)
    finite = np.isfinite(distinct)
    distinct, rows = distinct[finite], rows[finite]
    few = len(distinct) <= MOST_VALUES
    values = likely_values(distinct, rows, MOST_VALUES) if few else ()
    centre, scale = 0.0, 1.0
    if len(known):
        low, centre, high = np.quantile(known, [0.25, 0.5, 0.75])
        scale = NORMAL * (high - low)
        spread = known.std()
        if scale < spread / 4:
            centre, scale = known.mean(), spread
    return NumberPlan(
        name=name,
        edges=tuple(_with_margins(edges(known), known)),
        centre=float(centre),
        scale=float(scale) if scale > FEW * max(1.0, abs(centre)) else 1.0,
        values=tuple(float(value) for value in values) if few else None,
        minimum=limits[0],
        maximum=limits[1],
    )


def _answer(answer: ContractColumn, column: pa.ChunkedArray) -> ColumnPlan:
    """Plan a column of answers; of probabilities the linear dependence is of their log odds.

    These follow from the inputs in a straighter line.
    """
    if answer.type == "category":
        return _category(answer.name, column, answer.categories, refused=False)
    found = arrow.numbers(column)[0]
    planned = _number(answer.name, found, (None, None))
    if answer.name != PROBABILITY:
        return planned
    odds = _number(answer.name, arrow.log_odds(found), (None, None))
    return planned.model_copy(update={"centre": odds.centre, "scale": odds.scale})


def _category(
    name: str, column: pa.ChunkedArray, known: tuple[str, ...] | None, refused: bool
) -> CategoryPlan:
    counted = arrow.texts(column).value_counts()
    pairs = [(v, c) for v, c in zip(*counted.flatten(), strict=True) if v.is_valid]
    ordered = sorted(((v.as_py(), c.as_py()) for v, c in pairs), key=lambda p: (-p[1], p[0]))
    total = sum(count for _, count in ordered)
    often = [v for v, c in ordered[:RELATED_CATEGORIES] if c >= RELATED_SHARE * total]
    names = [value for value, _ in ordered]
    names += sorted(set(known or ()) - set(names))
    return CategoryPlan(
        name=name,
        categories=tuple(names[:MOST_CATEGORIES]),
        related=len(often),
        enforced=refused and known is not None,
    )
