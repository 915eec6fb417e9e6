"""What the rows of an Arrow column take once they are read, whatever few bytes it says them in."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
# Of a place among a dictionary's texts, as of a number.
VALUE_BYTES = 8


def is_plain(kind: pa.DataType) -> bool:
    """Tell whether a column of a type holds one plain value a row, as a row's columns do.

    Runs are not taken: Arrow does not always end where their ends are not one after the other.
    """
    if isinstance(kind, pa.BaseExtensionType):
        return kind.extension_name == "arrow.uuid" or is_plain(kind.storage_type)
    return _is_single(kind.value_type if pa.types.is_dictionary(kind) else kind)


def row_bytes(column: pa.ChunkedArray) -> int:
    """Return how many bytes the values of a plain column take, one by one."""
    return max(VALUE_BYTES, _width(column.type)) * len(column) + sum(_text_bytes(column))


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type is one of texts."""
    return any(is_of(kind) for is_of in TEXTS)


def _is_single(kind: pa.DataType) -> bool:
    return (
        is_text(kind)
        or pa.types.is_primitive(kind)
        or pa.types.is_decimal(kind)
        or kind == pa.null()
    )


def _width(kind: pa.DataType) -> int:
    return kind.bit_width // 8 if pa.types.is_decimal(kind) else 0


def _text_bytes(column: pa.ChunkedArray) -> Iterator[int]:
    """Yield how many bytes the texts of each chunk have together."""
    kind = column.type
    if not is_text(kind.value_type if pa.types.is_dictionary(kind) else kind):
        return
    for chunk in column.chunks:
        if pa.types.is_dictionary(kind):
            lengths = pc.take(_lengths(chunk.dictionary), chunk.indices)
        else:
            lengths = _lengths(chunk)
        yield pc.sum(lengths).as_py() or 0


def _lengths(texts: pa.Array) -> pa.Array:
    if not pa.types.is_string_view(texts.type):
        return pc.binary_length(texts).cast(pa.int64())
    # A view is 16 bytes, of which the first four are its length; several may show the same text.
    views = np.frombuffer(texts.buffers()[1], "<i4")[::4][texts.offset :][: len(texts)]
    return pa.array(views.astype("int64"), mask=~texts.is_valid().to_numpy(zero_copy_only=False))
