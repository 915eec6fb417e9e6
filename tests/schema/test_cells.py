"""Cells become typed by what is known of their column, or else by all cells of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from shared.schema.cells import Cells, cells_of_contract, cells_of_settings
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.schema.number_texts import as_written
from shared.schema.reading import read_column
from shared.schema.validation import screen
from shared.schema.violations import examples_of
from shared.sections.columns import Csv
from shared.settings import Settings
from shared.settings_reading import typed_settings


def read(cells: Cells, *values: str | None) -> tuple[str, list[Any]]:
    table = cells.typed(cells.known(pa.table({"c": pa.array(values, pa.string())})))
    return str(table["c"].type), table["c"].to_pylist()


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (("1", None, "-7"), "int64", [1, None, -7]),
        (("1", "2.5", "NA"), "double", [1.0, 2.5, None]),
        (("3.0", "4.0"), "double", [3.0, 4.0]),
        (("true", "False", None), "bool", [True, False, None]),
        (("007", "12"), "string", ["007", "12"]),
        (("1", "x"), "string", ["1", "x"]),
        (("x", "NA", None), "string", ["x", "NA", None]),
        (("0x10", "0x11"), "string", ["0x10", "0x11"]),
        (("yes", "no"), "string", ["yes", "no"]),
        (("9007199254740993", "1"), "int64", [9007199254740993, 1]),
        (("18446744073709551615", "1"), "string", ["18446744073709551615", "1"]),
        (("9007199254740993", "1.5"), "string", ["9007199254740993", "1.5"]),
        ((None, "NA"), "null", [None, None]),
    ],
)
def test_all_cells_of_a_column_decide_where_nothing_is_known(
    cells: tuple[str | None, ...], kind: str, values: list[Any]
) -> None:
    assert read(Cells(), *cells) == (kind, values)


def test_a_late_cell_counts_as_much_as_an_early_one() -> None:
    kind, values = read(Cells(), *["1"] * 5_000, "x")
    assert (kind, values[-1]) == ("string", "x")
    kind, values = read(Cells(), *["true"] * 5_000, "1")
    assert (kind, values[0]) == ("string", "true")


@pytest.mark.parametrize("odd", ["1e999", "-1e999", "9" * 1_001])
def test_a_number_that_no_float_holds_makes_no_texts_of_the_others_and_is_refused(odd: str) -> None:
    for others in (["1"] * 20, ["2.5"] * 20, ["1"] * 5_000):
        kind, values = read(Cells(), *others, odd)
        assert (kind, values[-1]) == ("double", float(odd))
    typed = pa.chunked_array([pa.array(values)])
    refused = read_column(typed, ContractColumn(name="c", type="number")).unreadable
    assert refused["not a number"].tolist() == [False] * 5_000 + [True]
    # Numbers with more digits than a float has are ids, and so is what stands among them.
    assert read(Cells(), *["18446744073709551615"] * 20, odd)[0] == "string"
    assert read(Cells(), "7", odd)[0] == "string"


@pytest.mark.parametrize("kind", ["text", "category"])
def test_texts_stay_as_they_are(kind: ColumnType) -> None:
    assert read(Cells(types={"c": kind}), "NA", "007", "1") == ("string", ["NA", "007", "1"])


@pytest.mark.parametrize("kind", ["number", "integer", "boolean", "time"])
def test_markers_are_missing_where_something_else_than_a_text_is_expected(kind: ColumnType) -> None:
    assert read(Cells(types={"c": kind}), "NA", "1", "#N/A")[1] == [None, "1", None]
    own = Cells(Csv(missing=("?",)), {"c": kind})
    assert read(own, "NA", "1", "?")[1] == ["NA", "1", None]


def test_a_decimal_comma_is_read_and_a_point_is_then_no_number() -> None:
    comma = Csv(delimiter=";", decimal=",")
    assert read(Cells(comma), "1,5", "2") == ("double", [1.5, 2.0])
    assert read(Cells(comma), "1.234", "2") == ("string", ["1.234", "2"])
    known = Cells(comma, {"c": "number"}).known(pa.table({"c": ["1,5", "1.234", "NA"]}))
    number = ContractColumn(name="c", type="number")
    reading = read_column(known["c"], number)
    assert reading.values.to_pylist() == [1.5, None, None]
    assert reading.unreadable["not a number"].tolist() == [False, True, False]


def test_thousands_are_read_where_the_settings_say_what_stands_between_them() -> None:
    german = Cells(Csv(delimiter=";", decimal=",", thousands="."))
    assert read(german, "1.234,5", "2") == ("double", [1234.5, 2.0])
    assert read(german, "1.234", "2") == ("int64", [1234, 2])
    assert read(german, "1.23", "2") == ("string", ["1.23", "2"])
    with pytest.raises(ValueError, match="cannot be the decimal sign and between thousands"):
        Csv(thousands=".")


def test_a_number_with_a_point_is_refused_as_the_file_has_it() -> None:
    comma = Cells(Csv(delimiter=";", decimal=","), {"c": "number"})
    known = comma.known(pa.table({"c": ["1,5", "1.234"], "d": ["a", "b"]}))
    column = ContractColumn(name="c", type="number")
    assert examples_of(known["c"], np.array([False, True])) == ("'1.234'",)
    assert as_written(known).to_pydict() == {"c": ["1,5", "1.234"], "d": ["a", "b"]}
    contract = Contract(key="c", time="c", target="c", features=(), columns=(column,))
    assert screen(known, contract, ["c"]).rejected.to_pylist() == [{"c": "1.234", "d": "b"}]


def test_markers_are_missing_in_a_target_of_two_texts_but_for_the_two(settings: Settings) -> None:
    own = {"target": {"name": "c", "positive": "Y"}, "csv": {"missing": ["?", "N/A", "Y"]}}
    given = typed_settings(settings.model_dump(mode="json", exclude={"positive"}) | own)
    assert read(cells_of_settings(given), "Y", "N", "N/A", "?")[1] == ["Y", "N", None, None]
    column = ContractColumn(name="c", type="boolean", truths=("None", "lost"))
    contract = Contract(key="c", time="c", target="c", features=(), columns=(column,))
    cells = replace(cells_of_contract(contract, Csv()), types={"c": "text"})
    assert read(cells, "None", "lost", "NA")[1] == ["None", "lost", None]


def test_markers_are_missing_in_a_target_of_classes_but_for_those_known(settings: Settings) -> None:
    plain = settings.model_dump(mode="json", exclude={"select_by"})
    classes = ("NA", "a", "None", "N/A", "?")
    target = {"kind": "multiclass", "target": "c", "csv": {"missing": ["NA", "None", "N/A", "?"]}}
    cells = cells_of_settings(typed_settings(plain | target))
    assert read(cells, *classes)[1] == [None, "a", "None", None, None]
    said = target | {"contract": {"c": {"categories": ["NA", "a", "?"]}}}
    cells = cells_of_settings(typed_settings(plain | said))
    assert read(cells, *classes)[1] == ["NA", "a", "None", None, "?"]
    column = ContractColumn(name="c", type="category", categories=("N/A", "a"))
    contract = Contract(key="k", time="t", target="c", features=(), columns=(column,))
    assert read(cells_of_contract(contract, Csv()), *classes)[1] == [None, "a", "None", "N/A", "?"]
    # Of another column, any text is one.
    other = contract.model_copy(update={"target": "d"})
    assert read(cells_of_contract(other, Csv()), *classes)[1] == [*classes]


def test_a_decimal_comma_leaves_texts_as_they_are() -> None:
    comma = Csv(delimiter=";", decimal=",")
    assert read(Cells(comma, {"c": "text"}), "1,5")[1] == ["1,5"]


def test_settings_and_contracts_say_what_is_known(settings: Settings) -> None:
    assert cells_of_settings(settings).types["loan"] == "text"
    own = {"target": {"name": settings.target, "positive": "lost"}}
    given = typed_settings(settings.model_dump(mode="json", exclude={"positive"}) | own)
    assert cells_of_settings(given).types[settings.target] == "text"
    assert cells_of_settings(settings).types[settings.target] == "boolean"
    column = ContractColumn(name="late", type="boolean", truths=("NA", "lost"))
    key, time = (ContractColumn(name=n, type=t) for n, t in (("id", "integer"), ("at", "time")))
    contract = Contract(
        key="id", time="at", target="late", features=(), columns=(key, time, column)
    )
    found = cells_of_contract(contract, Csv()).types
    assert found == {"id": "text", "at": "time", "late": "text"}
