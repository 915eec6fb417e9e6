"""Trials that Optuna proposes, each by how those before it did."""

import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.sections.training import Range
from shared.training.fitting.trials import Parameters, number_in

Attempt = Callable[[str, Parameters], float]
"""Fits a trial: how good it is, the higher the better, NaN where it failed."""


def is_installed() -> bool:
    """Tell whether Optuna can be imported."""
    return importlib.util.find_spec("optuna") is not None


def propose(
    trials: Sequence[str], held: Mapping[str, Range | tuple[Any, ...]], attempt: Attempt, seed: int
) -> None:
    """Attempt trials with the parameters that Optuna's sampler (TPE) proposes, one by one."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for name in trials:
        trial = study.ask()
        value = attempt(name, {key: _suggested(trial, key, held[key]) for key in held})
        if math.isnan(value):
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, value)


def _suggested(trial: Any, name: str, held: Range | tuple[Any, ...]) -> Any:
    if not isinstance(held, Range):
        # By their places, as Optuna keeps no lists or tables.
        return held[trial.suggest_categorical(name, list(range(len(held))))]
    suggest = trial.suggest_int if held.is_whole else trial.suggest_float
    return number_in(held, suggest(name, held.low, held.high, log=held.log))
