"""Numbers that are written with a decimal comma: as the file has them, until they are read."""

import pyarrow as pa
import pyarrow.compute as pc


class CommaTexts(pa.ExtensionType):
    """Texts of numbers with a decimal comma."""

    def __init__(self) -> None:
        super().__init__(pa.string(), "millrace.comma_texts")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, serialized: bytes) -> "CommaTexts":
        return cls()

    def __hash__(self) -> int:
        # Arrow compares types of its own making, and leaves out what belongs to it.
        return hash(str(self))


def comma_texts(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts as those of numbers with a decimal comma."""
    kind = CommaTexts()
    chunks = [pa.ExtensionArray.from_storage(kind, chunk) for chunk in texts.chunks]
    return pa.chunked_array(chunks, kind)


def with_points(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Swap commas and points: 1,5 is a number then, and 1.234 (of thousands?) is none."""
    swapped = pc.replace_substring(texts, ".", "\0")
    swapped = pc.replace_substring(swapped, ",", ".")
    return pc.replace_substring(swapped, "\0", ",")


def as_written(table: pa.Table) -> pa.Table:
    """Return a table with its numbers with commas as plain texts, which show what the file has."""
    for at, field in enumerate(table.schema):
        if isinstance(field.type, CommaTexts):
            texts = [chunk.storage for chunk in table[field.name].chunks]
            table = table.set_column(at, field.name, pa.chunked_array(texts, pa.string()))
    return table
