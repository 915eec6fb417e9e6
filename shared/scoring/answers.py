"""A bundle's answers to tables of rows: screened by its contract, and scored in columns."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shared.log_columns import OUTCOME
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.schema import validation
from shared.schema.cells import cells_of_contract
from shared.schema.column_reading import ARROW_TYPES
from shared.schema.columns import own_name
from shared.schema.validation import Screened
from shared.tables.made_columns import made_columns

if TYPE_CHECKING:
    # Imported where answers are explained: most are not.
    from shared.scoring.reasons import Reasons


@dataclass(frozen=True)
class Answered:
    """A table's answers, its rows as the contract screened them, and the seconds in the model.

    `reasons` are for each answer, where they were asked for.
    """

    answers: pa.Table
    screened: Screened
    model_seconds: float
    reasons: pa.StructArray | None = None

    @property
    def with_reasons(self) -> pa.Table:
        """The answers, with their reasons in a column beside them if there are any."""
        if self.reasons is None:
            return self.answers
        name = own_name("reasons", self.answers.column_names)
        return self.answers.append_column(name, self.reasons)


class Scorer:
    """Answers tables with one bundle, whose golden rows come out as they should.

    `columns` are read of a table; the target's, which is last, if it is there. What is `made` is
    added to it. Of the columns `categories` have texts that come again and again. The column
    `reason_name` says why rows are refused. With `reasons`, answers come with them.
    """

    def __init__(self, bundle: Bundle, *, features: bool, reasons: "Reasons | None" = None) -> None:
        contract = bundle.contract
        self._bundle, self._contract, self._features = bundle, contract, features
        self.columns = [contract.key, contract.time, *contract.features, contract.target]
        self.categories = contract.categorical
        self.cells = cells_of_contract(contract, bundle.settings.csv)
        self.made = made_columns(contract)
        self._reasons: Reasons | None = None
        self.reason_name = own_name("reason", self.columns)
        # Without their target, which is as the model learnt it and not as a table has it.
        rows = bundle.golden()[self.columns[:-1]]
        golden = self.answer(pa.Table.from_pandas(rows, preserve_index=False))
        kept, size = golden.screened.kept, len(rows)
        found = {name: np.full(size, np.nan) for name in bundle.task.score_names}
        for name, scores in found.items():
            scores[slice(None) if kept is None else kept] = golden.answers[name].to_numpy()
        bundle.prove(found)
        self._reasons = reasons

    def answer(self, table: pa.Table) -> Answered:
        """Let the model answer the rows that meet the contract."""
        names = self.columns if self._contract.target in table.column_names else self.columns[:-1]
        screened = validation.screen(table, self._contract, names)
        inputs = model_input(screened.rows, self._contract)
        started = time.perf_counter()
        scores = self._bundle.task.scores(self._bundle.model, inputs)
        spent = time.perf_counter() - started
        why = self._reasons.column(inputs, scores, screened.rows) if self._reasons else None
        return Answered(self._table(screened.rows, scores), screened, spent, why)

    def _table(self, rows: pa.Table, scores: np.ndarray) -> pa.Table:
        """Return key, time, perhaps the features, what the bundle answers, and the outcome."""
        contract = self._contract
        names = [contract.key, contract.time, *(contract.features if self._features else ())]
        kept = pa.table([rows[name] for name in names], names=names)
        places = pa.array(np.zeros(len(scores), dtype="int32"))
        # What no row of a table has would have no type.
        types = {c.name: ARROW_TYPES[c.type] for c, _ in self._bundle.task.columns if c.nullable}
        found = self._bundle.answers(scores, rows)
        made = {
            "bundle": pa.DictionaryArray.from_arrays(places, pa.array([self._bundle.digest])),
            **{name: pa.array(values, types.get(name)) for name, values in found.items()},
        }
        if contract.target in rows.column_names:
            made[OUTCOME] = rows[contract.target]
        for name, values in made.items():
            kept = kept.append_column(name, values)
        fields = [*validation.arrow_schema(contract, names), *list(kept.schema)[len(names) :]]
        return kept.cast(pa.schema(fields))
