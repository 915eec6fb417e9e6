"""The rows of files, made what the log's are: one bundle's, with a probability and outcomes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.monitoring.scope import Part, Scope
from shared.profiles.counting_plan import SCORE
from shared.profiles.counts import OUTCOME
from shared.schema import arrow
from shared.tables import file_rows

BUNDLE = "bundle"


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
        )
        # A partition that is no column of the contract says nothing of the rows.
        known = {column.name for column in self.bundle.contract.columns}
        partitions = {name for file in part.files for name, _ in file.partition} - known
        for table in tables:
            yield table.drop_columns([name for name in table.column_names if name in partitions])

    def own(self, table: pa.Table) -> tuple[pa.Table, int]:
        """Leave out what another bundle answered, where a file says whose its answers are."""
        if BUNDLE not in table.column_names:
            return table, 0
        if not {*self.bundle.contract.features} & {*table.column_names}:
            raise Refusal(
                f"{self.scope.source} holds answers without what was asked: score with "
                "`features = true` in the settings' [score] to have them judged"
            )
        answered = pc.equal(arrow.texts(table[BUNDLE]), self.bundle.digest)
        own = table.filter(answered).drop_columns(BUNDLE)
        return own, table.num_rows - own.num_rows

    def labelled(self, table: pa.Table) -> pa.Table:
        """Name outcomes as the log does: they are the column `outcome`, or else the target's."""
        target = self.bundle.contract.target
        name = OUTCOME if OUTCOME in table.column_names else target
        if name not in table.column_names:
            return table
        outcomes, missing = arrow.numbers(table[name])
        unread = (np.isnan(outcomes) & ~missing).any()
        if unread or not np.isin(outcomes[~missing], (0, 1)).all():
            raise Refusal(
                f"{self.scope.source}: column {name!r} should hold true, false or nothing"
            )
        table = table.drop_columns([n for n in table.column_names if n in (target, OUTCOME)])
        return table.append_column(OUTCOME, pa.array(outcomes, from_pandas=True))

    def scored(self, table: pa.Table) -> tuple[pa.Table, str | None]:
        """Let the model answer rows without a probability; else return why it could not."""
        if SCORE in table.column_names:
            return table, None
        try:
            # An infinite value is no number: the model has to do without it.
            rows = table.to_pandas().replace([np.inf, -np.inf], np.nan)
            probabilities = self.bundle.probabilities(rows)
        except (Refusal, ValueError) as refusal:
            return table, str(refusal) if table.num_columns else None
        return table.append_column(SCORE, pa.array(probabilities)), None
