"""A large request of the protocol is read as a small one is, and no further than is needed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.schema.column_reading import LOSES_DIGITS
from shared.schema.contract import ColumnType, ContractColumn
from shared.schema.reading import read_values
from shared.serving.protocols.inference_reading import read_inference
from shared.serving.protocols.json_rows import QUICK_BYTES, RowReader
from shared.serving.protocols.tensors import Inference, ProtocolError
from shared.serving.request_rows.rows import Values
from shared.serving.request_rows.validation_errors import InvalidRows

MOST = 10_000


def tensor(name: str, data: list[Any], datatype: str = "BYTES") -> dict[str, Any]:
    return {"name": name, "shape": [len(data)], "datatype": datatype, "data": data}


def sent(*tensors: Any, **more: Any) -> bytes:
    """Return a body that is too large to be read at once."""
    filled = {"inputs": list(tensors), "parameters": {"filled": "x" * QUICK_BYTES}} | more
    return json.dumps(filled).encode()


def refused(content: bytes) -> str:
    with pytest.raises(ProtocolError) as error:
        read_inference(content, MOST, 3)
    assert error.value.status == 400
    return str(error.value)


def test_a_large_request_is_read_as_a_small_one() -> None:
    texts, numbers = ["ä"] * 9_999, [1.5, float("nan"), None, 2] * 2_500
    pairs = [[f"{at:060}"] for at in range(MOST)]
    tensors = tensor("a", texts), tensor("b", numbers, "FP64"), tensor("c", pairs)
    content = sent(*tensors, id="mine", outputs=[{"name": "prediction_id"}])
    expected = Inference.model_validate_json(content)
    found = read_inference(content, MOST, 3)
    assert (found.id, found.outputs) == (expected.id, expected.outputs)
    assert repr([t.values() for t in found.inputs]) == repr([t.values() for t in expected.inputs])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (sent(tensor("a", ["x"] * (MOST + 1))), "there are more than 10,000 rows"),
        (sent(tensor("a", ["x" * 100] * (MOST + 1))), "there are more than 10,000 rows"),
        (sent(tensor("a", [["x" * 100]] * (MOST + 1))), "there are more than 10,000 rows"),
        (sent(tensor("a", [[]] * 200_000)), "there are more than 10,000 rows"),
        (sent(tensor("a", [[{}] * 100] * 5_000)), "an input's data has {}, which is no value"),
        (sent(tensor("a", [1]) | {"datatype": "INT7"}), "inputs.0.datatype: Input should be"),
        (sent(tensor("a", [1]), 7), "inputs.1: Input should be a valid dictionary"),
        (sent(), "inputs: List should have at least 1 item"),
        (sent(tensor("a", ["x"]), id=7), "id: Input should be a valid string (received 7)"),
        (sent(tensor("a", ["x"]), more="x" * 300_000), "has more than 262,144 bytes"),
        (sent(tensor("a", ["x"]))[:-1], "body: Invalid JSON: Expecting ',' delimiter"),
        (b"[" * 100_000, "body: Invalid JSON: nested too deep"),
        (b'"' + b"x" * 100_000 + b'"', "body: Input should be"),
        (b'{"inputs": "' + b"\xff" * 100_000 + b'"}', "not JSON in UTF-8"),
    ],
)
def test_a_mistake_is_told_in_words(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_no_more_inputs_are_read_than_tell_that_one_is_too_many() -> None:
    content = sent(*[tensor(f"n{at}", ["x" * 1_000]) for at in range(1_000)])
    assert len(read_inference(content, MOST, 3).inputs) == 4


def test_of_a_small_request_only_the_first_wrong_value_is_looked_at() -> None:
    small = json.dumps({"inputs": [tensor("a", [{}] * 5_000)]}).encode()
    assert len(small) < QUICK_BYTES
    assert "inputs.0.data" in refused(small)


@pytest.mark.parametrize("filled", [b"", b" " * QUICK_BYTES])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "body: Invalid JSON: Expecting value: line 1"),
        (b'{"id": "\\ud8"}', "body: Invalid JSON: Invalid \\uXXXX escape: line 1"),
        (b'{"id": "\xff"}', "body: the body is not JSON in UTF-8"),
    ],
)
def test_a_body_that_is_no_json_is_not_shown(content: bytes, words: str, filled: bytes) -> None:
    told = refused(content + filled)
    assert told.startswith(words)
    assert "received" not in told


@pytest.mark.parametrize("filled", [b"", b" " * QUICK_BYTES])
@pytest.mark.parametrize("value", ["\ud800", "a\udfff"])
def test_half_a_character_is_left_to_the_column(value: str, filled: bytes) -> None:
    content = json.dumps({"inputs": [tensor("a", [value])]}).encode()
    (found,) = read_inference(content + filled, MOST, 3).inputs
    assert found.values() == [value]


@pytest.mark.parametrize("digits", [1_501, 5_000])
def test_a_number_of_any_length_is_left_to_the_column(digits: int) -> None:
    content = json.dumps({"inputs": [tensor("a", [0], "INT64")]}).encode()
    asked = read_inference(content.replace(b"[0]", b"[%s]" % (b"9" * digits)), MOST, 3)
    reading = read_values(asked.values()["a"], ContractColumn(name="a", type="integer"))
    assert list(reading.unreadable) == [LOSES_DIGITS]


@pytest.mark.parametrize("filled", ["", " " * QUICK_BYTES])
@pytest.mark.parametrize("kind", ["number", "integer", "category", "time"])
@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        ("BYTES", '"12.5"'),
        ("BYTES", '"much"'),
        ("BYTES", '"9007199254740993"'),
        ("FP64", "9007199254740993"),
        ("FP64", "9007199254740993.0"),
        ("FP64", "0.5"),
    ],
)
def test_a_tensor_is_answered_in_the_words_of_json(
    datatype: str, value: str, kind: ColumnType, filled: str
) -> None:
    reader = RowReader([ContractColumn(name="a", type=kind)])
    body = json.dumps({"inputs": [tensor("a", ["…"], datatype)]}, ensure_ascii=False)
    sent_as_tensor = (body.replace('"…"', value) + filled).encode()

    def answered(read: Callable[[], list[Values]]) -> Any:
        try:
            return repr(read())
        except InvalidRows as invalid:
            return invalid.errors

    assert answered(
        lambda: reader.read_columns(read_inference(sent_as_tensor, MOST, 3).values())
    ) == answered(lambda: reader.read_json(f'[{{"a": {value}}}]{filled}'.encode())[0])
