"""Faults of a feed of flights, each at two severities: what an upstream change may do to a window.

A severity is a share of the rows, or of the change, that the fault reaches: `large` and `small`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.kinds import Kind

Change = Callable[[pd.DataFrame, float, np.random.Generator], pd.DataFrame]


@dataclass(frozen=True)
class Fault:
    """A change of a window's rows; the first reason should name one of `culprits`."""

    name: str
    culprits: tuple[str, ...]
    change: Change
    large: float
    small: float


def _some(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> np.ndarray:
    return rng.random(len(rows)) < share


def _set(column: str, make: Callable[[pd.Series], object]) -> Change:
    def change(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
        at = _some(rows, share, rng)
        old = rows[column]
        made = make(old)
        new = made if isinstance(made, pd.Series) else pd.Series([made] * len(rows), rows.index)
        kept = old.astype(object) if new.dtype != old.dtype else old
        return rows.assign(**{column: kept.where(~at, new)})

    return change


def _absent(column: str) -> Change:
    return lambda rows, share, rng: rows.drop(columns=column)


def _swapped(one: str, other: str) -> Change:
    def change(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
        at = _some(rows, share, rng)
        return rows.assign(
            **{one: rows[one].where(~at, rows[other]), other: rows[other].where(~at, rows[one])}
        )

    return change


def _duplicated(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    return pd.concat([rows, rows[_some(rows, share, rng)]], ignore_index=True)


def _lost_rows(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    return rows[~_some(rows, share, rng)]


def _gap(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    first = int(rng.uniform(0, 1 - share) * len(rows))
    return rows.drop(index=rows.index[first : first + int(share * len(rows))])


def _one_carrier(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    return rows[~((rows["carrier"] == "UA") & _some(rows, share, rng))]


def _shuffled(column: str) -> Change:
    def change(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
        at = np.flatnonzero(_some(rows, share, rng))
        new = rows[column].to_numpy(copy=True)
        new[at] = new[rng.permutation(at)]
        return rows.assign(**{column: new})

    return change


def _noisy(column: str) -> Change:
    def change(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
        spread = 60 * share
        return rows.assign(**{column: rows[column] + rng.normal(0, spread, len(rows))})

    return change


def _hours_later(rows: pd.DataFrame, hours: float, rng: np.random.Generator) -> pd.DataFrame:
    return rows.assign(scheduled=rows["scheduled"] + pd.Timedelta(hours=hours))


def _local_hour_later(rows: pd.DataFrame, hours: float, rng: np.random.Generator) -> pd.DataFrame:
    return rows.assign(scheduled_hour=(rows["scheduled_hour"] + int(hours)) % 24)


def _added(column: str, most: float) -> Change:
    return lambda rows, share, rng: rows.assign(**{column: rows[column] + most * share})


def _stuck(column: str) -> Change:
    def change(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
        last = int((1 - share) * len(rows))
        held = rows[column].iloc[:last].dropna()
        value = held.iloc[-1] if len(held) else rows[column].dropna().iloc[0]
        kept = rows[column].where(np.arange(len(rows)) < last, value)
        return rows.assign(**{column: kept})

    return change


def _alike(rows: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    names = [name for name in rows.columns if name.startswith("probability_")]
    at = _some(rows, share, rng)
    return rows.assign(**{name: rows[name].where(~at, 1 / len(names)) for name in names})


CELSIUS = _set("temp", lambda v: (v - 32) / 1.8)
INCHES = _set("pressure", lambda v: v / 33.8639)
KNOTS = _set("wind_speed", lambda v: v * 0.868976)
METRES = _set("wind_speed", lambda v: v * 0.44704)
KILOMETRES = _set("distance", lambda v: v * 1.609344)
RENAMED = _set("carrier", lambda v: v.replace({"UA": "United"}))
LOWER = _set("carrier", lambda v: v.str.lower())
EMPTY = _set("plane_year", lambda v: np.nan)

FAULTS = (
    Fault("temp in Celsius", ("temp",), CELSIUS, 1.0, 0.3),
    Fault("pressure in inches of mercury", ("pressure",), INCHES, 1.0, 0.1),
    Fault("wind speed in knots", ("wind_speed",), KNOTS, 1.0, 0.5),
    Fault("wind speed in m/s", ("wind_speed",), METRES, 1.0, 0.5),
    Fault("distance in kilometres", ("distance",), KILOMETRES, 1.0, 0.3),
    Fault("distance times 1,000", ("distance",), _set("distance", lambda v: v * 1000), 1.0, 0.05),
    Fault("seats negative", ("seats",), _set("seats", lambda v: -v), 1.0, 0.1),
    Fault("temp and dewp swapped", ("temp", "dewp"), _swapped("temp", "dewp"), 1.0, 0.3),
    Fault("humid and visib swapped", ("humid", "visib"), _swapped("humid", "visib"), 1.0, 0.1),
    Fault("carrier renamed", ("carrier",), RENAMED, 1.0, 0.3),
    Fault("carrier in lower case", ("carrier",), LOWER, 1.0, 0.1),
    Fault("unseen destinations", ("dest",), _set("dest", lambda v: "XXX"), 0.3, 0.06),
    Fault("temp missing", ("temp",), _set("temp", lambda v: np.nan), 1.0, 0.2),
    Fault("plane_year missing", ("plane_year",), EMPTY, 0.8, 0.25),
    Fault("visib absent", ("visib",), _absent("visib"), 1.0, 1.0),
    Fault("pressure as text", ("pressure",), _set("pressure", lambda v: "n/a"), 0.5, 0.05),
    Fault("missing temp as -999", ("temp",), _set("temp", lambda v: -999.0), 0.3, 0.05),
    Fault("missing seats as 0", ("seats",), _set("seats", lambda v: 0.0), 0.5, 0.1),
    Fault("distance stuck", ("distance",), _stuck("distance"), 1.0, 0.2),
    Fault("plane_year stuck", ("plane_year",), _stuck("plane_year"), 1.0, 0.3),
    Fault("rows duplicated", ("flight_id",), _duplicated, 0.5, 0.05),
    Fault("a gap in the rows", ("scheduled",), _gap, 0.5, 0.3),
    Fault("a carrier lost", ("carrier",), _one_carrier, 1.0, 0.7),
    Fault("carrier shuffled", ("carrier",), _shuffled("carrier"), 1.0, 0.4),
    Fault("distance shuffled", ("distance", "dest"), _shuffled("distance"), 1.0, 0.3),
    Fault("time five hours later", ("scheduled",), _hours_later, 5, 3),
    Fault("local hour shifted", ("scheduled_hour",), _local_hour_later, 5, 2),
    Fault("temp too high", ("temp",), _added("temp", 40), 1.0, 0.5),
    Fault("seats noisy", ("seats",), _noisy("seats"), 1.5, 0.8),
)
# What is watched of answers of several classes, and the classes' own columns, which are changed: a
# sample of the answers is held against the model's own, and says so by their names.
LATE, ON_TIME = "probability_late", "probability_on_time"
CLASS = ("prediction", "probability", LATE, ON_TIME)
ANY_CLASS = (*CLASS, "probability_cancelled", "probability_diverted")
SCORE_FAULTS: dict[Kind, tuple[Fault, ...]] = {
    "binary": (
        Fault("score stuck", ("probability",), _set("probability", lambda v: 0.5), 1.0, 0.3),
        Fault("score inverted", ("probability",), _set("probability", lambda v: 1 - v), 1.0, 0.4),
    ),
    "regression": (
        Fault("score stuck", ("prediction",), _set("prediction", lambda v: 5.0), 1.0, 0.3),
        Fault("score inverted", ("prediction",), _set("prediction", lambda v: -v), 1.0, 0.4),
    ),
    "multiclass": (
        Fault("score stuck", ANY_CLASS, _alike, 1.0, 0.3),
        Fault("score inverted", CLASS, _swapped(LATE, ON_TIME), 1.0, 0.4),
    ),
}
# Of a sample of rows nobody can tell how many there should be.
OF_WHOLE_WINDOWS = (Fault("rows lost", ("scheduled",), _lost_rows, 0.6, 0.4),)
