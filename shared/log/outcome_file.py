"""True labels from a Parquet or CSV file of any size into the prediction log."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.schema.column_reading import ColumnReading
from shared.schema.contract import Contract, ContractColumn
from shared.schema.reading import read_column

ROWS_AT_ONCE = 20_000
# Hears what share of the file is read.
ShareRead = Callable[[float], None]


@dataclass
class Taken:
    """What became of a file's rows; they add up to `received`.

    `repeated` are rows whose key came again nearby, with the later one counting; `unlabelled` have
    no label yet; `refused` cannot be read: (row from 1, key, label, what is wrong).
    """

    received: int = 0
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    repeated: int = 0
    unlabelled: int = 0
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)


def take(path: Path, log: PredictionLog, contract: Contract, on_progress: ShareRead) -> Taken:
    """Add a file's labels to the log; one that stands already adds nothing.

    So an interrupted file is just taken again. Columns other than the contract's key and target are
    not read. Raises `Refusal` for a file that cannot be read, and when the log is away.
    """
    taken = Taken()
    columns = contract[contract.key], contract[contract.target]
    for batch, share in _batches(path, (contract.key, contract.target)):
        _add_outcomes(log, _labelled(batch, columns, taken), taken)
        on_progress(share)
    return taken


def _labelled(
    batch: pa.RecordBatch, columns: tuple[ContractColumn, ContractColumn], taken: Taken
) -> dict[Any, bool]:
    """Return the labels of a batch by key, and count what became of its rows."""
    keys, labels = (
        read_column(pa.chunked_array([batch.column(column.name)]), column) for column in columns
    )
    faults = [
        (f"{column.name}: {words}", rows)
        for column, reading in zip(columns, (keys, labels), strict=True)
        for words, rows in reading.unreadable.items()
    ]
    faults.append((f"{columns[0].name}: missing", _missing(keys)))
    unlabelled = _missing(labels)
    labelled: dict[Any, bool] = {}
    read = zip(keys.values.to_pylist(), labels.values.to_pylist(), strict=True)
    for at, (key, label) in enumerate(read):
        taken.received += 1
        if unlabelled[at]:
            taken.unlabelled += 1
        elif why := next((words for words, rows in faults if rows[at]), None):
            row_key, row_label = (_shown(batch.column(column.name)[at]) for column in columns)
            taken.refused.append((taken.received, row_key, row_label, why))
        else:
            taken.repeated += key in labelled
            labelled[key] = label
    return labelled


def _shown(value: pa.Scalar) -> str:
    return str(value.as_py())[:100]


def _missing(reading: ColumnReading) -> np.ndarray:
    """Return where a value is missing, rather than unreadable."""
    missing = reading.values.is_null().to_numpy()
    for rows in reading.unreadable.values():
        missing = missing & ~rows
    return missing


def list_refused(taken: Taken, path: Path) -> None:
    """Write the refused rows into a CSV file."""
    with path.open("w", newline="") as file:
        written = csv.writer(file)
        written.writerow(["row", "key", "label", "problem"])
        written.writerows(taken.refused)


def _add_outcomes(log: PredictionLog, labelled: dict[Any, bool], taken: Taken) -> None:
    try:
        counts = log.outcomes.add(labelled)
    except LogUnavailable as error:
        raise Refusal(
            f"the prediction log is away at row {taken.received:,}: {error}; take the file again "
            "when it is back: what is there already adds nothing"
        ) from None
    taken.added += counts["added"]
    taken.corrected += counts["corrected"]
    taken.unchanged += counts["unchanged"]


def _batches(path: Path, names: tuple[str, str]) -> Iterator[tuple[pa.RecordBatch, float]]:
    if not path.is_file():
        raise Refusal(f"no file {path} (looked in {Path.cwd()})")
    try:
        yield from (_parquet if path.suffix == ".parquet" else _csv)(path, names)
    except (pa.ArrowException, OSError) as error:
        words = str(error).splitlines()[0]
        raise Refusal(f"{path} cannot be read as a table: {words}") from None


def _parquet(path: Path, names: tuple[str, str]) -> Iterator[tuple[pa.RecordBatch, float]]:
    with pq.ParquetFile(path) as file:
        _check_columns(path, file.schema_arrow.names, names)
        done = 0
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(names)):
            done += batch.num_rows
            yield batch, done / file.metadata.num_rows


def _csv(path: Path, names: tuple[str, str]) -> Iterator[tuple[pa.RecordBatch, float]]:
    # As texts: one that cannot be read is a fault of its row, not of the file.
    types = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
    )
    with path.open("rb") as file, pa.csv.open_csv(file, convert_options=types) as read:
        _check_columns(path, read.schema.names, names)
        for batch in read:
            yield batch.select(list(names)), file.tell() / path.stat().st_size


def _check_columns(path: Path, there: list[str], names: tuple[str, str]) -> None:
    for name in names:
        if name not in there:
            raise Refusal(f"{path} has no column {name!r}; it has {', '.join(there)}")
