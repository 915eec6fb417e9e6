"""Behaviour tests: what a problem's own `checks.py` asserts of a model's answers.

Each public function there takes `predict`, which answers a frame of rows by the columns of the
problem's kind, and `rows`, the holdout. What it asserts is a gate: that a later hour is no safer,
that a name changes nothing, that no group is refused twice as often.
"""

import importlib
import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from shared import problem_code
from shared.errors import Refusal
from shared.model.evaluation import BehaviourTest
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.tasks.choice import task_of
from shared.tasks.task import Rule

MODULE = "checks"

Predict = Callable[[pd.DataFrame], pd.DataFrame]
Check = Callable[[Predict, pd.DataFrame], object]


def own_checks(problem: str) -> dict[str, Check]:
    """Return the functions of a problem's `checks.py` by their names, in the order they stand in.

    Empty without that file. Raises `Refusal` where it cannot be imported, or one of them does not
    take `predict` and `rows`.
    """
    folder = problem_code.code_folder(problem)
    if folder is None or not (folder / f"{MODULE}.py").is_file():
        return {}
    try:
        module = importlib.import_module(f"{problem_code.PACKAGE}.{problem}.{MODULE}")
    except Exception as error:
        # A team's module may raise anything, and it is one line here.
        raise Refusal(f"{MODULE}.py cannot be imported: {_said(error)}") from error
    found: dict[str, Check] = {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
    }
    for name, function in found.items():
        if len(taken := [*inspect.signature(function).parameters]) != 2:
            raise Refusal(
                f"{MODULE}.py: {name} takes ({', '.join(taken)}), where a check takes predict and "
                "rows: begin the name of what is none with _"
            )
    return found


def run_checks(
    checks: Mapping[str, Check], model: Any, rule: Rule, rows: pd.DataFrame, contract: Contract
) -> tuple[BehaviourTest, ...]:
    """Run checks on a fitted model with rows that it has not seen, and say what came of each.

    A check fails by whatever it raises; what it returns is told beside it. Each has its own copy of
    the rows.
    """
    task = task_of(contract)

    def predict(asked: pd.DataFrame) -> pd.DataFrame:
        scores = task.scores(model, model_input(asked, contract))
        return pd.DataFrame(task.answers(scores, rule, asked), index=asked.index)

    return tuple(_run(name, check, predict, rows.copy()) for name, check in checks.items())


def _run(name: str, check: Check, predict: Predict, rows: pd.DataFrame) -> BehaviourTest:
    words = name.replace("_", " ")
    try:
        found = check(predict, rows)
    except AssertionError as error:
        # Without words of its own, the line that asserts says what does not hold.
        line = traceback.extract_tb(error.__traceback__)[-1].line or "it does not hold"
        return BehaviourTest(name=words, passed=False, reason=_first_line(error) or line)
    except Exception as error:
        return BehaviourTest(name=words, passed=False, reason=_said(error))
    return BehaviourTest(name=words, passed=True, reason="" if found is None else str(found))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "")
