"""How a CSV file is written that the settings do not fit: its delimiter and its encoding."""

import codecs
import re
from typing import Any

import pyarrow as pa

DELIMITERS = ";\t|,"
# Controls of these encodings, which no text has, are signs such as € in those of Windows.
ISO = ("iso8859-1", "iso8859-15")
CONTROL = re.compile(rb"[\x80-\x9f]")

LONGEST_BEGINNING = 8
# How files begin that are no text, and what mends it.
BEGINNINGS = {
    b"PAR1": "a Parquet file: let its name end with .parquet",
    b"ARROW1": "an Arrow file: write it as Parquet",
    b"\x1f\x8b": "packed by gzip: let its name end with .gz",
    b"\x28\xb5\x2f\xfd": "packed by Zstandard: unpack it, or pack it by gzip",
    b"\xfd7zXZ": "packed by xz: unpack it, or pack it by gzip",
    b"PK\x03\x04": "a zip archive, as Excel's workbooks are: unpack it, or save it as CSV",
    b"\xd0\xcf\x11\xe0": "a workbook of Excel: save it as CSV",
}


def kind_fault(source: Any, encoding: str) -> str:
    """Return why a buffered file is no text in this encoding; nothing where it may be one."""
    beginning = source.peek(LONGEST_BEGINNING)[:LONGEST_BEGINNING]
    for start, kind in BEGINNINGS.items():
        if beginning.startswith(start):
            return f"is {kind}"
    marked = beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if (
        b"\0" in beginning
        and not marked
        and not codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
    ):
        found = "utf-16-le" if beginning[1:2] == b"\0" else "utf-16-be"
        return f'is not in {encoding}: say how it is written, such as [csv] encoding = "{found}"'
    return ""


def likely_delimiter(header: str, delimiter: str) -> str | None:
    """Return the delimiter that a header has; None where it has the one that it should have."""
    if delimiter in header:
        return None
    found = max(DELIMITERS, key=header.count)
    return found if found in header else None


def encoding_fault(line: bytes, encoding: str, decoder: codecs.IncrementalDecoder) -> str:
    """Return why a line is not in an encoding, and which to name; nothing where it is in it."""
    mend = f'say how the file is written, such as [csv] encoding = "{likely_encoding(line)}"'
    try:
        decoder.decode(line)
    except UnicodeError:
        return f"is not in {encoding}: {mend}"
    if _is_iso(encoding) and CONTROL.search(line):
        return f"has a control character in {encoding}, which no text has: {mend}"
    return ""


def controls_refused(source: pa.NativeFile, encoding: str) -> pa.NativeFile:
    """Return a file that raises `UnicodeDecodeError` where it has a control of an ISO encoding."""

    def look(block: pa.Buffer) -> pa.Buffer:
        if found := CONTROL.search(block):
            raise UnicodeDecodeError(encoding, found[0], 0, 1, "a control character")
        return block

    return pa.TransformInputStream(source, look) if _is_iso(encoding) else source


def _is_iso(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ISO


def likely_encoding(line: bytes) -> str:
    """Return the encoding that a line, or a block of them, is most likely in."""
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    # Of DOS: every byte is a character.
    return "cp850"
