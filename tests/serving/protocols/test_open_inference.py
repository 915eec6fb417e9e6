"""The Open Inference Protocol, asked by a public client of it over a socket, and by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from tritonclient import http as triton
from tritonclient.utils import InferenceServerException

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.serving.security import keys
from tests.conftest import loans
from tests.serving.conftest import logged
from tests.serving.processes import logged as read_log
from tests.serving.processes import serving

INFER = "/v2/models/loans/infer"
DATATYPES = {"income": "FP64", "age": "INT64", "employed": "BOOL"}


def columns() -> dict[str, np.ndarray]:
    frame = loans(40, seed=5).dropna(subset="income").head(20)
    texts = {name: frame[name].to_numpy(dtype=object) for name in ("loan", "region")}
    times = frame["applied"].map(lambda moment: moment.isoformat()).to_numpy(dtype=object)
    numbers = {name: frame[name].to_numpy() for name in DATATYPES}
    return {**texts, "applied": times, **numbers}


def tensor(name: str, values: np.ndarray) -> triton.InferInput:
    made = triton.InferInput(name, [len(values), 1], DATATYPES.get(name, "BYTES"))
    return made.set_data_from_numpy(values.reshape(-1, 1), binary_data=False)


def test_a_public_client_asks_for_health_metadata_and_answers_which_are_logged(
    bundle: Bundle, tmp_path: Path
) -> None:
    secret, entry = keys.new_key("triton", "predict")
    headers = {"Authorization": f"Bearer {secret}"}
    inputs = columns()
    with serving(tmp_path, "--bundle", str(bundle.path), MILLRACE_API_KEYS=entry) as running:
        client = triton.InferenceServerClient(running.url.removeprefix("http://").rstrip("/"))
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("loans", headers=headers)
        assert not client.is_model_ready("flights", headers=headers)
        assert client.get_server_metadata(headers=headers)["name"] == "millrace"
        metadata = client.get_model_metadata("loans", bundle.digest[:12], headers=headers)
        found = client.infer(
            "loans",
            [tensor(name, values) for name, values in inputs.items()],
            request_id="mine",
            headers=headers,
        )
        lacking = inputs | {
            "income": np.where(inputs["age"] > 40, np.nan, inputs["income"]),
            "guarantee": np.where(inputs["age"] > 40, None, "house").astype(object),
        }
        without = client.infer(
            "loans",
            [tensor(name, values) for name, values in lacking.items()],
            headers=headers,
            parameters={"missing": "None"},
        )
        wrong = inputs | {"income": -inputs["income"]}
        tensors = [tensor(*pair) for pair in wrong.items()]
        with pytest.raises(InferenceServerException, match="income, row 0: below 0"):
            client.infer("loans", tensors, headers=headers)
        client.close()
    told = {column["name"]: column["datatype"] for column in metadata["inputs"]}
    assert told.items() >= DATATYPES.items() | {"loan": "BYTES", "applied": "BYTES"}.items()
    rows = [dict(zip(inputs, row, strict=True)) for row in zip(*inputs.values(), strict=True)]
    expected = bundle.scores([row | {"guarantee": None} for row in rows])
    np.testing.assert_allclose(found.as_numpy("probability"), expected, atol=1e-12)
    rows = [dict(zip(lacking, row, strict=True)) for row in zip(*lacking.values(), strict=True)]
    np.testing.assert_allclose(without.as_numpy("probability"), bundle.scores(rows), atol=1e-12)
    answer = found.get_response()
    assert (answer["id"], answer["model_version"]) == ("mine", bundle.digest[:12])
    assert answer["parameters"] == {"bundle": bundle.digest}
    ids = list(found.as_numpy("prediction_id"))
    kept = read_log(bundle, tmp_path / ".millrace" / "loans.db").set_index("prediction_id")
    assert list(kept.loc[ids, "key"]) == list(inputs["loan"])


def ask(**changed: Any) -> list[dict[str, Any]]:
    values = {"loan": "A1", "applied": "2024-04-01T10:00:00Z", "age": 41, "region": "south"}
    values |= {"income": None, "employed": True} | changed
    kinds = {int: "INT64", float: "FP64", bool: "BOOL"}
    return [
        {"name": n, "shape": [1], "datatype": kinds.get(type(v), "BYTES"), "data": [v]}
        for n, v in values.items()
        if v is not None
    ]


def test_only_the_outputs_that_are_asked_for_are_given(
    client: TestClient, log: PredictionLog
) -> None:
    body = {"inputs": ask(), "outputs": [{"name": "prediction_id"}]}
    answer = client.post(INFER, json=body).json()
    (output,) = answer["outputs"]
    assert output == {
        "name": "prediction_id",
        "datatype": "BYTES",
        "shape": [1],
        "data": list(logged(log)["prediction_id"]),
    }
    assert "id" not in answer


def test_an_output_that_is_none_is_refused_by_those_that_there_are(
    client: TestClient, log: PredictionLog
) -> None:
    answer = client.post(INFER, json={"inputs": ask(), "outputs": [{"name": "colour"}]})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "outputs.0.name: Input should be 'prediction' or 'probability' or 'prediction_id' "
        "(received 'colour')",
    )
    assert logged(log).empty


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (ask(loan=None), "loan, row 0: missing"),
        (ask(more=1), "more, row 0: not a name of a row, which are loan, applied, "),
        ([*ask(), *ask()], "the input loan is there twice"),
        (ask(age="x"), "age, row 0: not a whole number (received 'x')"),
        (ask(age=200), "age, row 0: outside 18 to 120 (received 200)"),
        (ask(employed=2), "employed, row 0: not a boolean (received 2)"),
        ([*ask(age=None), ask()[2] | {"shape": [2]}], "1 value does not have the shape [2]"),
        ([*ask(age=None), ask()[2] | {"shape": [1, 2]}], "it is [rows] or [rows, 1]"),
        ([*ask(age=None), ask()[2] | {"shape": [2], "data": [1, 2]}], "loan 1, applied 1,"),
        ([], "inputs: List should have at least 1 item"),
        (
            [*ask(age=None), ask()[2] | {"datatype": "UINT8", "data": [-41]}],
            "age, row 0: not of UINT8",
        ),
        ([t | {"shape": [0], "data": []} for t in ask()], "body: there are no rows"),
    ],
)
def test_a_mistake_is_told_as_the_protocol_has_it(
    client: TestClient, log: PredictionLog, inputs: list[dict[str, Any]], words: str
) -> None:
    answer = client.post(INFER, json={"inputs": inputs})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert words in answer.json()["error"]
    assert logged(log).empty


def test_binary_tensors_and_other_models_are_refused_in_words(client: TestClient) -> None:
    headers = {"Inference-Header-Content-Length": "2", "content-type": "application/octet-stream"}
    answer = client.post(INFER, content=b"{}\x00\x01", headers=headers)
    assert answer.status_code == 400
    assert "binary" in answer.json()["error"]
    for headers in ({"content-type": "text/plain"}, {"sec-fetch-site": "cross-site"}):
        answer = client.post(INFER, content=b"{}", headers=headers)
        assert "the content-type must be application/json" in answer.json()["error"]
    for path in ("/v2/models/flights", "/v2/models/loans/versions/2/ready"):
        assert client.get(path).status_code == 404
        assert "this server has loans, version" in client.get(path).json()["error"]
