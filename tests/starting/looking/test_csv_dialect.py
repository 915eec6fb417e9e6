"""How CSV is written is seen by looking at it."""

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from shared.sections.columns import Csv
from shared.starting.looking import csv_dialect
from shared.tables import table_files


def seen(file: Path, content: bytes) -> tuple[str, str, str]:
    file.write_bytes(content)
    address = str(file)
    found = csv_dialect.look_at_csv(address, table_files.list_files(address).files)
    return found.encoding, found.delimiter, found.decimal


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal"),
    [
        ("a,b\n1.5,2\n", ",", "."),
        ("a;b\n1,5;2\n", ";", ","),
        ("a;b\n1.500,25;2\n", ";", ","),
        ("a;b\n1.5;x,y\n", ";", "."),
        ("a|b\n1|2\n", "|", "."),
        ('a;b\n"x;y";2,5\n', ";", ","),
        ('\ufeff"x;y;z"\tb\n', "\t", "."),
        ("alone\n1\n", ",", "."),
    ],
)
def test_the_delimiter_and_the_decimal_sign_are_those_of_most_lines(
    text: str, delimiter: str, decimal: str, tmp_path: Path
) -> None:
    assert seen(tmp_path / "rows.csv", text.encode()) == ("utf-8", delimiter, decimal)


@pytest.mark.parametrize(
    ("cells", "decimal", "thousands"),
    [
        (["1.234,50", "7,5"], ",", "."),
        (["1 234,50"], ",", " "),
        (["1'234.50"], ".", "'"),
        (["1,234.50", "12.5"], ".", ","),
        # Whole numbers may be decimal ones, and what stands between digits anything.
        (["1.234", "1,5", "2,5"], ",", ""),
        (["192.168.100.200", "030 123 456"], ".", ""),
    ],
)
def test_what_stands_between_thousands_is_that_of_numbers_with_a_decimal_sign(
    cells: list[str], decimal: str, thousands: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(["a;b", *(f"{cell};x" for cell in cells)]))
    found = csv_dialect.look_at_csv(str(file), table_files.list_files(str(file)).files)
    assert (found.decimal, found.thousands) == (decimal, thousands)


def test_the_name_tells_tabs_before_the_lines_do(tmp_path: Path) -> None:
    assert seen(tmp_path / "rows.tsv", b"a,b,c\td\n1,2,3\t4\n")[1] == "\t"


def test_one_odd_byte_after_many_lines_decides_the_encoding(tmp_path: Path) -> None:
    lines = b"a;town\n" + b"1;Gera\n" * 200_000 + "2;Köln\n".encode("cp1252")
    assert seen(tmp_path / "rows.csv", lines)[0] == "cp1252"
    assert seen(tmp_path / "rows.csv.gz", gzip.compress(lines, 1)) == ("cp1252", ";", ".")


def test_utf_16_is_known_by_its_mark(tmp_path: Path) -> None:
    assert seen(tmp_path / "rows.csv", "a;b\n1,5;ü\n".encode("utf-16")) == ("utf-16", ";", ",")


def test_a_table_of_parquet_has_the_defaults() -> None:
    assert csv_dialect.look_at_csv("rows.parquet", []) == Csv()


def test_markers_of_missing_are_texts_among_numbers_as_people_write_them() -> None:
    texts = pa.table({"age": ["1", "2", "K.A.", "A12"], "town": ["?", "Gera", "Jena", "Suhl"]})
    assert csv_dialect.missing_markers(texts, Csv()) == ("K.A.",)
    assert csv_dialect.odd_texts(texts["age"], Csv()) == ["K.A.", "A12"]
    assert csv_dialect.odd_texts(texts["age"], Csv(missing=("K.A.",))) == ["A12"]


def test_a_column_of_which_most_are_no_numbers_has_no_odd_texts() -> None:
    assert csv_dialect.odd_texts(pa.chunked_array([["1", "x", "y"]]), Csv()) == []


def test_numbers_with_a_decimal_comma_are_no_odd_texts_where_it_is_said() -> None:
    column = pa.chunked_array([["1,5", "2,5", "-"]])
    assert csv_dialect.odd_texts(column, Csv(delimiter=";", decimal=",")) == ["-"]
    assert csv_dialect.odd_texts(column, Csv()) == []
