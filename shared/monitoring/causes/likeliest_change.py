"""The likeliest change of all rows, after which they are normal again."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from shared.monitoring.causes import transformations
from shared.monitoring.causes.possible_changes import MOST_NAMED, PossibleChanges
from shared.monitoring.causes.transformations import Transformation
from shared.monitoring.causes.trial import Trial

# So many changes, those after which the rows hang together best, are looked at more closely.
MOST_TRIED = 6


def likeliest_of_all(
    possible: PossibleChanges, tried: Iterable[Transformation]
) -> Transformation | None:
    """Return the change of all rows that makes them the likeliest, and normal again.

    Several factors of a number may be about as likely: they are one change, and of the unknown
    ones of a number that does not depend on others, nothing can be said in words.
    """
    trial, culprit = possible.trial, possible.trial.culprit
    blamed = [name for name in possible.numbers if name == culprit] or possible.numbers
    if culprit is not None:
        tried = [change for change in tried if culprit in change.columns]
    # Of few values a change is certain that gives back those which history had.
    tried = [*tried]
    exact = [*filter(None, map(possible.rounding.exact, tried))]
    others = [
        change
        for change in tried
        if (not change.factor or possible.fits(change))
        and (change.cost == 1 or trial.energy(change) < trial.energy_as_is)
    ]
    factors_of = [change for name in blamed for change in possible.multiplied(name)]
    shifts = [possible.shifted(name) for name in blamed]
    return _normal_again(possible, exact) or _normal_again(
        possible, [*shifts, *factors_of, *others]
    )


def _normal_again(
    possible: PossibleChanges, tried: Iterable[Transformation]
) -> Transformation | None:
    """Return the likeliest of the changes of all rows that are normal without it.

    With it come those of the same number that its distinct values tell as little apart.
    """
    trial = possible.trial
    gains = [(trial.likelihood.gain(change), change) for change in tried]
    every, found = np.ones(len(trial.rows), "bool"), list[Transformation]()
    ranked = [
        (gain, change)
        for gain, change in sorted(gains, key=lambda pair: -pair[0])[:MOST_TRIED]
        if change.about or not possible.rounding.denies(change)
    ]
    for gain, change in ranked:
        if gain <= 0 or trial.rows[change.columns[0]].nunique() < 2:
            continue
        # Values may have been rounded.
        about = replace(change, about=True)
        if not found and trial.is_normal(change, every):
            found = [change]
        elif possible.rounding.denies(change):
            continue
        elif not found and change.closer != 1 and trial.is_normal(about, every):
            found = [replace(about, likely=True)]
        elif found and change.columns == found[0].columns[:1]:
            same = trial.likelihood.as_likely(about, found[0])
            found += [about] if same and trial.is_normal(about, every) else []
    if not found:
        return None
    if fitting := [change for change in found if change.factor]:
        # Values are rounded as they then were: with another change that would be by chance.
        return fitting[0]
    if found[0].likely:
        # What needs no rounding to be normal again is likelier.
        exact = [change for _, change in ranked if not change.about]
        found = [one for one in exact if trial.is_normal(one, every)][:1] or found
    if any(change.any_size and not change.plain for change in found):
        # By how much it is off is said once.
        found = [change for change in found if not change.plain]
    named = transformations.any_of(found[:MOST_NAMED])
    if len(found) == 1 and named.plain:
        return replace(named, words="")
    return _or_another(trial, named, [one for _, one in ranked]) if named.of_all else named


def _or_another(
    trial: Trial, found: Transformation, tried: Iterable[Transformation]
) -> Transformation:
    """Return a change of the clock or of names with one of the other that tells as much."""
    every = np.ones(len(trial.rows), "bool")
    others = (one for one in tried if one.of_all and one.names != found.names)
    other = next((one for one in others if trial.is_normal(one, every)), None)
    if other is None or trial.likelihood.is_likelier(found, other):
        return found
    return transformations.either(*sorted((found, other), key=lambda one: not one.names))
