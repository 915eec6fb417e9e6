"""What can be known of a training before it: whether its candidates can be made, and fit."""

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.sections.training import Candidate, Range
from shared.settings import Settings
from shared.settings_text import toml_pairs
from shared.tasks.choice import task_of
from shared.training.fitting import (
    candidates,
    earlier_fits,
    estimators,
    given_models,
    proposals,
    trials,
)
from shared.training.judging.behaviour import own_checks


@dataclass(frozen=True)
class CandidateCheck:
    """What came of making a candidate.

    `model` is fitted on a few rows, or was tried on them, where there were some.
    """

    name: str
    problem: str | None
    seconds: float
    model: Any = None


@dataclass(frozen=True)
class SearchCheck:
    """What is wrong with the search of a candidate: nothing, where there are no problems."""

    name: str
    problems: tuple[str, ...]
    seconds: float


def check_candidates(
    settings: Settings, rows: pd.DataFrame | None = None, contract: Contract | None = None
) -> list[CandidateCheck]:
    """Import and build every candidate, and fit it on `rows` where they are given."""
    return [_checked(candidate, settings, rows, contract) for candidate in settings.candidates]


def check_searches(
    settings: Settings, rows: pd.DataFrame | None = None, contract: Contract | None = None
) -> list[SearchCheck]:
    """Build each searched candidate with each value of a list, and with both ends of a range.

    They are fitted on `rows` where those are given. Of a parameter, only the first problem is said.
    """
    found = []
    for name in settings.search:
        started = time.perf_counter()
        problems = tuple(_search_problems(name, settings, rows, contract))
        found.append(SearchCheck(name, problems, time.perf_counter() - started))
    return found


def refuse_unready(settings: Settings, reuse: str | None = None) -> list[str]:
    """Return why some candidates cannot take part, a line each.

    Raises `Refusal` where none of them can be built, a search has a parameter that cannot be set,
    the problem's own checks cannot be run, or the run whose fits are to be reused is not here or
    of another problem: a typo there is not to cost a training.
    """
    earlier_fits.earlier_fits(reuse, settings)
    own_checks(settings.name)
    if wrong := [each for check in check_searches(settings) for each in check.problems]:
        raise Refusal("; ".join(wrong))
    problems = [check.problem for check in check_candidates(settings) if check.problem]
    if len(problems) == len(settings.candidates):
        raise Refusal(f"no candidate can be built: {'; '.join(problems)}")
    return problems


def _search_problems(
    name: str, settings: Settings, rows: pd.DataFrame | None, contract: Contract | None
) -> Iterator[str]:
    search = settings.search[name]
    if search.method == "optuna" and not proposals.is_installed():
        yield (
            f'search.{name}: method = "optuna" needs optuna, which is not installed: pip install '
            "optuna, or use another method"
        )
    if problem := _checked(candidates.named(name, settings), settings, None, None).problem:
        yield problem
        return
    for parameter, held in search.parameters.items():
        values = (held.low, held.high) if isinstance(held, Range) else held
        for value in values:
            called = f"{name} with {toml_pairs({parameter: value})}"
            tried, _ = trials.with_trial(settings, name, called, {parameter: value})
            if problem := _checked(tried, settings, rows, contract).problem:
                yield problem
                break


def _checked(
    candidate: Candidate, settings: Settings, rows: pd.DataFrame | None, contract: Contract | None
) -> CandidateCheck:
    started, model, problem = time.perf_counter(), None, None
    try:
        if candidate.model:
            given_models.read_model(candidate, settings)
        else:
            estimators.build_estimator(candidate, settings.seed, settings.kind)
            candidates.learns_from_all(candidate, settings)
        if rows is not None and contract is not None:
            # Of so few rows, several threads would only wait for each other.
            with warnings.catch_warnings(action="ignore"), threadpool_limits(1):
                model = candidates.fitted(candidate, rows, contract, settings)
                task_of(contract).scores(model, model_input(rows.head(), contract))
    except Refusal as refusal:
        problem = str(refusal)
    except Exception as error:
        # A team's estimator may raise anything, and it is one line here.
        words = str(error).strip().splitlines() or [""]
        advice = [f"; {said}" for of, said in estimators.ADVICE.items() if of in words[0]]
        problem = f"candidate {candidate.name!r}: {type(error).__name__}: {words[0]}"
        problem += "".join(advice)
    return CandidateCheck(candidate.name, problem, time.perf_counter() - started, model)
