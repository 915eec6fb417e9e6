"""CSV files are read as texts; what is no table is refused by its line."""

import gzip
from pathlib import Path

import pyarrow.fs as pafs
import pytest

from shared.errors import Refusal
from shared.sections.columns import Csv
from shared.tables import sources
from shared.tables.csv_files import CsvFile


def read(
    path: Path, content: bytes, *, rows: int = 10, columns: set[str] | None = None, csv: Csv | None
) -> list[dict[str, list[str | None]]]:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    file = CsvFile(pafs.LocalFileSystem(), str(path), csv or Csv())
    return [table.to_pydict() for table in file.batches(rows, columns)]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_cells_are_texts_and_an_empty_one_is_missing(tmp_path: Path, name: str) -> None:
    content = b'\xef\xbb\xbfa,b\r\n007,NA\r\n\r\n"",\r\n"x\r\ny","say ""no"""\r\n'
    found = read(tmp_path / name, content, csv=None)
    assert found == [{"a": ["007", None, "x\r\ny"], "b": ["NA", None, 'say "no"']}]


def test_batches_have_as_many_rows_as_are_asked_for(tmp_path: Path) -> None:
    content = "a,b\n" + "".join(f"{n},x\n" for n in range(250_000))
    file = CsvFile(pafs.LocalFileSystem(), str(tmp_path / "t.csv"), Csv())
    (tmp_path / "t.csv").write_text(content)
    batches = list(file.batches(100_000, {"a"}))
    assert [batch.num_rows for batch in batches] == [100_000, 100_000, 50_000]
    assert batches[2]["a"][-1].as_py() == "249999"
    assert batches[0].column_names == ["a"]


@pytest.mark.parametrize("content", [b"a,b\n", b"a,b", b"\na,b\n\n"])
def test_a_header_alone_has_columns_without_rows(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path / "t.csv", content, csv=None) == [{"a": [], "b": []}]


def test_settings_say_how_a_file_is_written(tmp_path: Path) -> None:
    latin = Csv(delimiter=";", encoding="latin-1")
    assert read(tmp_path / "t.csv", "ä;b\n1,5;é\n".encode("latin-1"), csv=latin) == [
        {"ä": ["1,5"], "b": ["é"]}
    ]
    wide = Csv(encoding="utf-16", delimiter="\t")
    assert read(tmp_path / "t.csv", "a\tb\n1\té\n".encode("utf-16"), csv=wide) == [
        {"a": ["1"], "b": ["é"]}
    ]


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a,b\n1,2\n3\n", "line 3: 1 cells, where the header has 2 (the delimiter is ',')"),
        (b'a,b\n"x\ny",2\n3,4,5\n', "line 4: 3 cells, where the header has 2"),
        (b"a,b\n1,2\na,b\n3,4\n", "line 3: the header stands there again"),
        (
            b"a,b,a\n1,2,3\n",
            "line 1: columns ['a'] are there more than once: rename one",
        ),
        (b"a,b\n1,2\n3,\xff\n", "line 3: is not in utf-8: say how the file is written"),
        (b"\xff,b\n1,2\n", "line 1: is not in utf-8"),
        (
            b"a;b\n1,5;2\n",
            "line 1: the header has no ',', which is the delimiter, but ';': say [csv] ",
        ),
        (b'\n"a"\t"b"\n1\t2\n', "line 2: the header has no ',', which is the delimiter, but"),
        (b"a\tb\n1\t2\n", 'say [csv] delimiter = "\\t"'),
        (b"", "it has no header"),
        (b"PAR1\x15\x04", "is a Parquet file: let its name end with .parquet"),
        (b'a,b\n1,2\n3,"x\n4,5\n', "line 3: the quote that opens a cell here is never closed"),
        (b'a,"b\n1,2\n', "line 1: the quote that opens a cell here is never closed"),
        (b'a,b\n1,"x\n2,"y"\n', "line 2: the quote that opens a cell here is closed before"),
    ],
)
def test_what_is_no_table_is_refused_by_its_line(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read(tmp_path / name, content, csv=None)
    assert told in str(refused.value)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["t.tsv", "t.tsv.gz"])
def test_a_file_named_tsv_has_tabs(tmp_path: Path, name: str) -> None:
    assert read(tmp_path / name, b"a\tb\n1,5\tx\n", csv=None) == [{"a": ["1,5"], "b": ["x"]}]
    with pytest.raises(Refusal, match=r'delimiter = ";" and let the file\'s name end with .csv$'):
        read(tmp_path / name, b"a;b\n1;2\n", csv=None)


def test_a_header_of_one_column_is_one(tmp_path: Path) -> None:
    assert read(tmp_path / "t.csv", b"a\n1\n", csv=None) == [{"a": ["1"]}]


@pytest.mark.parametrize(
    ("content", "named", "told"),
    [
        ("a,b\n1,é\n2,€\n".encode("cp1252"), "utf-8", 'line 2: is not in utf-8.* = "cp1252"'),
        ("a,b\n1,é\n2,€\n".encode("cp1252"), "latin-1", 'line 3: has a control.* = "cp1252"'),
        ("a €,b\n1,é\n".encode("cp1252"), "ISO-8859-15", 'line 1: has a control.* = "cp1252"'),
        ("a,b\n1,ü\n".encode("cp850"), "utf-8", 'line 2: .* = "cp850"'),
        ("a,b\n1,é\n".encode("utf-16"), "utf-8", 'line 1: .* = "utf-16"'),
        ("a,b\n1,é\n".encode(), "utf-16", 'line 1: is not in utf-16: .* = "utf-8"'),
        ("a,b\n1,é\n".encode(), "ascii", 'line 2: .* = "utf-8"'),
    ],
)
def test_a_file_in_another_encoding_is_refused_with_the_one_that_it_is_in(
    tmp_path: Path, content: bytes, named: str, told: str
) -> None:
    for name in ("t.csv", "t.csv.gz"):
        with pytest.raises(Refusal, match=told):
            read(tmp_path / name, content, csv=Csv(encoding=named))


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize("rows_after", [10, 300_000])
def test_rows_within_a_quote_that_is_never_closed_are_not_lost_silently(
    tmp_path: Path, name: str, encoding: str, rows_after: int
) -> None:
    rows = ["0,é", '1,"x', *(f"{n},y" for n in range(rows_after))]
    content = "\n".join(["a,b", *rows]).encode(encoding)
    with pytest.raises(Refusal, match="line 3: the quote that opens a cell here is never closed"):
        read(tmp_path / name, content, columns={"a"}, csv=Csv(encoding=encoding))


def test_a_quote_in_a_cell_that_begins_without_one_is_as_any_other(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", b'a,b\n5" of 6",1\n7","x\ny"\n', csv=None)
    assert found == [{"a": ['5" of 6"', '7"'], "b": ["1", "x\ny"]}]


def test_a_row_that_is_named_like_its_column_is_a_row(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", b"a,b\n1,2\na,3\n", columns={"a"}, csv=None)
    assert found == [{"a": ["1", "a"]}]
    with pytest.raises(Refusal, match="line 4: the header stands there again"):
        read(tmp_path / "t.csv", b"a,b\n1,2\na,3\na,b\n", columns={"a"}, csv=None)


@pytest.mark.parametrize("rows_before", [1, 300_000])
def test_a_row_longer_than_a_block_is_read_and_none_comes_twice(
    tmp_path: Path, rows_before: int
) -> None:
    rows = [f"{n},x" for n in range(rows_before)] + ["long," + "x" * 1_500_000, "last,y"]
    found = read(tmp_path / "t.csv", "\n".join(["a,b", *rows]).encode(), rows=500_000, csv=None)
    assert [row.partition(",")[0] for row in rows] == found[0]["a"]
    assert [len(text or "") for text in found[0]["b"][-2:]] == [1_500_000, 1]


def test_a_file_that_is_damaged_is_there_and_cannot_be_read(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 9_999)
    for content in (b"a,b\n1,2\n", packed[:-20]):
        (tmp_path / "t.csv.gz").write_bytes(content)
        with pytest.raises(Refusal, match=r"t.csv.gz cannot be read as a table: .*(zlib|compress)"):
            sources.read_source(str(tmp_path / "t.csv.gz"))
