"""The rows of files, made what the log's are: one bundle's, with a probability and outcomes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.monitoring.windows import answer_columns, column_faults
from shared.monitoring.windows.answer_columns import AnswerColumns
from shared.monitoring.windows.column_faults import Faults
from shared.monitoring.windows.scope import Part, Scope
from shared.schema import arrow
from shared.schema.cells import cells_of_contract
from shared.tables import file_rows
from shared.tables.made_columns import made_columns
from shared.tasks.task import stacked


@dataclass(frozen=True)
class FileRows:
    """A batch of a file's rows as the log has them, and what was found wrong with them.

    `found` are the columns of answers. `others` counts the rows that another bundle answered,
    `unscored` says why there is no probability.
    """

    table: pa.Table
    unreadable: dict[str, np.ndarray]
    faults: Faults
    found: AnswerColumns
    others: int
    unscored: str | None


@dataclass(frozen=True)
class WindowFiles:
    """Reads the files of a scope for a bundle."""

    scope: Scope
    bundle: Bundle

    def batches(self, part: Part) -> Iterator[pa.Table]:
        """Yield the rows of a part as they are written."""
        tables = file_rows.read_batches(
            str(self.scope.file),
            part.files,
            rows=file_rows.ROWS_PER_BATCH,
            as_codes=self.bundle.contract.categorical,
            groups=part.groups,
            cells=cells_of_contract(self.bundle.contract, self.bundle.settings.csv),
            made=made_columns(self.bundle.contract, self.scope.read_at),
        )
        # A partition that is no column of the contract says nothing of the rows.
        known = {column.name for column in self.bundle.contract.columns}
        partitions = {name for file in part.files for name, _ in file.partition} - known
        for table in tables:
            named = [name for name in table.column_names if name in partitions]
            yield answer_columns.as_asked(table.drop_columns(named), self.bundle.contract)

    def read(self, table: pa.Table) -> FileRows:
        """Read a batch by the contract, without what other bundles answered, and score it.

        Raises `Refusal` for answers without what was asked.
        """
        found = answer_columns.find(table, self.bundle.contract, self.bundle.task)
        own, others = found.table, 0
        if found.bundle is not None:
            if not {*self.bundle.contract.features} & {*table.column_names}:
                raise Refusal(
                    f"{self.scope.source} has answers without the features: score with "
                    "`features = true` in the settings' [score] to have them judged"
                )
            own = own.filter(pc.equal(found.bundle, self.bundle.digest))
            others = table.num_rows - own.num_rows
        read = column_faults.read_table(self._with_lacking(own), self.bundle.contract)
        scored, unscored = self._scored(read.table, table.column_names)
        return FileRows(
            table=scored,
            unreadable=read.unreadable,
            faults=column_faults.merged(read.faults, found.faults),
            found=found,
            others=others,
            unscored=unscored,
        )

    def _with_lacking(self, table: pa.Table) -> pa.Table:
        """Add the features that only other files of the scope have: here they are missing."""
        lacking = {*self.bundle.contract.features} - {*table.column_names}
        if not lacking or not table.num_columns:
            return table
        for name in sorted(lacking & self._held):
            table = table.append_column(name, pa.nulls(table.num_rows))
        return table

    @cached_property
    def _held(self) -> set[str]:
        files = {file for part in self.scope.parts for file in part.files}
        cells = cells_of_contract(self.bundle.contract, self.bundle.settings.csv)
        return file_rows.column_names(str(self.scope.file), files, cells)

    def _scored(self, table: pa.Table, named: list[str]) -> tuple[pa.Table, str | None]:
        """Let the model answer rows without a probability; else return why it could not.

        The file has its columns `named` so.
        """
        there, task = table.column_names, self.bundle.task
        if not table.num_columns:
            return table, None
        if {*task.score_names} <= {*there}:
            return self._with_answers(table), None
        if absent := [name for name in self.bundle.contract.features if name not in there]:
            return table, f"columns {absent} are missing; received {named}"
        try:
            answered = self.bundle.answers(self.bundle.scores(table), table)
        except (Refusal, ValueError) as refusal:
            return table, str(refusal)
        for name in task.score_names:
            table = table.append_column(name, pa.array(answered[name]))
        return self._with_answers(table), None

    def _with_answers(self, table: pa.Table) -> pa.Table:
        """Add what is watched of answers, where it is not there."""
        task = self.bundle.task
        used = dict.fromkeys([*task.counted_names, *task.watched_names])
        lacking = [name for name in used if name not in table.column_names]
        if lacking:
            scores = {name: arrow.numbers(table[name])[0] for name in task.score_names}
            answered = self.bundle.answers(stacked(scores, task.score_names), table)
            for name in lacking:
                table = table.append_column(name, pa.array(answered[name]))
        return table
