"""What gives rows their scores: the shortest way that gives what the pipeline gives.

That is tried when a bundle is loaded, to the last bit, on its golden rows and on stranger ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from threadpoolctl import ThreadpoolController

from shared.errors import Refusal, in_a_line
from shared.model.bundle import Bundle
from shared.model.scores.compiled_trees import compile_trees, most_rows
from shared.model.scores.fast_path import FastPath, Input, Scores, model_rows, warn, with_fallback
from shared.schema import columns
from shared.schema.columns import Columns
from shared.schema.contract import Contract
from shared.tasks.task import Task

# So few rows are answered by one thread. Several are woken for each tree: that gains little, and
# loses much where one of them finds its core busy.
FEW_ROWS = 1_024
# No table has it, so that an encoder shows what it makes of the unknown.
UNKNOWN = "\x00 not in any table"


@dataclass(frozen=True)
class ModelScores:
    """Gives rows their scores by a model that is loaded; `evaluator` says how, in words.

    `fast` has few of them, and `whole` all others.
    """

    evaluator: str
    whole: Scores
    fast: FastPath | None = None
    few: Scores | None = None
    threads: ThreadpoolController = field(default_factory=ThreadpoolController)

    def scores(self, asked: Columns) -> np.ndarray:
        """Return the scores of rows, float64: shape (rows,) or (rows, columns)."""
        count = columns.size(asked)
        if self.few and self.fast and count <= self.fast.most_rows:
            return self.few(asked)
        with self.threads.limit(limits=1 if count <= FEW_ROWS else None):
            return self.whole(asked)


def model_scores(bundle: Bundle) -> ModelScores:
    """Return what gives rows their scores, once the golden rows come out as in training.

    Raises `Refusal` where they do not. Where a shortcut cannot be made, or fails later, the model
    itself is asked, and the log says why.
    """
    # What is wrong with the file has words of its own.
    bundle.model  # noqa: B018
    # On busy cores, threads that wait for each other take many times as long as one.
    with ThreadpoolController().limit(limits=1):
        bundle.prove(_golden_answers(bundle))
        return _shortest(bundle) or ModelScores("the model's own pipeline", bundle.scores)


def _shortest(bundle: Bundle) -> ModelScores | None:
    try:
        return _shortcut(bundle)
    except Exception as error:
        # Pipelines are the teams' own, and this is no more than a saving of time.
        warn(error)
        return None


def _golden_answers(bundle: Bundle) -> dict[str, np.ndarray]:
    """Return what the model makes of its golden rows; raises `Refusal` where it cannot."""
    golden = bundle.golden()
    name = bundle.digest[:12]
    try:
        return bundle.answers(bundle.scores(golden), golden)
    except Exception as error:
        # A pipeline is made of parts that anybody may have written.
        why = in_a_line(error)
        raise Refusal(f"bundle {name}: its model cannot answer its golden rows: {why}") from None


def _shortcut(bundle: Bundle) -> ModelScores | None:
    """Return the shortest way that gives the trials, to the last bit, what the pipeline gives."""
    inputs = _inputs(bundle.model, bundle.contract)
    if not inputs:
        return None
    estimator, task, trials = bundle.model[-1], bundle.task, _trials(bundle)
    wanted = bundle.scores(trials)

    def frameless(asked: Columns) -> np.ndarray:
        return task.scores(estimator, model_rows(asked, inputs))

    whole = with_fallback(frameless, bundle.scores)
    if fast := _fast_path(estimator, inputs, task, trials, wanted):
        few = with_fallback(partial(fast.scores, task), bundle.scores)
        return ModelScores(fast.evaluator, whole, fast, few)
    if np.array_equal(frameless(trials), wanted):
        return ModelScores("the estimator without frames", whole)
    return None


def _fast_path(
    estimator: Any, inputs: tuple[Input, ...], task: Task, trials: Columns, wanted: np.ndarray
) -> FastPath | None:
    """Return the way through compiled trees, if it gives what is wanted, and is quicker."""
    trees = compile_trees(estimator)
    if trees is None:
        return None
    fast = FastPath(inputs, trees, most_rows(trees, estimator, model_rows(trials, inputs)))
    right = fast.most_rows and np.array_equal(fast.scores(task, trials), wanted)
    return fast if right else None


def _inputs(model: Any, contract: Contract) -> tuple[Input, ...]:
    """Return the inputs of a pipeline's last step in their order; nothing where one is unknown."""
    steps: Any = getattr(model, "steps", ())
    if len(steps) != 2 or not isinstance(steps[0][1], ColumnTransformer):
        return ()
    inputs: list[Input] = []
    for _, made, names in steps[0][1].transformers_:
        # What has no columns was never fitted.
        if not len(names):
            continue
        if isinstance(made, FunctionTransformer) and made.func is None:
            inputs += [Input(n, is_time=contract[n].type == "time") for n in names]
        elif isinstance(made, OrdinalEncoder):
            inputs += _coded(made, names)
        else:
            return ()
    return tuple(inputs)


def _coded(encoder: OrdinalEncoder, names: Sequence[str]) -> list[Input]:
    """Return each column with its way from a category to its code, as the encoder itself has it."""
    known = [[value for value in found if isinstance(value, str)] for found in encoder.categories_]
    longest = max(map(len, known))
    asked = [[*values, np.nan, *[UNKNOWN] * (longest + 1 - len(values))] for values in known]
    frame = pd.DataFrame(dict(zip(encoder.feature_names_in_, asked, strict=True)), dtype=object)
    codes = encoder.transform(frame).T.tolist()
    return [
        Input(name, dict(zip([*values, None], row, strict=False)), row[-1])
        for name, values, row in zip(names, known, codes, strict=True)
    ]


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
