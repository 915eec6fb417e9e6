"""How a CSV file is written that its settings do not fit."""

import codecs
import gzip
import io

import pyarrow as pa
import pytest

from shared.tables import csv_guesses


@pytest.mark.parametrize(
    ("header", "delimiter", "likely"),
    [
        ("a,b", ",", None),
        ("a;b,c", ",", None),
        ("a;b", ",", ";"),
        ("a\tb;c\td", ",", "\t"),
        ("a,b", ";", ","),
        ("a", ",", None),
    ],
)
def test_another_delimiter_is_likely_only_where_the_header_lacks_its_own(
    header: str, delimiter: str, likely: str | None
) -> None:
    assert csv_guesses.likely_delimiter(header, delimiter) == likely


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_the_encoding_of_a_line_is_one_that_reads_it(encoding: str) -> None:
    assert csv_guesses.likely_encoding("Köln, 5 €".encode(encoding)) == encoding


def test_a_line_that_windows_has_no_signs_for_is_of_dos() -> None:
    assert csv_guesses.likely_encoding("Cür".encode("cp850")) == "cp850"


def fault(line: bytes, encoding: str) -> str:
    return csv_guesses.encoding_fault(line, encoding, codecs.getincrementaldecoder(encoding)())


def test_a_line_that_is_not_in_its_encoding_is_said_to_be_so_with_the_likely_one() -> None:
    assert fault("Köln".encode(), "utf-8") == ""
    assert fault("Köln".encode("cp1252"), "utf-8") == (
        'is not in utf-8: say how the file is written, such as [csv] encoding = "cp1252"'
    )
    assert fault("Köln".encode("cp1252"), "latin-1") == ""
    assert fault(b"5 \x80", "latin-1").startswith("has a control character in latin-1")
    assert fault(b"5 \x80", "cp1252") == ""


def test_a_control_is_refused_in_an_iso_encoding_and_read_in_another() -> None:
    def read(encoding: str) -> bytes:
        source = pa.PythonFile(pa.BufferReader(b"a\n5 \x80\n"))
        found: bytes = csv_guesses.controls_refused(source, encoding).read()
        return found

    assert read("cp1252") == b"a\n5 \x80\n"
    for encoding in ("latin-1", "ISO-8859-15"):
        with pytest.raises(UnicodeDecodeError, match="a control character"):
            read(encoding)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PAR1\x15\x04", "is a Parquet file: let its name end with .parquet"),
        (gzip.compress(b"a,b\n", mtime=0), "is packed by gzip: let its name end with .gz"),
        (b"PK\x03\x04\x14", "is a zip archive, as Excel's workbooks are: unpack it, or"),
        ("a,b\n".encode("utf-16-le"), 'such as [csv] encoding = "utf-16-le"'),
        ("a,b\n".encode("utf-16-be"), 'such as [csv] encoding = "utf-16-be"'),
        (b"a,b\n", ""),
        (b"", ""),
    ],
)
def test_a_file_of_another_kind_is_known_by_how_it_begins(content: bytes, told: str) -> None:
    found = csv_guesses.kind_fault(io.BufferedReader(io.BytesIO(content)), "utf-8")
    assert told in found
    assert bool(told) == bool(found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_zeros_between_characters_are_of_some_encodings(encoding: str) -> None:
    held = io.BufferedReader(io.BytesIO("a,b\n".encode(encoding)))
    assert csv_guesses.kind_fault(held, encoding) == ""
