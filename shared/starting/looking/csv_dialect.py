"""How a table's CSV files are written, by looking at them: encoding, delimiter, numbers."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.cells import CLASS_TOO
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import ContractColumn
from shared.schema.number_texts import grouped, number_texts
from shared.schema.reading import read_column
from shared.sections.columns import Csv
from shared.tables import storage
from shared.tables.csv_guesses import DELIMITERS, likely_encoding
from shared.tables.table_files import TableFile
from shared.tasks.multiclass.classes import MOST

BLOCK_BYTES = 1 << 20
LINES_LOOKED_AT = 50
# Large numbers may be rare.
LINES_OF_NUMBERS = 2_000
POINT, COMMA = r"^\s*[-+]?\d+\.\d+\s*$", r"^\s*[-+]?\d+([. '\u00a0\u202f]?\d{3})*,\d+\s*$"
NUMBER = ContractColumn(name="cells", type="number")
# What people write where nothing is known, beside what is missing by itself.
MARKERS = frozenset(
    (
        *("", "?", "-", "--", ".", "n/a", "na", "n.a.", "k.a.", "none", "nil", "missing"),
        *("unknown", "unbekannt", "keine angabe", "k. a.", "inconnu", "desconocido"),
        *("(null)", "<na>", "\\n", "#value!", "#null!", "#div/0!"),
    )
)
MOST_MARKERS = 10
Thousands = Literal["", ".", ",", " ", "'"]


def look_at_csv(address: str, files: Sequence[TableFile]) -> Csv:
    """Return how the CSV files of a table are written; the defaults where it has none.

    All bytes decide the encoding, the first lines the delimiter and how numbers are written.
    """
    written = [file for file in files if not file.path.endswith(".parquet")]
    if not written:
        return Csv()
    where = storage.place(address)
    with storage.reaching(address):
        encoding = next(filter(None, (_odd_encoding(where.files, f) for f in written)), "utf-8")
        first = next(_blocks(where.files, written[0]), b"")
    lines = first.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    lines = [line for line in lines[:LINES_OF_NUMBERS] if line.strip()]
    is_tsv = written[0].path.removesuffix(".gz").endswith(".tsv")
    delimiter = "\t" if is_tsv else _delimiter(lines[:LINES_LOOKED_AT])
    cells = [cell for row in csv.reader(lines[1:], delimiter=delimiter) for cell in row]
    decimal = _decimal(cells, delimiter)
    thousands = _thousands(cells, decimal)
    return Csv(encoding=encoding, delimiter=delimiter, decimal=decimal, thousands=thousands)


def missing_markers(texts: pa.Table, written: Csv) -> tuple[str, ...]:
    """Return the texts that stand for no value in columns that are numbers otherwise."""
    found = [text for column in texts.columns for text in odd_texts(column, written)]
    return tuple(dict.fromkeys(text for text in found if text.strip().lower() in MARKERS))


def label_texts(column: pa.ChunkedArray, written: Csv) -> tuple[str, ...]:
    """Return the texts of a target, beside others that stand for no value.

    Where it holds just two, both are values; among more than two, `None` is one. None are returned
    of more texts than there can be classes, or of more than two that all are numbers.
    """
    if not pa.types.is_string(column.type):
        return ()
    found: list[str] = sorted(column.unique().drop_null().to_pylist())
    if not 2 < len(found) <= MOST + MOST_MARKERS:
        return tuple(found) if len(found) == 2 else ()
    markers = {*MARKERS, *(text.lower() for text in written.missing)}
    known = [text for text in found if text.strip().lower() not in markers]
    if len(known) > 2:
        if not read_column(pa.chunked_array([known]), NUMBER).unreadable:
            return ()
        known = [text for text in found if text in known or text == CLASS_TOO]
    return tuple(known) if len(known) >= 2 else ()


def odd_texts(column: pa.ChunkedArray, written: Csv) -> list[str]:
    """Return the texts among a column's that are no numbers, where most of them are."""
    if not pa.types.is_string(column.type) or column.null_count == len(column):
        return []
    # Of categories, a few texts are read for many rows.
    counted = column.drop_null().value_counts()
    values, counts = pa.chunked_array([counted.field(0)]), counted.field(1).to_numpy()
    known = pc.is_in(values, pa.array(written.missing))
    read = number_texts(values, written.decimal, written.thousands)
    odd = read_column(read, NUMBER).unreadable.get(NOT_OF_TYPE["number"])
    if odd is None or counts[odd].sum() > 0.5 * counts.sum():
        return []
    left: list[str] = values.filter(pc.and_(pa.array(odd), pc.invert(known))).to_pylist()
    return left


def _odd_encoding(files: pa.fs.FileSystem, file: TableFile) -> str | None:
    """Return the encoding of a file that is not in UTF-8; None of one that is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(files, file):
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            odd = [line for line in block.splitlines() if not _is_utf8(line)]
            return likely_encoding(b"\n".join(odd[1:-1] or odd) if block[:1] < b"\xfe" else block)
    return None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _blocks(files: pa.fs.FileSystem, file: TableFile) -> Iterator[bytes]:
    with files.open_input_file(file.path) as opened:
        packed = file.path.endswith(".gz")
        source = pa.CompressedInputStream(opened, "gzip") if packed else opened
        while block := source.read(BLOCK_BYTES):
            yield block


def _delimiter(lines: Sequence[str]) -> str:
    """Return what cuts the most lines into as many cells as the header has, at least two."""

    def fit(delimiter: str) -> tuple[int, int]:
        counts = [
            len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        ]
        header = counts[0] if counts else 0
        return (Counter(counts)[header], header) if header > 1 else (0, 0)

    return max("," + DELIMITERS.replace(",", ""), key=fit)


def _decimal(cells: Sequence[str], delimiter: str) -> Literal[".", ","]:
    if delimiter == ",":
        return "."
    commas = sum(bool(re.match(COMMA, cell)) for cell in cells)
    return "," if commas > sum(bool(re.match(POINT, cell)) for cell in cells) else "."


def _thousands(cells: Sequence[str], decimal: str) -> Thousands:
    """Return what stands between thousands in the most numbers that have a decimal sign as well.

    Without one 1.234 may be either.
    """
    points: tuple[Thousands, ...] = (",", " ", "'")
    commas: tuple[Thousands, ...] = (".", " ", "'")
    precise = [cell for cell in cells if decimal in cell]

    def seen(sign: Thousands) -> int:
        return sum(bool(re.match(grouped(decimal, sign), cell)) for cell in precise)

    most = max(points if decimal == "." else commas, key=seen)
    return most if seen(most) else ""
