"""From rows to a model's input without the frames that scikit-learn makes on the way.

For few rows those frames take longer than the model does. A shortcut is taken only where it gives
what the pipeline gives, which is tried when the bundle is loaded.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

from shared.model.bundle import Bundle
from shared.model.compiled_trees import compile_trees, limited
from shared.schema import columns
from shared.schema.columns import Columns
from shared.schema.contract import Contract

# How a number is made of a value; None where the value is one already, or missing.
Number = Callable[[Any], float] | None
Input = tuple[str, Number]
Scores = Callable[[Columns], np.ndarray]
LOG = logging.getLogger("millrace")
# No table has it, so that an encoder shows what it makes of the unknown.
UNKNOWN = "\x00 not in any table"


class ModelScores(NamedTuple):
    """What gives rows their scores, and how, in words; of so many rows always by one thread."""

    evaluator: str
    scores: Scores
    most_of_one_thread: int = 0


def model_scores(bundle: Bundle) -> ModelScores:
    """Return what gives rows their scores: the shortest way that is known to be right.

    Where a shortcut cannot be made, or fails later, the model itself is asked, and the log says
    why.
    """
    whole = ModelScores("the model's own pipeline", bundle.scores)
    try:
        inputs = _inputs(bundle.model, bundle.contract)
        if not inputs:
            return whole
        return _proven(bundle, inputs) or whole
    except Exception as error:
        # Pipelines are the teams' own, and this is no more than a saving of time.
        _warn(error)
        return whole


def _proven(bundle: Bundle, inputs: list[Input]) -> ModelScores | None:
    """Return the shortest way that gives the trials, to the last bit, what the pipeline gives."""
    estimator, trials = bundle.model[-1], _trials(bundle)
    wanted = bundle.scores(trials)

    def scores(answering: Any) -> Scores:
        return lambda asked: bundle.task.scores(answering, _rows(asked, inputs))

    def is_right(answering: Any) -> bool:
        return np.array_equal(scores(answering)(trials), wanted)

    trees = compile_trees(estimator)
    if trees and is_right(trees):
        few = limited(trees, _rows(trials, inputs))
        name = f"treelite for up to {few.most_rows} rows, then the estimator without frames"
        if few.most_rows:
            return ModelScores(name, _with_fallback(scores(few), bundle.scores), few.most_rows)
    if is_right(estimator):
        name = "the estimator without frames"
        return ModelScores(name, _with_fallback(scores(estimator), bundle.scores))
    return None


def _with_fallback(shortcut: Scores, otherwise: Scores) -> Scores:
    def answered(asked: Columns) -> np.ndarray:
        try:
            return shortcut(asked)
        except Exception as error:
            _warn(error)
            return otherwise(asked)

    return answered


def _warn(error: Exception) -> None:
    LOG.warning("rows are answered by the whole pipeline: %s: %s", type(error).__name__, error)


def _rows(asked: Columns, inputs: list[Input]) -> np.ndarray:
    table = [list(map(number, asked[n])) if number else asked[n] for n, number in inputs]
    # In the order of rows, which the model goes through one after another.
    return np.ascontiguousarray(np.array(table, dtype="float64").T)


def _inputs(model: Any, contract: Contract) -> list[Input]:
    """Return the inputs of a pipeline's last step in their order; nothing where one is unknown."""
    steps: Any = getattr(model, "steps", ())
    if len(steps) != 2 or not isinstance(steps[0][1], ColumnTransformer):
        return []
    inputs: list[Input] = []
    for _, made, names in steps[0][1].transformers_:
        # What has no columns was never fitted.
        if not len(names):
            continue
        if isinstance(made, FunctionTransformer) and made.func is None:
            inputs += [(n, _seconds if contract[n].type == "time" else None) for n in names]
        elif isinstance(made, OrdinalEncoder):
            inputs += zip(names, _codes(made), strict=True)
        else:
            return []
    return inputs


def _codes(encoder: OrdinalEncoder) -> list[Number]:
    """Return each column's way from a category to its code, as the encoder itself has it."""
    known = [[value for value in found if isinstance(value, str)] for found in encoder.categories_]
    longest = max(map(len, known))
    asked = [[*values, np.nan, *[UNKNOWN] * (longest + 1 - len(values))] for values in known]
    frame = pd.DataFrame(dict(zip(encoder.feature_names_in_, asked, strict=True)), dtype=object)
    codes = encoder.transform(frame).T
    return [
        _code(dict(zip([*values, None], row, strict=False)), row[-1])
        for values, row in zip(known, codes, strict=True)
    ]


def _code(codes: dict[str | None, float], unknown: float) -> Number:
    return lambda value: codes.get(value, unknown)


def _seconds(moment: datetime | None) -> float:
    return np.nan if moment is None else moment.timestamp()


def _trials(bundle: Bundle) -> Columns:
    """Return golden rows as a server has them, each also with something missing or unknown."""
    contract = bundle.contract
    rows = pa.Table.from_pandas(bundle.golden()[list(contract.features)]).to_pylist()
    names = contract.features
    without = [row | {names[at % len(names)]: None} for at, row in enumerate(rows)]
    strange = dict.fromkeys(contract.categorical, UNKNOWN[1:])
    # Values of few decimals lie on a tree's very bounds, where single precision would tell.
    short = [{name: _short(value) for name, value in row.items()} for row in rows]
    strangers = [row | strange for row in rows]
    trials = [*rows, *without, *short, *strangers, dict.fromkeys(names)]
    return columns.of_rows(trials, names)


def _short(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value
