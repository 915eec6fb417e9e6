"""True labels from a Parquet or CSV file of any size into the prediction log."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.schema import arrow
from shared.schema.booleans import are_other_codes
from shared.schema.cells import cells_of_contract
from shared.schema.column_reading import ColumnReading
from shared.schema.columns import once_each
from shared.schema.contract import Contract, ContractColumn
from shared.schema.labels import label_fault, unknown_labels
from shared.schema.reading import plain_column, read_column
from shared.sections.columns import Csv
from shared.tables import storage
from shared.tables.csv_files import CsvFile, ShareRead
from shared.words import nearest_names, quoted_if_odd

ROWS_AT_ONCE = 20_000


@dataclass
class Taken:
    """What became of a file's rows; they add up to `received`.

    `repeated` are rows whose key came again nearby, with the later one counting; `unlabelled` have
    no label yet; `refused` cannot be read: (row from 1, key, label, what is wrong). `unknown`
    counts the labels of classes that the contract does not list. `unanswered` are keys among those
    added or corrected that no prediction in the log has.
    """

    received: int = 0
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    repeated: int = 0
    unlabelled: int = 0
    unanswered: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)


def take(
    path: Path,
    log: PredictionLog,
    contract: Contract,
    on_progress: ShareRead,
    written: Csv | None = None,
) -> Taken:
    """Add a file's labels to the log; one that stands already adds nothing.

    So an interrupted file is just taken again. Columns other than the contract's key and target are
    not read; `written` is how a CSV file is. Raises `Refusal` for a file that cannot be read, and
    when the log is away.
    """
    taken, newest = Taken(), log.outcomes.newest()
    columns = contract[contract.key], contract[contract.target]
    for table in _batches(path, contract, written or Csv(), on_progress):
        if not taken.received:
            _refuse_other_codes(table[contract.target], columns[1], path)
        _add_outcomes(log, _labelled(table, columns, taken), taken)
    if taken.added or taken.corrected:
        taken.unanswered = log.outcomes.unanswered(newest)
    return taken


def _refuse_other_codes(came: pa.ChunkedArray, target: ContractColumn, path: Path) -> None:
    """Raise `Refusal` where a file's first labels are 1 and 2, or the like, of which 1 is taken."""
    if target.type != "boolean" or target.truths:
        return
    if are_other_codes(plain_column(came), read_column(came, target)):
        texts = arrow.texts(plain_column(came)).drop_null().unique().to_pylist()
        raise Refusal(
            f"{path}: {target.name} holds {', '.join(sorted(texts))}, and nothing says which of "
            "them is true: write true and false, or 1 and 0; nothing was taken"
        )


def _labelled(
    table: pa.Table, columns: tuple[ContractColumn, ContractColumn], taken: Taken
) -> dict[Any, Any]:
    """Return the labels of a table by key, and count what became of its rows."""
    keys, labels = (read_column(table[column.name], column) for column in columns)
    faults = [
        (f"{column.name}: {words}", rows)
        for column, reading in zip(columns, (keys, labels), strict=True)
        for words, rows in reading.unreadable.items()
    ]
    faults.append((f"{columns[0].name}: missing", _missing(keys)))
    unlabelled = _missing(labels)
    labelled: dict[Any, Any] = {}
    fault_of = label_fault(columns[1])
    read = zip(keys.values.to_pylist(), labels.values.to_pylist(), strict=True)
    for at, (key, label) in enumerate(read):
        taken.received += 1
        if unlabelled[at]:
            taken.unlabelled += 1
        elif why := next((words for words, rows in faults if rows[at]), fault_of(label)):
            row_key, row_label = (_shown(table[column.name][at]) for column in columns)
            taken.refused.append((taken.received, row_key, row_label, why))
        else:
            taken.repeated += key in labelled
            labelled[key] = label
    taken.unknown += unknown_labels(labelled.values(), columns[1])
    return labelled


def _shown(value: pa.Scalar) -> str:
    try:
        return str(value.as_py())[:100] if value.is_valid else ""
    except (ValueError, OverflowError):
        # A time that Python cannot hold.
        return f"a {value.type}"


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


def _add_outcomes(log: PredictionLog, labelled: dict[Any, Any], taken: Taken) -> None:
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


def _batches(
    path: Path, contract: Contract, written: Csv, on_read: ShareRead
) -> Iterator[pa.Table]:
    """Yield the file's keys and targets, and nothing else of it."""
    if path.is_dir():
        raise Refusal(f"{path} is a folder: outcomes come from one file, take each by itself")
    if not path.is_file():
        raise Refusal(f"no file {path} (looked in {Path.cwd()})")
    names = contract.key, contract.target
    with storage.reaching(str(path)):
        if path.suffix == ".parquet":
            tables = _parquet(path, names, on_read)
        else:
            file = CsvFile(pafs.LocalFileSystem(), str(path), written)
            _check_columns(path, file.column_names, names)
            cells = cells_of_contract(contract, written)
            tables = map(cells.known, file.batches(ROWS_AT_ONCE, names, on_read))
        yield from tables


def _parquet(path: Path, names: tuple[str, str], on_read: ShareRead) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        _check_columns(path, once_each(file.schema_arrow.names, str(path)), names)
        done = 0
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(names)):
            done += batch.num_rows
            on_read(done / file.metadata.num_rows)
            yield pa.Table.from_batches([batch])


def _check_columns(path: Path, there: list[str], names: tuple[str, str]) -> None:
    for name in names:
        if name not in there:
            has = ", ".join(map(quoted_if_odd, there))
            raise Refusal(
                f"{path} has no column {name!r}; it has {has}{nearest_names([name], there)}"
            )
