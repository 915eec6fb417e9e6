"""The reasons for a table's answers: in a column beside them, as `POST /explain` gives them."""

import time

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.reasons.explanations import Explainer

# So many golden rows are explained to see how long one takes.
TRIED_ROWS = 10


class Reasons:
    """Explains a bundle's answers to tables of rows."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle, self._explainer = bundle, Explainer(bundle)

    def column(self, inputs: pd.DataFrame, scores: np.ndarray, rows: pa.Table) -> pa.StructArray:
        """Return the reasons for the scores of a model's input, which was made of these rows.

        The base value and the contributions, by feature, sum to the score that `of` names.
        """
        found, names = self._explainer.contributions(inputs, scores, rows), list(inputs)
        explained = [self._bundle.task.score_names[at] for at in found.places]
        made = {
            "of": pa.array(explained, pa.string()),
            "base_value": pa.array(found.bases),
            "exact": pa.array(found.exact),
            "rows": pa.array(found.rows),
            "contributions": pa.StructArray.from_arrays(_columns(found.amounts), names),
            "standard_errors": pa.StructArray.from_arrays(_columns(found.errors), names),
        }
        return pa.StructArray.from_arrays(list(made.values()), list(made))

    def row_seconds(self) -> float:
        """Return how long a row takes, as golden rows show; 0 where many take as long as one."""
        golden = self._bundle.golden().head(TRIED_ROWS)
        rows = pa.Table.from_pandas(golden, preserve_index=False)
        inputs = model_input(golden, self._bundle.contract)
        scores = self._bundle.task.scores(self._bundle.model, inputs)
        started = time.perf_counter()
        tried = self.column(inputs, scores, rows)
        spent = time.perf_counter() - started
        at_once = self._explainer.adds_up and all(tried.field("exact").to_pylist())
        return 0.0 if at_once else spent / len(golden)


def _columns(values: np.ndarray) -> list[pa.Array]:
    return [pa.array(column) for column in values.T]
