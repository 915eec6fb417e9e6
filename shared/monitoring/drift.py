"""How far a window is from the reference, column by column, from their two profiles.

Numbers: the first Wasserstein distance divided by the reference's standard deviation, so that 1
means that values moved by one standard deviation on average. Categories: the total variation
distance, the share of rows that would have to change their category. Both read in words, and
neither shrinks to a p-value that any large window passes below. (Evidently, too, divides the
Wasserstein distance by the reference's standard deviation for numbers.)
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from shared.data.contract import Contract
from shared.data.profile import CategoryProfile, NumberProfile, Profile

EXAMPLES = 3
# A single value that more than this share of the reference has is no sign of a stuck column.
USUAL = 0.5

Column = NumberProfile | CategoryProfile
State = Literal["compared", "absent", "empty", "constant", "unknown", "was constant"]


@dataclass(frozen=True)
class Shift:
    """What became of one column.

    `distance` is None where the two cannot be compared, and `state` says why: the window lacks the
    column (`absent`) or holds no value of it (`empty`); the reference holds none (`unknown`) or one
    value only (`was constant`: the distance is then the share of other values). A `constant` column
    holds one value only, and one that is not usual: at most half of the reference has it. `missing`
    counts what is missing or unreadable.
    """

    column: str
    kind: Literal["number", "category"]
    state: State
    distance: float | None
    missing: float
    missing_before: float
    unseen: float
    unseen_values: tuple[str, ...]


def compare(reference: Profile, window: Profile, contract: Contract) -> list[Shift]:
    """Compare every column of the reference with the window, in the reference's order."""
    shifts = []
    for name, before in reference["columns"].items():
        now = window["columns"].get(name)
        known = contract[name].categories if name in contract.features else None
        unseen = _unseen(now, known or _listed(before)) if now else {}
        state = _state(before, now)
        shifts.append(
            Shift(
                column=name,
                kind=before["kind"],
                state=state,
                distance=_distance(before, now, state) if now else None,
                missing=_missing(now, window["rows"]) if now else 1.0,
                missing_before=_missing(before, reference["rows"]),
                unseen=sum(unseen.values()) / window["rows"] if window["rows"] else 0.0,
                unseen_values=tuple(unseen)[:EXAMPLES],
            )
        )
    return shifts


def wasserstein(
    points: np.ndarray, weights: np.ndarray, others: np.ndarray, other_weights: np.ndarray
) -> float:
    """Return the first Wasserstein distance of two weighted samples, in the values' units.

    The area between the two distribution functions; see Ramdas, García Trillos, Cuturi (2017), On
    Wasserstein two-sample testing, Entropy 19(2), 47, section 3.
    """
    place = np.concatenate([points, others])
    mass = np.concatenate([weights / weights.sum(), -other_weights / other_weights.sum()])
    order = np.argsort(place, kind="stable")
    gaps = np.diff(place[order])
    return float(np.abs(np.cumsum(mass[order])[:-1]) @ gaps)


def total_variation(shares: dict[str, float], others: dict[str, float]) -> float:
    """Return half the summed differences of two sets of shares, from 0 (alike) to 1 (disjoint).

    See Gibbs and Su (2002), On choosing and bounding probability metrics, section 2.
    """
    names = shares.keys() | others.keys()
    return 0.5 * sum(abs(shares.get(n, 0.0) - others.get(n, 0.0)) for n in names)


def _state(before: Column, now: Column | None) -> State:
    if now is None:
        return "absent"
    if not _known(before):
        return "unknown"
    if not _known(now):
        return "empty"
    if _single(before):
        return "was constant"
    return "constant" if _single(now) and _usual(before, now) <= USUAL else "compared"


def _distance(
    before: Column,
    now: Column,
    state: State,
) -> float | None:
    if state in ("unknown", "empty"):
        return None
    if before["kind"] == "number" and now["kind"] == "number":
        if state == "was constant":
            return 1 - now["counts"][1] / _known(now)
        return wasserstein(*_points(before), *_points(now)) / (before["std"] or 1.0)
    if before["kind"] == "category" and now["kind"] == "category":
        return total_variation(_shares(before), _shares(now))
    raise TypeError(f"profiles of two kinds: {before['kind']} and {now['kind']}")


def _points(profile: NumberProfile) -> tuple[np.ndarray, np.ndarray]:
    """Place each bin's rows at their mean: exact wherever a bin lies on one side of the other."""
    counts = np.asarray(profile["counts"], dtype="float64")
    filled = counts > 0
    return np.asarray(profile["sums"])[filled] / counts[filled], counts[filled]


def _shares(profile: CategoryProfile) -> dict[str, float]:
    rows = _known(profile)
    shares = {name: count / rows for name, count in profile["counts"].items()}
    return shares | ({"": profile["other"] / rows} if profile["other"] else {})


def _known(profile: Column) -> int:
    if profile["kind"] == "number":
        return sum(profile["counts"])
    return sum(profile["counts"].values()) + profile["other"]


def _single(profile: Column) -> bool:
    if profile["kind"] == "number":
        return profile["min"] == profile["max"]
    return len(profile["counts"]) == 1


def _usual(before: Column, now: Column) -> float:
    """Return the share of the reference that lies where all of a constant window lies."""
    if before["kind"] == "number" and now["kind"] == "number":
        return before["counts"][int(np.argmax(now["counts"]))] / _known(before)
    if before["kind"] == "category" and now["kind"] == "category":
        return before["counts"].get(next(iter(now["counts"])), 0) / _known(before)
    return 0.0


def _missing(profile: Column, rows: int) -> float:
    return (rows - _known(profile)) / rows if rows else 0.0


def _listed(profile: Column) -> tuple[str, ...]:
    return tuple(profile["counts"]) if profile["kind"] == "category" else ()


def _unseen(now: Column, known: tuple[str, ...]) -> dict[str, int]:
    if now["kind"] == "number" or not known:
        return {}
    return {name: count for name, count in now["counts"].items() if name not in set(known)}
