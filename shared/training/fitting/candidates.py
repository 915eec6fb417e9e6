"""Candidates side by side: each fitted on train and scored on validation; the winner refitted."""

import os
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.kinds import higher_is_better
from shared.model.inputs import model_input
from shared.policies.training_weights import row_weights
from shared.schema.contract import Contract
from shared.sections.training import Candidate
from shared.settings import Settings
from shared.tables.even_sample import EvenSample
from shared.tasks import metrics
from shared.tasks.choice import task_of
from shared.training import sampling, splits
from shared.training.fitting import trials
from shared.training.fitting.shuffled_rows import ShuffledRows
from shared.training.whole_table import WholeTable

Result = dict[str, Any]


def fit_and_score(
    name: str,
    parts: dict[str, pd.DataFrame],
    contract: Contract,
    settings: Settings,
    given: np.ndarray | None = None,
    whole: WholeTable | None = None,
) -> Result:
    """Fit a candidate and score it; a failure becomes part of the result, not of the run.

    The result's `given` is what the model gives of the validation's rows, and `measured` what the
    metrics measure of them. Where it is `given` already, nothing is fitted. Of a `whole` table,
    which the parts are a sample of, `learnt` are the rows that the candidate learnt from.
    """
    started = time.perf_counter()
    empty = dict.fromkeys(("scores", "rule", "error", "measured", "learnt"))
    result: Result = {"candidate": name, **empty, "given": given}
    try:
        task = task_of(contract)
        if given is None:
            learnt = learnt_from(name, parts, whole, "validation", settings)
            result["given"] = _fit_and_give(name, parts, contract, settings, learnt)
            if whole:
                result["learnt"] = learnt.rows if learnt else len(parts["train"])
        scores, target = result["given"], parts["validation"][contract.target].to_numpy()
        rule = task.choose_rule(parts["validation"], scores, settings)
        measured = task.measured(scores, rule, parts["validation"])
        result["measured"], result["rule"] = measured, rule
        counts = task.counts(parts["validation"], settings)
        result["scores"] = metrics.score(
            task.measure, target, measured, settings.seed, counts=counts
        )
    except Refusal as refusal:
        result["error"] = str(refusal)
    except Exception as error:
        # A team's estimator may raise anything; whatever it was belongs on the leaderboard.
        traceback.print_exc()
        result["error"] = f"{type(error).__name__}: {error}"
    return result | {"seconds": time.perf_counter() - started}


def learnt_from(
    name: str,
    parts: Mapping[str, pd.DataFrame],
    whole: WholeTable | None,
    until: str,
    settings: Settings,
) -> ShuffledRows | None:
    """Return all rows of a table before a part, if a candidate learns from all; else None."""
    if whole is None or not learns_from_all(named(name, settings), settings):
        return None
    return whole.before(parts[until][settings.time].min())


def learns_from_all(candidate: Candidate, settings: Settings) -> bool:
    """Tell whether a candidate learns from all rows of a table, and not from a sample alone.

    Raises `Refusal` where its estimator cannot be made, or is to learn from all and cannot.
    """
    from shared.training.fitting import batch_learning, estimators, row_file

    if candidate.model or candidate.learns_from == "sample":
        return False
    estimator = estimators.build_estimator(candidate, settings.seed, settings.kind)
    if row_file.reads_from_file(candidate, estimator):
        return True
    if batch_learning.learns_in_batches(estimator, settings.weighed_by is not None):
        return True
    if candidate.learns_from == "all" and settings.train.rows:
        raise Refusal(
            f'candidate {candidate.name!r}: learns_from = "all", and {type(estimator).__name__} '
            "holds all its rows in memory as it is set here: leave that out, and it learns from "
            "the sample"
        )
    return False


def learning_words(sampled: EvenSample | None, settings: Settings) -> str:
    """Return in words that not all rows are taken, and who learns from all; nothing if they are."""
    words = sampling.sample_words(sampled)
    names: list[str] = []
    for candidate in settings.candidates if words else ():
        # What cannot be made is said by its error.
        with suppress(Refusal):
            names += [candidate.name] if learns_from_all(candidate, settings) else []
    learn = "learns" if len(names) == 1 else "learn"
    return f"{words}; {' and '.join(names)} {learn} from all, in batches" if names else words


def _fit_and_give(
    name: str,
    parts: dict[str, pd.DataFrame],
    contract: Contract,
    settings: Settings,
    whole: ShuffledRows | None,
) -> np.ndarray:
    """Fit a candidate on train; returns what it gives of the validation's rows."""
    with threadpool_limits(_threads(settings)):
        model = fitted(named(name, settings), parts["train"], contract, settings, whole)
    return task_of(contract).scores(model, model_input(parts["validation"], contract))


def ranked(results: list[Result], settings: Settings) -> list[Result]:
    """Order results: the best by the selecting metric first, then the unfinished and the failed.

    Trials that were fitted on fewer rows, and went no further, come behind those fitted on all.
    """
    sign = -1 if higher_is_better(settings.select_by) else 1

    def rank(result: Result) -> tuple[int, int, float]:
        if not result["scores"]:
            return (3 if result["error"] else 2), 0, 0.0
        rows = result.get("rows") or 0
        return (1 if rows else 0), -rows, sign * result["scores"][settings.select_by].value

    return sorted(results, key=rank)


def winner(leaderboard: list[Result]) -> Result:
    """Return the first of a ranked leaderboard; raises `Refusal` when every candidate failed."""
    first = leaderboard[0]
    # Where the best trials of a search failed on all rows, others are left that had fewer.
    if first["error"] or first.get("rows"):
        failed = "; ".join(f"{names}: {error}" for error, names in errors(leaderboard).items())
        raise Refusal(f"every candidate failed: {failed}")
    return first


def errors(results: list[Result]) -> dict[str, str]:
    """Return who failed by each error, which many trials may have in common."""
    found: dict[str, list[str]] = {}
    for result in results:
        if result["error"]:
            name = result["candidate"]
            error = result["error"].removeprefix(f"candidate {name!r}: ").removeprefix(f"{name}: ")
            found.setdefault(error, []).append(name)
    return {error: ", ".join(names) for error, names in found.items()}


def refit(
    name: str,
    parts: Mapping[str, pd.DataFrame],
    contract: Contract,
    settings: Settings,
    whole: WholeTable | None = None,
) -> Any:
    """Fit a candidate on train and validation together; a fitted model stays as it is.

    Both may be one of the parts, `splits.SEEN`, which copies no row of them.
    """
    learnt = learnt_from(name, parts, whole, "holdout", settings)
    return fitted(named(name, settings), splits.seen(parts), contract, settings, learnt)


def refit_chosen(
    chosen: dict[str, Any],
    parts: Mapping[str, pd.DataFrame],
    contract: Contract,
    settings: Settings,
    whole: WholeTable | None = None,
) -> Any:
    """Fit a result's candidate as `refit` does, with the parameters of its trial if it was one."""
    settings = trials.with_chosen(settings, chosen)
    return refit(chosen["candidate"], parts, contract, settings, whole)


def fitted(
    candidate: Candidate,
    rows: pd.DataFrame,
    contract: Contract,
    settings: Settings,
    whole: ShuffledRows | None = None,
) -> Any:
    """Fit a candidate on rows by their weights, or try one on them that was fitted elsewhere.

    With the `whole` that the rows are a sample of, it learns from all of it.
    """
    from shared.training.fitting import estimators, given_models

    if candidate.model:
        return given_models.tried(candidate, rows, contract, settings)
    weights = None if whole else row_weights(rows, settings)
    return estimators.fit(candidate, rows, contract, settings.seed, weights, whole)


def _threads(settings: Settings) -> int | None:
    """Return a candidate's share of this machine's cores; None where it has a machine to itself.

    Local tasks run side by side, and OpenMP threads beyond the cores slow each other down tenfold.
    """
    if os.environ.get("METAFLOW_RUNTIME_ENVIRONMENT", "local") != "local":
        return None
    share = max(1, (os.cpu_count() or 1) // len(trials.fit_tasks(settings)))
    # Who says that there are to be fewer knows what else the machine does.
    said = os.environ.get("OMP_NUM_THREADS", "")
    return min(share, max(1, int(said))) if said.isdecimal() else share


def named(name: str, settings: Settings) -> Candidate:
    """Return a candidate by its name."""
    return next(candidate for candidate in settings.candidates if candidate.name == name)
