"""One tensor for each column."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.schema.contract import ContractColumn
from shared.serving.protocols.tensors import (
    DATATYPES,
    LARGEST,
    LONGEST,
    WHOLE,
    Inference,
    ProtocolError,
    Tensor,
    outputs,
    schemas,
)


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


def test_a_request_has_an_input_and_its_schema_names_the_outputs_that_there_are() -> None:
    with pytest.raises(ValidationError):
        Inference.model_validate({"inputs": []})
    answered = [ContractColumn(name="prediction", type="number")]
    assert outputs(answered) == {"prediction": "FP64", "prediction_id": "BYTES"}
    named = schemas([*outputs(answered)])["RequestedOutput"]["properties"]["name"]
    assert named["enum"] == ["prediction", "prediction_id"]


def test_every_type_of_column_has_a_datatype_and_the_schema_knows_it() -> None:
    known = schemas(["prediction"])["Tensor"]["properties"]["datatype"]["enum"]
    assert set(DATATYPES.values()) <= set(known) == {"BOOL", "BYTES", *WHOLE, *LARGEST, *LONGEST}


@pytest.mark.parametrize(
    ("datatype", "fits", "not_of_it"),
    [
        ("UINT8", [0, 255, 3.0], [-1, 256, 2.5, True, "1", float("nan")]),
        ("UINT64", [2**64 - 1, 2**64], [-1, "1", "0" * 1_002, 2.5]),
        ("INT16", [-(2**15), 2**15 - 1], [2**15, 1e300]),
        ("INT64", [-(2**63), 2**63, "-" + "9" * 1_001], [0.5, float("inf"), True]),
        ("FP16", [65_504, -0.5, float("nan"), float("inf")], [65_505, True, "1"]),
        ("FP32", [1e38], [1e39]),
        ("FP64", [1e300, 3, 10**400], ["x", "1", True]),
        ("BOOL", [True, False], [0, 1, "true"]),
        ("BYTES", ["", "x"], [1, 2.5, True]),
    ],
)
def test_each_datatype_has_its_own_range(
    datatype: Any, fits: list[Any], not_of_it: list[Any]
) -> None:
    sent = [*fits, None]
    tensor = Tensor(name="age", shape=[len(sent)], datatype=datatype, data=sent)
    assert repr(tensor.values()) == repr(sent)
    for value in not_of_it:
        tensor = Tensor(name="age", shape=[2], datatype=datatype, data=[None, value])
        with pytest.raises(ProtocolError, match=f"age, row 1: not of {datatype} ") as refused:
            tensor.values()
        assert refused.value.status == 400


def test_a_text_can_stand_for_what_is_missing() -> None:
    tensor = Tensor(name="region", shape=[2], datatype="BYTES", data=["None", "south"])
    assert Inference(inputs=[tensor]).values() == {"region": ["None", "south"]}
    asked = Inference(inputs=[tensor], parameters={"missing": "None"})
    assert asked.values() == {"region": [None, "south"]}
    for other in (["None"], {}):
        with pytest.raises(ProtocolError, match="missing is the text of what is missing"):
            Inference(inputs=[tensor], parameters={"missing": other}).values()


def test_inputs_have_as_many_values_each_and_one_name_each() -> None:
    one, two = (
        Tensor(name=name, shape=[rows], datatype="INT8", data=[1] * rows)
        for name, rows in (("a", 1), ("b", 2))
    )
    with pytest.raises(ProtocolError, match="as many values each: a 1, b 2"):
        Inference(inputs=[one, two]).values()
    with pytest.raises(ProtocolError, match="the input a is there twice"):
        Inference(inputs=[one, one]).values()
