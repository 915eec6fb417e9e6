"""One tensor for each column."""

import pytest
from pydantic import ValidationError

from shared.serving.protocols.tensors import DATATYPES, Inference, ProtocolError, Tensor, schemas


@pytest.mark.parametrize(
    ("shape", "data"), [([2], [1, None]), ([2, 1], [[1], [None]]), ([2, 1], [1, None])]
)
def test_values_come_flat_or_one_in_each_row(shape: list[int], data: list[object]) -> None:
    tensor = Tensor.model_validate(
        {"name": "age", "shape": shape, "datatype": "INT64", "data": data}
    )
    assert tensor.values() == [1, None]


@pytest.mark.parametrize("shape", [[3], [1, 2], [2, 2]])
def test_values_that_do_not_have_the_shape_are_refused(shape: list[int]) -> None:
    tensor = Tensor(name="age", shape=shape, datatype="INT64", data=[1, 2])
    with pytest.raises(ProtocolError, match="input age: 2 values do not have the shape") as refused:
        tensor.values()
    assert refused.value.status == 400


def test_a_request_has_an_input_and_names_only_outputs_that_there_are() -> None:
    with pytest.raises(ValidationError):
        Inference.model_validate({"inputs": []})
    asked = {"inputs": [{"name": "a", "shape": [1], "datatype": "BOOL", "data": [True]}]}
    with pytest.raises(ValidationError):
        Inference.model_validate(asked | {"outputs": [{"name": "colour"}]})


def test_every_type_of_column_has_a_datatype_and_the_schema_knows_it() -> None:
    known = schemas()["Tensor"]["properties"]["datatype"]["enum"]
    assert {kind for kinds in DATATYPES.values() for kind in kinds} <= set(known)
