"""What MLflow asks for answers: a bundle, which reads rows as at every other door.

An exported model has a copy of this module in the archive of its code, for `mlflow_loader`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.model.bundle import Bundle, open_bundle
from shared.model.inputs import model_input
from shared.schema.contract import Contract, listed
from shared.schema.reading import read_series
from shared.schema.validation import enforced_faults


class BundleAnswers:
    """Answers frames of rows by a bundle; raises `Refusal` where its golden rows differ."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        bundle.prove(self._answers(bundle.golden()))

    def predict(self, rows: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the columns of answers; a feature that is not there is missing in every row.

        Raises `Refusal` where a value is not what the contract has, and of rows that have none of
        its columns: MLflow takes away what it does not know of them, and the rows with it.
        """
        if not {*taken_columns(self._bundle.contract)} & {*map(str, rows)}:
            features = listed(self._bundle.contract.features)
            raise Refusal(f"no column of the model's came: it takes {features}")
        return pd.DataFrame(self._answers(rows), index=rows.index)

    def _answers(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        bundle, contract = self._bundle, self._bundle.contract
        read, faults = {}, []
        for name in taken_columns(contract):
            if name not in rows and name not in contract.features:
                continue
            column = contract[name]
            came = rows[name] if name in rows else pa.chunked_array([pa.nulls(len(rows))])
            reading = read_series(came, column)
            read[name] = reading.values
            for words, where in enforced_faults(reading, column):
                faults.append(f"{name}: {words} (row {1 + where.argmax()})")
        if faults:
            raise Refusal("; ".join(faults))
        table = pa.table(read)
        scores = bundle.task.scores(bundle.model, model_input(table, contract))
        return bundle.answers(scores, table)


def taken_columns(contract: Contract) -> list[str]:
    """Return the columns that rows may have: features, and what beside them answers depend on."""
    depends = {contract.key, *contract.answered_as}
    beside = [column.name for column in contract.columns if column.name in depends]
    return [*contract.features, *beside]


def load_answers(path: Path) -> BundleAnswers:
    """Return what answers by the bundle in a folder."""
    return BundleAnswers(open_bundle(path))
