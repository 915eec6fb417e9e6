"""A bad request is answered with the row, the field and the problem."""

import json

import pytest
from fastapi.testclient import TestClient

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.packaging import sample_requests
from tests.serving.conftest import JSON, LOAN, errors_of, logged


def test_one_bad_row_of_many_is_named_and_nothing_is_answered_or_logged(
    client: TestClient, log: PredictionLog
) -> None:
    found = errors_of(client, [LOAN, LOAN | {"age": 17, "income": "much"}, LOAN])
    assert found == [
        {
            "row": 1,
            "field": "income",
            "problem": "not a number",
            "received": "'much'",
        },
        {
            "row": 1,
            "field": "age",
            "problem": "outside 18 to 120",
            "received": "17",
        },
    ]
    assert logged(log).empty


def test_every_kind_of_bad_request_is_a_4xx_that_names_the_field(
    client: TestClient, log: PredictionLog, bundle: Bundle
) -> None:
    kinds = list(sample_requests.bad(LOAN, bundle.contract))
    assert len(kinds) >= 10
    for kind, field, body in kinds:
        answer = client.post("/predict", content=body, headers=JSON)
        assert 400 <= answer.status_code < 500, kind
        assert field in [mistake["field"] for mistake in answer.json()["detail"]], kind
    assert logged(log).empty


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"9" * 5_000, "application/json"),
        (b"income=1", "application/x-www-form-urlencoded"),
        (json.dumps(LOAN).encode(), "text/plain"),
    ],
)
def test_a_body_that_is_no_row_is_refused_as_a_body(
    client: TestClient, body: bytes, kind: str
) -> None:
    answer = client.post("/predict", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert "body" in answer.text


def test_a_field_is_named_whatever_it_is_called(client: TestClient) -> None:
    for name in ("one", "many", "body"):
        (found,) = errors_of(client, [LOAN | {name: 1}])
        assert (found["row"], found["field"]) == (0, name)


@pytest.mark.parametrize("path", ["/predict", "/outcomes"])
def test_a_hundred_errors_are_sent_at_most(client: TestClient, path: str) -> None:
    assert len(errors_of(client, [{}] * 5_000 + [{str(at): 1} for at in range(200)], path)) == 100
