"""Thrift's compact protocol, held against bytes that are written by hand."""

import pytest

from shared.serving.protocols.thrift import read_struct, struct, structs, whole

# Field 1, a whole number: -3; field 2, a text; field 3, a list of two structs, each with a field 1.
WRITTEN = b"\x15\x05\x18\x02hi\x19\x2c\x15\x02\0\x15\x04\0\0"


def test_a_struct_is_read_by_the_numbers_of_its_fields() -> None:
    fields, end = read_struct(b"." + WRITTEN, 1)
    assert (fields, end) == ({1: -3, 2: b"hi", 3: [{1: 1}, {1: 2}]}, len(WRITTEN) + 1)
    assert (whole(fields, 1), whole(fields, 2), whole(fields, 9)) == (-3, 0, 0)
    assert (structs(fields, 3), structs(fields, 1)) == ([{1: 1}, {1: 2}], [])
    assert struct({1: {2: 3}}, 1) == {2: 3}
    assert struct({1: 4}, 1) == {}


def test_other_values_are_read_and_floats_left_out() -> None:
    # True, false, a byte, a double, a field far away, a list of whole numbers with a long size.
    body = b"\x11\x12\x13\x07\x17........\x05\x64\x02\x19\xf5\x10" + b"\x02" * 16
    fields, _ = read_struct(body + b"\0", 0)
    assert fields == {1: 1, 2: 0, 3: 7, 4: 0, 50: 1, 51: [1] * 16}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x15",
        b"\x15" + b"\xff" * 20,
        b"\x1b\x00\0",
        b"\x19\xfc\xff\xff\x03",
        b"\x1c" * 100,
        b"\x19" + b"\x19" * 100,
    ],
)
def test_what_is_no_struct_is_refused(body: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        read_struct(body, 0)
