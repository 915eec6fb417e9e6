"""Cells of files that have no types, such as CSV: texts, until what is known of a column types it.

A column that is known is read by its type, whatever block it stands in. Of one that nothing is
known of, all cells decide.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.comma_texts import comma_texts
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.reading import plain_column, read_column
from shared.sections import Csv
from shared.settings import Settings
from shared.tasks.kinds import TARGET_TYPES

LEADING_ZEROS = r"^[+-]?0\d"
BOOLEANS = pa.array(["true", "false"])
# So many cells mostly show already that a column holds no numbers.
FIRST_CELLS = 1_000


@dataclass(frozen=True)
class Cells:
    """How cells are written, and the types of the columns that are known.

    `truths` has, of columns that are true or false by texts of their own, the texts that are known.
    """

    csv: Csv = field(default_factory=Csv)
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    truths: Mapping[str, Collection[str]] = field(default_factory=dict)

    def known(self, table: pa.Table) -> pa.Table:
        """Return a table of texts, without the markers of missing values where a type is known.

        The texts stay texts, which the contract reads, also where numbers have a decimal comma; so
        does a column that is not known.
        """
        columns = [
            self._marked(table[name], "boolean", self.truths[name])
            if name in self.truths
            else self._marked(table[name], self.types.get(name, "text"))
            for name in table.column_names
        ]
        return pa.table(columns, names=table.column_names)

    def typed(self, table: pa.Table, but: Collection[str] = ()) -> pa.Table:
        """Return a table that `known` made, with types for the columns not known.

        All cells of a column decide: integers, numbers, `true` and `false`, or else texts. Null is
        the type of a column without a value. Columns named by `but` stay as they are.
        """
        names, columns = table.column_names, table.columns
        # The texts are let go column by column.
        del table
        for at, name in enumerate(names):
            # One marker of a missing value says nothing of the others.
            if name not in {*self.types, *but} and pa.types.is_string(columns[at].type):
                columns[at] = self._decided(columns[at])
        return pa.table(columns, names=names)

    def _marked(
        self, texts: pa.ChunkedArray, kind: ColumnType, values: Collection[str] = ()
    ) -> pa.ChunkedArray:
        if kind in ("text", "category"):
            return texts
        missing = [text for text in self.csv.missing if text not in values]
        marker = pc.is_in(texts, pa.array(missing, pa.string()))
        if pc.any(marker).as_py():
            texts = pc.if_else(marker, None, texts)
        if self.csv.decimal == "," and kind in ("number", "integer"):
            return comma_texts(texts)
        return texts

    def _decided(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        values = plain_column(self._marked(texts, "number"))
        if values.null_count == len(values):
            return pa.chunked_array([pa.nulls(len(values))])
        if all(_are_booleans(some) for some in (values.slice(0, FIRST_CELLS), values)):
            return pc.equal(pc.utf8_lower(values), "true")
        read = _numbers(values)
        return texts if read is None else read


def cells_of_settings(settings: Settings) -> Cells:
    """Return how the cells of a problem's files are read: by what its settings say."""
    target: ColumnType = "text" if settings.positive else TARGET_TYPES[settings.kind]
    types: dict[str, ColumnType] = {settings.time: "time", settings.target: target}
    types |= settings.others
    types |= {name: said.type for name, said in settings.contract.items() if said.type}
    truths = {settings.target: [settings.positive]} if settings.positive else {}
    return Cells(settings.csv, types | {settings.key: "text"}, truths)


def cells_of_contract(contract: Contract, csv: Csv) -> Cells:
    """Return how the cells of files are read whose columns a contract knows."""
    types = {c.name: "text" if c.truths else c.type for c in contract.columns}
    truths = {c.name: c.truths for c in contract.columns if c.truths}
    return Cells(csv, types | {contract.key: "text"}, truths)


def _are_booleans(values: pa.ChunkedArray) -> bool:
    among = pc.is_in(pc.utf8_lower(values.drop_null()), BOOLEANS)
    return pc.all(among).as_py() is not False


def _numbers(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return texts as integers, else as numbers; None where one is neither, or loses digits."""
    number = ContractColumn(name="cells", type="number")
    if NOT_OF_TYPE["number"] in read_column(values.slice(0, FIRST_CELLS), number).unreadable:
        return None
    if pc.any(pc.match_substring_regex(values, LEADING_ZEROS)).as_py():
        return None
    try:
        whole = values.cast(pa.int64())
    except pa.ArrowInvalid:
        read = read_column(values, number)
        return None if read.unreadable else read.values
    # Arrow takes 0x10 for a whole number.
    hexadecimal = pc.match_substring(values, "x", ignore_case=True)
    return None if pc.any(hexadecimal).as_py() else whole
