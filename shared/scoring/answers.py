"""A bundle's answers to tables of rows: screened by its contract, and scored in columns."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.model.answer import true_probabilities
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.profiles.counts import OUTCOME
from shared.schema import validation
from shared.schema.validation import Screened


@dataclass(frozen=True)
class Asked:
    """A table's rows as the model takes them, and those that it is not given."""

    screened: Screened
    inputs: pd.DataFrame


@dataclass(frozen=True)
class Answered:
    """A table's answers, and the rows that were refused with why, as they came."""

    answers: pa.Table
    refused: pa.Table
    reasons: Sequence[str]
    model_seconds: float


class Scorer:
    """Answers tables with one bundle, whose golden rows come out as they should."""

    def __init__(self, bundle: Bundle, *, features: bool) -> None:
        self._bundle, self._contract, self._features = bundle, bundle.contract, features
        self._prove()

    @property
    def columns(self) -> list[str]:
        """The columns that are read of a table; the target's, which is last, if it is there."""
        contract = self._contract
        return [contract.key, contract.time, *contract.features, contract.target]

    @property
    def categories(self) -> list[str]:
        """The columns whose texts come again and again."""
        return self._contract.categorical

    def schema(self, there: Sequence[str]) -> pa.Schema:
        """Return the columns of the answers to a table that has these columns."""
        contract = self._contract
        names = [contract.key, contract.time, *(contract.features if self._features else ())]
        made = [
            ("bundle", pa.dictionary(pa.int32(), pa.string())),
            ("probability", pa.float64()),
            ("prediction", pa.bool_()),
        ]
        outcome = [(OUTCOME, pa.bool_())] if contract.target in there else []
        kept = validation.schema(contract, names)
        return pa.schema([*kept, *(pa.field(*pair) for pair in (*made, *outcome))])

    def ask(self, table: pa.Table) -> Asked:
        """Make the model's input of the rows that keep to the contract."""
        names = self.columns if self._contract.target in table.column_names else self.columns[:-1]
        found = validation.screen(table, self._contract, names)
        return Asked(found, model_input(found.rows, self._contract))

    def answer(self, asked: Asked) -> Answered:
        """Let the model answer."""
        started = time.perf_counter()
        probabilities = true_probabilities(self._bundle.model, asked.inputs)
        spent = time.perf_counter() - started
        screened = asked.screened
        answers = self._table(screened.rows, probabilities)
        return Answered(answers, screened.rejected, screened.reasons, spent)

    def _table(self, rows: pa.Table, probabilities: np.ndarray) -> pa.Table:
        schema = self.schema(rows.column_names)
        places = pa.array(np.zeros(len(probabilities), dtype="int32"))
        made = {
            "bundle": pa.DictionaryArray.from_arrays(places, pa.array([self._bundle.digest])),
            "probability": pa.array(probabilities),
            "prediction": pa.array(self._bundle.predictions(probabilities)),
        }
        if OUTCOME in schema.names:
            made[OUTCOME] = rows[self._contract.target]
        columns = [made[n] if n in made else rows[n] for n in schema.names]
        return pa.table(columns, names=schema.names).cast(schema)

    def _prove(self) -> None:
        golden = self._bundle.golden()
        asked = self.ask(pa.Table.from_pandas(golden, preserve_index=False))
        found = np.full(len(golden), np.nan)
        kept = slice(None) if asked.screened.kept is None else asked.screened.kept
        found[kept] = self.answer(asked).answers["probability"].to_numpy()
        self._bundle.prove(found)
