"""The door of the monitor: a Parquet file that is judged."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.monitoring.windows.window_files import WindowFiles
from shared.schema.contract import ColumnType
from tests.doors.problem import Outcome, feature
from tests.doors.serving import one_row


class Judge:
    """Reads a file as the monitor does for a bundle."""

    def __init__(self, bundle: Bundle, folder: Path) -> None:
        self._bundle, self._file = bundle, folder / "window.parquet"

    def put(self, kind: ColumnType, value: Any) -> Outcome:
        pq.write_table(one_row(kind, value), self._file)
        planned = scope.plan_table(str(self._file))
        files = WindowFiles(planned, self._bundle)
        (batch,) = files.batches(planned.parts[0])
        read = files.read(batch)
        words = [words for (column, words), _ in read.faults.items() if column == feature(kind)]
        return read.table[feature(kind)][0].as_py(), next(iter(words), None)


JUDGING: Mapping[str, Callable[[Judge, ColumnType, Any], Outcome]] = {"a judged file": Judge.put}
