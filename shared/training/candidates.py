"""Candidates side by side: each fitted on train and scored on validation; the winner refitted."""

import os
import time
import traceback
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.choice import task_of
from shared.tasks.kinds import higher_is_better
from shared.training import estimators
from shared.training.row_weights import row_weights

Result = dict[str, Any]


def fit_and_score(
    name: str, parts: dict[str, pd.DataFrame], contract: Contract, settings: Settings
) -> Result:
    """Fit a candidate and score it; a failure becomes part of the result, not of the run.

    The result's `measured` is what the metrics measure of the validation's rows.
    """
    started = time.perf_counter()
    empty = dict.fromkeys(("scores", "rule", "error", "measured"))
    result: Result = {"candidate": name, **empty}
    try:
        with threadpool_limits(_threads(settings)):
            model = _fitted(name, parts["train"], contract, settings)
        target = parts["validation"][contract.target].to_numpy()
        task = task_of(contract)
        scores = task.scores(model, model_input(parts["validation"], contract))
        rule = task.choose_rule(parts["validation"], scores, settings)
        measured = task.measured(scores, rule, parts["validation"])
        result["measured"], result["rule"] = measured, rule
        result["scores"] = metrics.score(task.measure, target, measured, settings.seed)
    except Refusal as refusal:
        result["error"] = str(refusal)
    except Exception as error:
        # A team's estimator may raise anything; whatever it was belongs on the leaderboard.
        traceback.print_exc()
        result["error"] = f"{type(error).__name__}: {error}"
    return result | {"seconds": time.perf_counter() - started}


def ranked(results: list[Result], settings: Settings) -> list[Result]:
    """Order results: the best by the selecting metric first, then the unfinished and the failed."""
    sign = -1 if higher_is_better(settings.select_by) else 1

    def rank(result: Result) -> tuple[int, float]:
        if not result["scores"]:
            return (2 if result["error"] else 1), 0.0
        return 0, sign * result["scores"][settings.select_by].value

    return sorted(results, key=rank)


def winner(leaderboard: list[Result]) -> Result:
    """Return the first of a ranked leaderboard; raises `Refusal` when every candidate failed."""
    if leaderboard[0]["error"]:
        errors = "; ".join(f"{result['candidate']}: {result['error']}" for result in leaderboard)
        raise Refusal(f"every candidate failed: {errors}")
    return leaderboard[0]


def refit(
    name: str, parts: dict[str, pd.DataFrame], contract: Contract, settings: Settings
) -> Pipeline:
    """Fit a candidate on train and validation together."""
    rows = pd.concat([parts["train"], parts["validation"]], ignore_index=True)
    return _fitted(name, rows, contract, settings)


def _fitted(name: str, rows: pd.DataFrame, contract: Contract, settings: Settings) -> Pipeline:
    candidate = next(one for one in settings.candidates if one.name == name)
    weights = row_weights(rows, settings)
    return estimators.fit(candidate, rows, contract, settings.seed, weights)


def _threads(settings: Settings) -> int | None:
    """Return a candidate's share of this machine's cores; None where it has a machine to itself.

    Local tasks run side by side, and OpenMP threads beyond the cores slow each other down tenfold.
    """
    if os.environ.get("METAFLOW_RUNTIME_ENVIRONMENT", "local") != "local":
        return None
    return max(1, (os.cpu_count() or 1) // len(settings.candidates))
