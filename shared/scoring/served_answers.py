"""Batch against server: some rows of a partition are answered again, as a server answers them."""

from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.comparisons import answer_check
from shared.model.comparisons.agreement import Agreement
from shared.model.comparisons.answer_check import LoggedRows
from shared.model.predictor import Predictor
from shared.profiles import duplicates, row_sample
from shared.profiles.row_sample import RowSample
from shared.scoring.answers import Answered
from shared.tasks.task import stacked

# Of each task, and of a partition at least.
ROWS, FEWEST = 300, 10


class PartitionSample:
    """Some of a partition's rows, spread over all of it, with what they were answered."""

    def __init__(self, rows: int) -> None:
        self._most, self._seen = rows, 0
        self._sample = RowSample((), rows)

    def add(self, answered: Answered) -> None:
        """Choose from a batch: the same rows whenever its partition is answered."""
        rows = answered.screened.rows
        places = np.arange(self._seen, self._seen + rows.num_rows, dtype="uint64")
        self._seen += rows.num_rows
        for name in answered.answers.column_names:
            if name not in rows.column_names:
                rows = rows.append_column(name, answered.answers[name])
        hashes = duplicates.mixed_hashes(places + np.uint64(1))
        self._sample += row_sample.sample_rows(rows, hashes, self._most)

    @property
    def rows(self) -> pd.DataFrame:
        """The rows, with features and answers."""
        return self._sample.rows if self._seen else pd.DataFrame()


class ServedAnswers:
    """Answers rows as a server does, and compares."""

    def __init__(self, bundle: Bundle, partitions: int) -> None:
        self._bundle = bundle
        self._most = max(FEWEST, ROWS // max(partitions, 1))

    def sample(self) -> PartitionSample:
        """Return a sample that is still empty."""
        return PartitionSample(self._most)

    def compare(self, sample: PartitionSample, name: str) -> Agreement:
        """Compare a partition's answers with a server's; raises `Refusal` where they differ."""
        rows = sample.rows
        if rows.empty:
            return Agreement()
        names = [column.name for column, _ in self._bundle.task.columns]
        found = answer_check.compare(LoggedRows(rows, names), self._bundle, self._scores)
        if found.differing:
            cause = f" ({found.likely_cause})" if found.likely_cause else ""
            raise Refusal(
                f"{name}: {found.differing:,} of {found.compared:,} answers come out otherwise "
                f"when the bundle is asked as a server asks it{cause}: {found.first[0].words}; "
                "nothing of this partition is written"
            )
        return found

    @cached_property
    def _server(self) -> Predictor:
        return Predictor(self._bundle)

    def _scores(self, rows: pd.DataFrame) -> np.ndarray:
        contract = self._bundle.contract
        asked = rows[[contract.key, contract.time, *contract.features]]
        scored = self._server.score(pa.Table.from_pandas(asked, preserve_index=False).to_pydict())
        names = self._bundle.task.score_names
        return stacked({name: np.array(scored[name], "float64") for name in names}, names)
