"""Candidates: an import path in the settings becomes a fitted scikit-learn pipeline."""

import difflib
import inspect
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from shared.errors import Refusal
from shared.kinds import ESTIMATOR_TYPES, Kind
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.sections.training import Candidate
from shared.training.fitting import batch_learning, boosters, preprocessing, row_file
from shared.training.fitting.imports import imported
from shared.training.fitting.shuffled_rows import ShuffledRows
from shared.words import nearest_names

# What to do about errors of libraries that do not say it, by words of theirs.
ADVICE = {
    "least populated class": "it holds rows out by itself, and cannot split the row of a class "
    "that has one alone: give it params = { early_stopping = false }",
    # findings/sklearn_boosting_fails_on_a_column_without_values.sh
    "window shape cannot be larger": "no value of COLUMNS is in the rows to learn from, which this "
    "estimator does not take: leave it out of the features, or move the dates in [split]",
    "no attribute 'predict_proba'": "it tells no chances, by which answers are judged: an "
    'SGDClassifier does with params = { loss = "log_loss" }; or use another estimator',
    "Invalid classes inferred": "it takes no gaps in the codes of classes, and a class has no row "
    "to learn from: move the dates or shares in [split], or use another estimator",
}


def fit(
    candidate: Candidate,
    rows: pd.DataFrame,
    contract: Contract,
    seed: int,
    weights: np.ndarray | None = None,
    whole: ShuffledRows | None = None,
) -> Pipeline:
    """Fit a candidate's pipeline on rows that hold the features and the target as it is learnt.

    With `weights` rows count by them. With the `whole` that these rows are a sample of, the
    estimator learns from all of it in batches. Raises `Refusal` for an estimator that takes no
    weights, and for errors that are known to come of rare classes, or of empty columns.
    """
    pipeline = build(candidate, contract, seed)
    if weights is not None and not has_fit_parameter(pipeline["model"], "sample_weight"):
        raise Refusal(
            f"{candidate.name}: {type(pipeline['model']).__name__} takes no weights of rows: use "
            "another estimator, or leave [train] weights and weigh_by out"
        )
    counts = {} if weights is None else {"model__sample_weight": weights}
    inputs = model_input(rows, contract)
    try:
        if whole is not None and row_file.reads_from_file(candidate, pipeline["model"]):
            return row_file.fit_from_file(pipeline, rows, whole, contract)
        if whole is not None:
            passes = candidate.params.get("max_iter", 0)
            return batch_learning.fit_in_batches(pipeline, rows, whole, contract, passes)
        target = rows[contract.target].to_numpy()
        if boosters.stops_early(pipeline["model"]):
            return boosters.fit_stopping(pipeline, inputs, target, weights, seed)
        return pipeline.fit(inputs, target, **counts)
    except ValueError as error:
        known = [advice for words, advice in ADVICE.items() if words in str(error)]
        if not known:
            raise
        empty = ", ".join(str(name) for name in inputs if inputs[name].isna().all())
        advice = known[0].replace("COLUMNS", empty or "a column")
        raise Refusal(f"{candidate.name}: {advice} ({error})") from error


def build(candidate: Candidate, contract: Contract, seed: int) -> Pipeline:
    """Return the unfitted pipeline: preprocessing, then the estimator, seeded where it can be."""
    estimator = build_estimator(candidate, seed, contract.kind)
    if candidate.preprocessing == "tree":
        _direct(estimator, candidate.name, contract)
    columns = preprocessing.transformer(candidate, estimator, contract)
    return Pipeline([("columns", columns), ("model", estimator)])


def _direct(estimator: Any, name: str, contract: Contract) -> None:
    """Order directions that are given by feature as the encoder's columns, which have no names."""
    directions = getattr(estimator, "monotonic_cst", None)
    if not isinstance(directions, dict):
        return
    columns = (*contract.numeric, *contract.categorical)
    if unknown := [feature for feature in directions if feature not in contract.numeric]:
        raise Refusal(
            f"candidate {name!r}: monotonic_cst names {unknown[0]!r}, which is no feature of "
            f"numbers{nearest_names(unknown[:1], contract.numeric)}"
        )
    estimator.set_params(monotonic_cst=[directions.get(column, 0) for column in columns])


def build_estimator(candidate: Candidate, seed: int, kind: Kind) -> Any:
    """Return a candidate's unfitted estimator, seeded where it can be.

    Raises `Refusal` where it cannot be imported, does not take its parameters, or says that it is
    for another kind of answer.
    """
    estimator = _made(candidate, seed)
    refuse_other_kind(estimator, candidate, kind)
    return estimator


def refuse_other_kind(estimator: Any, candidate: Candidate, kind: Kind) -> None:
    """Raise `Refusal` where a candidate's estimator says that it is for another kind of answer."""
    needed, found = ESTIMATOR_TYPES[kind], _estimator_type(estimator)
    if found not in (None, needed) and found in ESTIMATOR_TYPES.values():
        raise Refusal(
            f"candidate {candidate.name!r}: {type(estimator).__name__} is a {found}, and kind = "
            f'"{kind}" needs a {needed}'
        )


def _estimator_type(estimator: Any) -> str | None:
    """Return what an estimator says that it is; None where it does not say."""
    if not hasattr(estimator, "__sklearn_tags__"):
        return None
    return str(get_tags(estimator).estimator_type)


def _made(candidate: Candidate, seed: int) -> Any:
    kind, name = imported(candidate, "estimator"), (candidate.estimator or "").rpartition(".")[2]
    params = {name: _with_whole_keys(value) for name, value in candidate.params.items()}
    taken = inspect.signature(kind).parameters
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in taken.values())
    if unknown := [] if open_ended else [name for name in params if name not in taken]:
        alike = [name for name in taken if name.lower() == unknown[0].lower()]
        close = alike or difflib.get_close_matches(unknown[0], taken, n=1)
        known = f"did you mean {close[0]!r}?" if close else f"it takes {', '.join(taken)}"
        raise Refusal(
            f"candidate {candidate.name!r}: {name} has no parameter {unknown[0]!r}; {known}"
        )
    if "random_state" in taken:
        params.setdefault("random_state", seed)
    try:
        return kind(**params)
    except (TypeError, ValueError) as error:
        raise Refusal(f"candidate {candidate.name!r}: {error}") from None


def _with_whole_keys(value: Any) -> Any:
    """Return a table of the settings, whose keys TOML has as texts, keyed by whole numbers."""
    if isinstance(value, dict) and all(key.removeprefix("-").isdecimal() for key in value):
        return {int(key): held for key, held in value.items()}
    return value
