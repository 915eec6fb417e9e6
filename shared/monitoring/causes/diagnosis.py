"""Likely causes, found by trying: a change that, undone, makes a window normal again.

Units, scales, signs and offsets of a number; two columns that changed places; a time zone. Each is
undone in those rows that hang together better with it than without, so that a change which reached
a part of the rows is found as well.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from shared.frames import with_values
from shared.monitoring.causes import transformations
from shared.monitoring.causes.likeliest_change import MOST_TRIED, likeliest_of_all
from shared.monitoring.causes.possible_changes import PossibleChanges
from shared.monitoring.causes.transformations import Transformation
from shared.monitoring.causes.trial import Trial
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.gram import HOUR

ROWS = 2_000
# Of so many columns, each is asked for a cause of its own, and each two of them.
MOST_FAULTS = 4
# How well it is known what was done.
Precision = Literal["exact", "likely", "one of several", "about"]


@dataclass(frozen=True)
class Cause:
    """What was done to which columns, in words, and in which share of the rows.

    Where `due`, nobody need have broken anything: clocks are put forward and back every year.
    """

    columns: tuple[str, ...]
    words: str
    share: float
    due: bool
    precision: Precision = "exact"


def find_each(
    sample: pd.DataFrame,
    detector: DriftDetector,
    hours: float,
    culprits: Sequence[str],
    certain: str | None = None,
) -> tuple[Cause, ...]:
    """Return the change that explains all that is odd, and one for each culprit that is left.

    These are tried without the other culprits: a fault elsewhere hides none. Columns that are about
    so much more than expected, or not quite as another unit would have it, may have drifted
    together: that is no cause of one of several.
    """
    time = detector.baseline.plan.time
    certain = time if certain == HOUR else certain
    trial = Trial(sample.head(ROWS), detector, hours, certain)
    whole, rows = _find(trial), trial.rows
    found = [_cause(*whole)] if whole else []
    if whole and whole[0].of_all:
        # What it does not explain is that of other columns.
        rows = with_values(rows, whole[0].undo(rows))
    named = [time if name == HOUR else name for name in culprits[:MOST_FAULTS]]
    for size in (1, 2) if len(named) > 1 else ():
        for together in itertools.combinations(named, size):
            if any({*together} & {*cause.columns} for cause in found):
                continue
            others = [name for name in named if name not in together]
            cause = _own(Trial(rows, detector, hours, together[0], others), {*together})
            if cause and cause.precision in ("exact", "one of several"):
                found.append(cause)
    return tuple(found)


def _own(trial: Trial, together: set[str]) -> Cause | None:
    """Return the change of just these columns that makes them normal again."""
    possible = PossibleChanges(trial)
    paired = transformations.changes_of_pairs(possible.numbers)
    tried = [one for one in (*possible.changes(), *paired) if {*one.columns} == together]
    if not trial.beyond or not tried:
        return None
    if whole := likeliest_of_all(possible, tried):
        own = whole.words and {*whole.columns} == together
        return _cause(whole, 1.0) if own else None
    best = _best(possible, tried)
    return _cause(*best) if best else None


def find(
    sample: pd.DataFrame,
    detector: DriftDetector,
    hours: float,
    culprit: str | None = None,
) -> Cause | None:
    """Return the change that explains most of what is odd in some rows; None if none does.

    Where a column is known to be the `culprit`, changes of it are tried before others; one that
    reached a part of the rows has to be of it.
    """
    found = _find(Trial(sample.head(ROWS), detector, hours, culprit))
    return _cause(*found) if found else None


def _find(trial: Trial) -> tuple[Transformation, float] | None:
    if not trial.beyond:
        return None
    possible = PossibleChanges(trial)
    found = _of_one(possible)
    if found is None or found[0].several or found[0].any_size:
        # What depends on a column that was changed as well is off by nothing that has a name.
        paired = _best(possible, transformations.changes_of_pairs(possible.numbers))
        if paired and (found is None or trial.likelihood.is_likelier(paired[0], found[0])):
            return paired
    # What a plain change of its scale explains as well, no change of some rows does.
    return found if found and found[0].words else None


def _of_one(possible: PossibleChanges) -> tuple[Transformation, float] | None:
    """Return the change of one column, of the clock, or the swap of two, that explains most.

    A plain shift is without words.
    """
    trial, tried = possible.trial, possible.changes()
    if whole := likeliest_of_all(possible, tried):
        # Two columns that changed places need no rounding to be normal again.
        swaps = [change for change in tried if len(change.columns) > 1 and whole.likely]
        if swapped := _best(possible, swaps):
            return swapped
        return whole, 1.0
    own = [change for change in tried if trial.culprit in change.columns]
    return _best(possible, own) or _best(possible, tried)


def _best(
    possible: PossibleChanges, tried: Iterable[Transformation]
) -> tuple[Transformation, float] | None:
    trial = possible.trial
    energies = [(trial.energy(change), change) for change in tried]
    ranked = sorted(energies, key=lambda pair: pair[0])[:MOST_TRIED]
    for energy, change in ranked:
        share = trial.share_undone(change) if energy < trial.energy_as_is else None
        denied = share == 1 and possible.rounding.denies(change)
        if share is not None and not denied:
            return change, share
    return None


def _cause(change: Transformation, share: float) -> Cause:
    precision: Precision = "likely" if change.likely else "exact"
    if change.several:
        precision = "one of several"
    elif change.any_size:
        precision = "about"
    return Cause(change.columns, change.words, share, change.due, precision)
