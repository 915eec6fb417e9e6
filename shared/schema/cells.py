"""Cells of files that have no types, such as CSV: texts, until what is known of a column types it.

A column that is known is read by its type, whatever block it stands in. Of one that nothing is
known of, all cells decide.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.kinds import TARGET_TYPES
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.number_texts import number_texts
from shared.schema.numbers import beyond_floats
from shared.schema.reading import plain_column, read_column
from shared.sections.columns import Csv
from shared.settings import Settings

LEADING_ZEROS = r"^[+-]?0\d"
BOOLEANS = pa.array(["true", "false"])
# Many classes are called so, whatever it stands for in numbers.
CLASS_TOO = "None"
# So many cells mostly show already that a column holds no numbers.
FIRST_CELLS = 1_000
# Of more cells that no float holds, their digits are what they are, as of ids.
MOST_BEYOND = 0.1


@dataclass(frozen=True)
class Cells:
    """How cells are written, and the types of the columns that are known.

    `truths` has, of a target that is true or false by texts of its own, or one of several classes,
    the texts that are known: none of them stands for a missing value.
    """

    csv: Csv = field(default_factory=Csv)
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    truths: Mapping[str, Collection[str]] = field(default_factory=dict)

    def known(self, table: pa.Table) -> pa.Table:
        """Return a table of texts, without the markers of missing values where a type is known.

        The texts stay texts, which the contract reads, also where numbers are written for people;
        so does a column that is not known.
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
        texts = plain_column(texts)
        missing = [text for text in self.csv.missing if text not in values]
        marker = pc.is_in(texts, pa.array(missing, pa.string()))
        if pc.any(marker).as_py():
            texts = pc.if_else(marker, None, texts)
        if kind in ("number", "integer"):
            return number_texts(texts, self.csv.decimal, self.csv.thousands)
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
    said = settings.contract.get(settings.target)
    truths = {settings.target: [settings.positive]} if settings.positive else {}
    if target == "category":
        truths = {settings.target: [CLASS_TOO, *((said and said.categories) or ())]}
    return Cells(settings.csv, types | {settings.key: "text"}, truths)


def cells_of_contract(contract: Contract, csv: Csv) -> Cells:
    """Return how the cells of files are read whose columns a contract knows."""
    types = {c.name: "text" if c.truths else c.type for c in contract.columns}
    truths: dict[str, Collection[str]] = {c.name: c.truths for c in contract.columns if c.truths}
    for target in (c for c in contract.columns if c.name == contract.target):
        if target.type == "category":
            truths[target.name] = [CLASS_TOO, *(target.categories or ())]
    return Cells(csv, types | {contract.key: "text"}, truths)


def _are_booleans(values: pa.ChunkedArray) -> bool:
    among = pc.is_in(pc.utf8_lower(values.drop_null()), BOOLEANS)
    return pc.all(among).as_py() is not False


def _numbers(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return texts as integers, else as numbers; None where one is neither, or loses digits.

    Numbers beyond what a float holds are infinite, which the contract refuses: as no text is what
    they stand for, they make none of the others.
    """
    number = ContractColumn(name="cells", type="number")
    if _are_others(values.slice(0, FIRST_CELLS), number):
        return None
    if pc.any(pc.match_substring_regex(values, LEADING_ZEROS)).as_py():
        return None
    try:
        whole = values.cast(pa.int64())
    except pa.ArrowInvalid:
        read = read_column(values, number)
        beyond = beyond_floats(values) if read.unreadable else np.zeros(len(values), dtype=bool)
        others = (rows & ~beyond for rows in read.unreadable.values())
        if any(rows.any() for rows in others) or beyond.mean() > MOST_BEYOND:
            return None
        if not beyond.any():
            return read.values
        infinite = pc.if_else(pc.starts_with(values, "-"), -np.inf, np.inf)
        return pc.if_else(pa.array(beyond), infinite, read.values)
    # Arrow takes 0x10 for a whole number.
    hexadecimal = pc.match_substring(values, "x", ignore_case=True)
    return None if pc.any(hexadecimal).as_py() else whole


def _are_others(cells: pa.ChunkedArray, number: ContractColumn) -> bool:
    """Tell whether some cells are no numbers, however large."""
    wrong = read_column(cells, number).unreadable.get(NOT_OF_TYPE["number"])
    return wrong is not None and bool((wrong & ~beyond_floats(cells)).any())
