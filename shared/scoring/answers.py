"""A bundle's answers to tables of rows: screened by its contract, and scored in columns."""

import time
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shared.model.answer import true_probabilities
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.profiles.counts import OUTCOME
from shared.schema import validation
from shared.schema.cells import cells_of_contract
from shared.schema.columns import own_name
from shared.schema.validation import Screened


@dataclass(frozen=True)
class Answered:
    """A table's answers, its rows as the contract screened them, and the seconds in the model."""

    answers: pa.Table
    screened: Screened
    model_seconds: float


class Scorer:
    """Answers tables with one bundle, whose golden rows come out as they should.

    `columns` are read of a table; the target's, which is last, if it is there. Of them `categories`
    have texts that come again and again. The column `reason_name` says why rows are refused.
    """

    def __init__(self, bundle: Bundle, *, features: bool) -> None:
        contract = bundle.contract
        self._bundle, self._contract, self._features = bundle, contract, features
        self.columns = [contract.key, contract.time, *contract.features, contract.target]
        self.categories = contract.categorical
        self.cells = cells_of_contract(contract, bundle.settings.csv)
        self.reason_name = own_name("reason", self.columns)
        golden = self.answer(pa.Table.from_pandas(bundle.golden(), preserve_index=False))
        kept, size = golden.screened.kept, len(bundle.golden())
        found = np.full(size, np.nan)
        found[slice(None) if kept is None else kept] = golden.answers["probability"].to_numpy()
        bundle.prove(found)

    def answer(self, table: pa.Table) -> Answered:
        """Let the model answer the rows that meet the contract."""
        names = self.columns if self._contract.target in table.column_names else self.columns[:-1]
        screened = validation.screen(table, self._contract, names)
        inputs = model_input(screened.rows, self._contract)
        started = time.perf_counter()
        probabilities = true_probabilities(self._bundle.model, inputs)
        spent = time.perf_counter() - started
        return Answered(self._table(screened.rows, probabilities), screened, spent)

    def _table(self, rows: pa.Table, probabilities: np.ndarray) -> pa.Table:
        """Return key, time, perhaps the features, what the bundle answers, and the outcome."""
        contract = self._contract
        names = [contract.key, contract.time, *(contract.features if self._features else ())]
        kept = pa.table([rows[name] for name in names], names=names)
        places = pa.array(np.zeros(len(probabilities), dtype="int32"))
        made = {
            "bundle": pa.DictionaryArray.from_arrays(places, pa.array([self._bundle.digest])),
            "probability": pa.array(probabilities),
            "prediction": pa.array(self._bundle.predictions(probabilities)),
        }
        if contract.target in rows.column_names:
            made[OUTCOME] = rows[contract.target].cast(pa.bool_())
        for name, values in made.items():
            kept = kept.append_column(name, values)
        fields = [*validation.arrow_schema(contract, names), *list(kept.schema)[len(names) :]]
        return kept.cast(pa.schema(fields))
