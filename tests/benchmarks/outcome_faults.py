"""Faults of the outcomes themselves, each at two severities: what may befall what comes back.

The rows and the model's answers stay as they were. A severity is what a person would call it: a
quarter of an hour or a whole one, a share of the outcomes, how many rows an outcome came too late.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from problems.flights import source

from shared.kinds import Kind

LATE_MINUTES = 15
# A day of the flights has about 900 rows.
HALF_A_DAY = 450
FIRST, LAST = pd.Timestamp("2013-05-01", tz="UTC"), pd.Timestamp("2013-07-01", tz="UTC")

Change = Callable[[pd.Series, float, np.random.Generator], pd.Series]


@dataclass(frozen=True)
class OutcomeFault:
    """A change of outcomes, those of rows in the order of time; at severities large and small."""

    name: str
    change: Change
    large: float
    small: float


def _set(make: Callable[[pd.Series], object]) -> Change:
    """Return what makes of a share of the outcomes something else."""

    def change(known: pd.Series, share: float, rng: np.random.Generator) -> pd.Series:
        return known.mask(rng.random(len(known)) < share, make(known))

    return change


def _mapped(names: dict[str, object]) -> Change:
    return _set(lambda known: known.map(lambda value: names.get(value, value)))


def _delayed(known: pd.Series, rows: float, rng: np.random.Generator) -> pd.Series:
    return known.shift(int(rows))


def _added(known: pd.Series, minutes: float, rng: np.random.Generator) -> pd.Series:
    return known + minutes


def _permuted(known: pd.Series, rows: float, rng: np.random.Generator) -> pd.Series:
    """Return outcomes in any order among each so many rows."""
    parts = np.array_split(np.arange(len(known)), max(1, len(known) // int(rows)))
    places = np.concatenate([rng.permutation(part) for part in parts])
    return pd.Series(known.to_numpy()[places], known.index)


def _redefined(known: pd.Series, minutes: float, rng: np.random.Generator) -> pd.Series:
    """Return whether flights were so many minutes late, of those that arrived."""
    flights = source.scheduled(minutes=source.read_flights()["arr_delay"])
    at = flights["scheduled"]
    late = flights["minutes"][(at >= FIRST) & (at < LAST)].reset_index(drop=True)
    return (late > minutes).astype("float64").where(known.notna())


def _times(known: pd.Series, factor: float, rng: np.random.Generator) -> pd.Series:
    return known * factor


NEXT = {"cancelled": "diverted", "diverted": "late", "late": "on time", "on time": "cancelled"}
LATE_SWAPPED = {"late": "on time", "on time": "late"}
CANCELLED_SWAPPED = {"cancelled": "late", "late": "cancelled"}
HALF_A_DAY_OR_A_ROW = OutcomeFault("outcomes of rows before", _delayed, HALF_A_DAY, 1)

UNCHANGED = OutcomeFault("nothing", lambda known, _, __: known, 0.0, 0.0)

OUTCOME_FAULTS: dict[Kind, tuple[OutcomeFault, ...]] = {
    "binary": (
        OutcomeFault("true and false flipped", _set(lambda known: 1 - known), 1.0, 0.2),
        HALF_A_DAY_OR_A_ROW,
        OutcomeFault("permuted", _permuted, 6_000, 100),
        OutcomeFault("another definition of late", _redefined, 60, 30),
        OutcomeFault("no true ones", _set(lambda known: known.mask(known == 1)), 1.0, 0.5),
        OutcomeFault("true ones as false", _set(lambda known: known * 0), 1.0, 0.5),
    ),
    "regression": (
        OutcomeFault("minutes added", _added, 60, LATE_MINUTES),
        OutcomeFault("times a factor", _times, 60, 1.3),
        OutcomeFault("hours for minutes", _set(lambda known: known / 60), 1.0, 0.5),
        OutcomeFault("early for late", _set(lambda known: -known), 1.0, 0.3),
        HALF_A_DAY_OR_A_ROW,
        OutcomeFault("permuted", _permuted, 6_000, 100),
        OutcomeFault(
            "no late ones", _set(lambda known: known.mask(known > LATE_MINUTES)), 1.0, 0.5
        ),
    ),
    "multiclass": (
        OutcomeFault("each class as the next", _mapped({**NEXT}), 1.0, 0.2),
        OutcomeFault("late and on time swapped", _mapped({**LATE_SWAPPED}), 1.0, 0.2),
        OutcomeFault("late and cancelled swapped", _mapped({**CANCELLED_SWAPPED}), 1.0, 0.5),
        HALF_A_DAY_OR_A_ROW,
        OutcomeFault("permuted", _permuted, 6_000, 100),
        OutcomeFault("no cancelled ones", _mapped({"cancelled": None}), 1.0, 0.5),
        OutcomeFault("cancelled as on time", _mapped({"cancelled": "on time"}), 1.0, 0.5),
        OutcomeFault("no diverted ones", _mapped({"diverted": None}), 1.0, 0.5),
    ),
}
