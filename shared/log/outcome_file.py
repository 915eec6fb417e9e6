"""True labels from a Parquet or CSV file of any size into the prediction log."""

import csv
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.schema.contract import Contract

ROWS_AT_ONCE = 20_000
LONGEST_KEY = 1_000
VALUES = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
MISSING = frozenset({"", "nan", "null", "none", "na"})
# A frame with gaps holds its whole numbers as 3.0.
WHOLE = re.compile(r"\s*(-?[0-9]{1,18})(?:\.0)?\s*")
# Hears what share of the file is read.
ShareRead = Callable[[float], None]


@dataclass
class Taken:
    """What became of a file's rows; they add up to `received`.

    `repeated` are rows whose key came again nearby, with the later one counting; `unlabelled` have
    no label yet; `refused` have a mistake: (row from 1, key, label, what is wrong).
    """

    received: int = 0
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    repeated: int = 0
    unlabelled: int = 0
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)


class _Mistaken(Exception):  # noqa: N818  (of one row; it is listed)
    pass


def take(path: Path, log: PredictionLog, contract: Contract, on_progress: ShareRead) -> Taken:
    """Add a file's labels to the log; one that stands already adds nothing.

    So an interrupted file is just taken again. Columns other than the contract's key and target are
    not read. Raises `Refusal` for a file that cannot be read, and when the log is away.
    """
    taken = Taken()
    names = (contract.key, contract.target)
    is_whole = contract[contract.key].type == "integer"
    for keys, labels, share in _batches(path, names):
        labelled: dict[Any, bool] = {}
        for key, label in zip(keys, labels, strict=True):
            taken.received += 1
            try:
                known = _label(label)
                if known is None:
                    taken.unlabelled += 1
                    continue
                sound = _key(key, is_whole=is_whole)
            except _Mistaken as mistake:
                row = (taken.received, _shown(key), _shown(label), str(mistake))
                taken.refused.append(row)
                continue
            taken.repeated += sound in labelled
            labelled[sound] = known
        _add_outcomes(log, labelled, taken)
        on_progress(share)
    return taken


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


def _batches(path: Path, names: tuple[str, str]) -> Iterator[tuple[list[Any], list[Any], float]]:
    if not path.is_file():
        raise Refusal(f"no file {path} (looked in {Path.cwd()})")
    read = _parquet if path.suffix == ".parquet" else _csv
    try:
        for batch, share in read(path, names):
            keys, labels = (batch.column(name).to_pylist() for name in names)
            yield keys, labels, share
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
    # As texts: one that is no number is a mistake of its row, not of the file.
    types = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    with path.open("rb") as file, pa.csv.open_csv(file, convert_options=types) as read:
        _check_columns(path, read.schema.names, names)
        for batch in read:
            yield batch.select(list(names)), file.tell() / path.stat().st_size


def _check_columns(path: Path, there: list[str], names: tuple[str, str]) -> None:
    for name in names:
        if name not in there:
            raise Refusal(f"{path} has no column {name!r}; it has {', '.join(there)}")


def _label(label: Any) -> bool | None:
    if isinstance(label, str):
        text = label.strip().lower()
        if text in MISSING:
            return None
        if text in VALUES:
            return VALUES[text]
    elif label is None or (isinstance(label, float) and math.isnan(label)):
        return None
    elif label in (0, 1):
        return bool(label)
    raise _Mistaken("a label is true, false, 1 or 0, or empty while it is not known")


def _key(key: Any, *, is_whole: bool) -> str | int:
    if is_whole:
        whole = WHOLE.fullmatch(str(key))
        if not whole:
            raise _Mistaken("the key is no whole number")
        return int(whole[1])
    text = key if isinstance(key, str) else "" if key is None else str(key)
    if not text or len(text) > LONGEST_KEY or "\x00" in text:
        raise _Mistaken(f"the key is empty, longer than {LONGEST_KEY:,} letters, or has a zero")
    return text


def _shown(value: Any) -> str:
    return str(value)[:100]
