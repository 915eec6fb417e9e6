"""CSV files, read in batches of texts: an empty cell is missing, and nothing else is decided."""

import codecs
import io
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.fs as pafs

from shared.errors import Refusal
from shared.schema.columns import once_each
from shared.sections.columns import Csv
from shared.tables.csv_guesses import (
    controls_refused,
    encoding_fault,
    kind_fault,
    likely_delimiter,
)
from shared.tables.csv_quotes import BadLine, QuoteWatch, rows_of

# Arrow takes no row that is longer than a block: a file that has one is read in larger blocks.
BLOCK_BYTES = (1 << 20, 1 << 24, 1 << 28)
LONGER_THAN_BLOCK = "straddling object"
# Hears what share of a file is read.
ShareRead = Callable[[float], object]


@dataclass(frozen=True)
class CsvFile:
    """A CSV file, packed by gzip where its name ends with .gz; of .tsv, the delimiter is a tab."""

    files: pafs.FileSystem
    path: str
    written: Csv

    @property
    def delimiter(self) -> str:
        """What stands between two cells."""
        return "\t" if self._is_tsv else self.written.delimiter

    @property
    def _is_tsv(self) -> bool:
        return self.path.removesuffix(".gz").endswith(".tsv")

    @property
    def column_names(self) -> list[str]:
        """The names of its columns."""
        return self._header()[0]

    def batches(
        self,
        rows: int,
        columns: Collection[str] | None = None,
        on_read: ShareRead = lambda share: None,
    ) -> Iterator[pa.Table]:
        """Yield its rows in tables of at most so many, at least one, whose columns are texts.

        `on_read` hears what share of the file is read. Raises `Refusal` naming the line where it is
        no table.
        """
        names, lines = self._header()
        wanted = names if columns is None else [name for name in names if name in columns]
        found = False
        try:
            for table in _of_rows(self._rows(names, lines, wanted, on_read), rows):
                found = True
                yield table
        except (pa.ArrowInvalid, UnicodeError) as error:
            self._refuse_fault(names)
            words = str(error).splitlines()[0]
            raise Refusal(f"{self.path} cannot be read as a table: {words}") from None
        if not found:
            yield pa.schema([(name, pa.string()) for name in wanted]).empty_table()

    def _header(self) -> tuple[list[str], int]:
        """Return the names of the columns, and how many lines they take."""
        with self._texts() as lines:
            try:
                if fault := kind_fault(lines.buffer, self.written.encoding):
                    raise Refusal(f"{self.path} {fault}")
                rows = rows_of(lines, self.delimiter)
                line, names = next(((at, row) for at, row in rows if row), (1, []))
            except UnicodeError:
                self._refuse_fault([])
                raise
            except BadLine as fault:
                self._refuse_delimiter()
                self._refuse(fault.line, str(fault))
        if not names:
            raise Refusal(f"{self.path} cannot be read as a table: it has no header")
        if len(names) == 1:
            self._refuse_delimiter()
        return once_each(names, f"{self.path}, line {line:,}"), line

    def _rows(
        self, names: list[str], lines: int, wanted: list[str], on_read: ShareRead
    ) -> Iterator[pa.Table]:
        """Yield the rows in blocks as large as the longest row needs."""
        done = 0
        for size in BLOCK_BYTES:
            try:
                passed = 0
                for table in self._blocks(names, lines, wanted, size, on_read):
                    if passed + table.num_rows > done:
                        yield table.slice(done - passed)
                        done = passed + table.num_rows
                    passed += table.num_rows
                return
            except pa.ArrowInvalid as error:
                if size == BLOCK_BYTES[-1] or LONGER_THAN_BLOCK not in str(error):
                    raise

    def _blocks(
        self, names: list[str], lines: int, wanted: list[str], size: int, on_read: ShareRead
    ) -> Iterator[pa.Table]:
        is_checked = False
        with self.files.open_input_file(self.path) as file, self._unpacked(file) as source:
            watch = QuoteWatch(self.delimiter)
            plain = controls_refused(source, self.written.encoding)
            texts = pa.transcoding_input_stream(plain, self.written.encoding, "utf-8")
            watched = pa.TransformInputStream(texts, watch)
            try:
                reader = self._reader(watched, names, lines, wanted, size)
            except pa.ArrowInvalid as error:
                if str(error).startswith(("Could not skip", "Empty CSV")):
                    # Nothing comes after the header.
                    return
                raise
            for batch in reader:
                if not is_checked and (watch.is_odd or _may_hold_header(batch)):
                    self._refuse_fault(names)
                    is_checked = True
                on_read(file.tell() / file.size())
                yield pa.Table.from_batches([batch]).select(wanted)

    def _reader(
        self, source: pa.NativeFile, names: list[str], lines: int, wanted: list[str], size: int
    ) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            source,
            pacsv.ReadOptions(
                column_names=names,
                skip_rows=lines,
                block_size=size,
            ),
            pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )

    def _refuse_fault(self, names: list[str]) -> None:
        """Refuse the first line that is in another encoding, ragged, or the header again."""
        self._refuse_undecodable()
        with self._texts() as lines:
            try:
                self._refuse_row(names, rows_of(lines, self.delimiter))
            except BadLine as fault:
                self._refuse(fault.line, str(fault))

    def _refuse_row(self, names: list[str], rows: Iterator[tuple[int, list[str]]]) -> None:
        for place, (line, row) in enumerate(read for read in rows if read[1]):
            if place and row == names:
                self._refuse(line, "the header stands there again")
            if len(row) != len(names):
                self._refuse(
                    line,
                    f"{len(row)} cells, where the header has {len(names)} "
                    f"(the delimiter is {self.delimiter!r})",
                )

    def _refuse_delimiter(self) -> None:
        """Refuse a header that has another delimiter, and not this one."""
        with self._texts() as lines:
            written = ((at, text) for at, text in enumerate(lines, 1) if text.strip())
            line, header = next(written, (1, ""))
        if found := likely_delimiter(header, self.delimiter):
            self._refuse(
                line,
                f"the header has no {self.delimiter!r}, which is the delimiter, but {found!r}: "
                f"say [csv] delimiter = {json.dumps(found)}"
                + " and let the file's name end with .csv"
                * self._is_tsv,
            )

    def _refuse_undecodable(self) -> None:
        decoder = codecs.getincrementaldecoder(self.written.encoding)()
        with self._bytes() as source:
            for number, line in enumerate(io.BufferedReader(source), 1):
                if fault := encoding_fault(line, self.written.encoding, decoder):
                    self._refuse(number, fault)

    def _refuse(self, line: int, words: str) -> NoReturn:
        raise Refusal(f"{self.path}, line {line:,}: {words}") from None

    def _bytes(self) -> pa.NativeFile:
        return self._unpacked(self.files.open_input_file(self.path))

    def _unpacked(self, file: pa.NativeFile) -> pa.NativeFile:
        return pa.CompressedInputStream(file, "gzip") if self.path.endswith(".gz") else file

    @contextmanager
    def _texts(self) -> Iterator[io.TextIOWrapper]:
        is_utf8 = codecs.lookup(self.written.encoding).name == "utf-8"
        encoding = "utf-8-sig" if is_utf8 else self.written.encoding
        with (
            self._bytes() as source,
            io.TextIOWrapper(io.BufferedReader(source), encoding, newline="") as lines,
        ):
            yield lines


def _may_hold_header(batch: pa.RecordBatch) -> bool:
    """Tell whether a row has the columns' names in the columns that are read."""
    # Most tables answer by their first column.
    alike = (pc.any(pc.equal(batch[name], name)).as_py() for name in batch.schema.names)
    return bool(batch.num_columns) and all(alike)


def _of_rows(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Put tables together, and cut them, so that each but the last has so many rows."""
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += table.num_rows
        if count < rows:
            continue
        joined = pa.concat_tables(held)
        whole = count - count % rows
        for at in range(0, whole, rows):
            yield joined.slice(at, rows)
        count -= whole
        held = [joined.slice(whole)]
    if count:
        yield pa.concat_tables(held)
