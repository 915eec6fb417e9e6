"""Trials: candidates with other parameters, as the searches of the settings have them."""

import math
from typing import Any

from shared.sections.training import Candidate, Range
from shared.settings import Settings

# Digits of a number in a range: enough to matter, and few enough to copy into the settings.
DIGITS = 4
Parameters = dict[str, Any]


def names(settings: Settings) -> list[str]:
    """Return the names of all candidates, then those of all trials."""
    found = [candidate.name for candidate in settings.candidates]
    return found + [one for name, s in settings.search.items() for one in s.names(name)]


def fit_tasks(settings: Settings) -> list[list[str]]:
    """Return the names of what each task fits: a candidate, or trials of one search."""
    found = [[candidate.name] for candidate in settings.candidates]
    for name, search in settings.search.items():
        tasks = search.number_of_tasks
        found += [list(search.names(name)[at::tasks]) for at in range(tasks)]
    return found


def searched_candidate(trial: str, settings: Settings) -> str | None:
    """Return the candidate that a trial is of, by its name; None of a candidate itself."""
    found = (name for name, search in settings.search.items() if trial in search.names(name))
    return next(found, None)


def sampled(name: str, settings: Settings) -> dict[str, Parameters]:
    """Return the parameters of each trial of a candidate's search, by its name.

    The same for the same seed: all combinations of a grid, else as scikit-learn samples them.
    """
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    search = settings.search[name]
    held, count = search.parameters, search.number_of_trials
    if search.method == "grid":
        found = list(ParameterGrid(held))
    else:
        spread = {key: _distribution(each) for key, each in held.items()}
        found = list(ParameterSampler(spread, count, random_state=settings.seed))
    ordered = [{key: _value(held[key], one[key]) for key in held} for one in found]
    return dict(zip(search.names(name), ordered, strict=True))


def number_in(span: Range, at: float) -> int | float:
    """Return a number of a range as it is tried: whole, or of a few digits."""
    rounded = math.floor(at) if span.is_whole else float(f"{at:.{DIGITS}g}")
    return min(max(rounded, span.low), span.high)


def with_trial(
    settings: Settings, name: str, trial: str, parameters: Parameters
) -> tuple[Candidate, Settings]:
    """Return a trial of a candidate, and settings in which it stands in the candidate's place."""
    (searched,) = (one for one in settings.candidates if one.name == name)
    params = {**searched.params, **parameters}
    made = searched.model_copy(update={"name": trial, "params": params})
    others = (made if one is searched else one for one in settings.candidates)
    return made, settings.model_copy(update={"candidates": tuple(others)})


def with_chosen(settings: Settings, chosen: dict[str, Any]) -> Settings:
    """Return settings that have the candidate of a result, where it is a trial as well."""
    if not chosen.get("search"):
        return settings
    return with_trial(settings, chosen["search"], chosen["candidate"], chosen["params"])[1]


def _distribution(held: Range | tuple[Any, ...]) -> Any:
    if not isinstance(held, Range):
        return list(held)
    from scipy.stats import loguniform, uniform

    # A whole number is the floor of one before the next.
    high = held.high + 1 if held.is_whole else held.high
    return loguniform(held.low, high) if held.log else uniform(held.low, high - held.low)


def _value(held: Range | tuple[Any, ...], sample: Any) -> Any:
    return number_in(held, float(sample)) if isinstance(held, Range) else sample
