"""The routes over HTTP, with a real bundle and a real log."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.serving.observability.telemetry import Telemetry
from tests.conftest import bundle_of
from tests.kinds import MULTICLASS
from tests.serving.conftest import LOAN, application, errors_of, logged


def test_the_bundle_tells_what_it_is_and_how_it_scored(client: TestClient, bundle: Bundle) -> None:
    told = client.get("/bundle").json()
    assert told["digest"] == bundle.digest
    assert told["lineage"] == {"training run": "TrainFlow/0"}
    assert told["scores"] == bundle.evaluation.plain()["scores"]
    assert told["evaluator"].startswith("treelite for up to ")


def test_an_outcome_may_be_repeated_corrected_and_come_before_its_prediction(
    client: TestClient, log: PredictionLog
) -> None:
    def tell(*told: tuple[str, bool]) -> dict[str, int]:
        body = [{"loan": loan, "defaulted": value} for loan, value in told]
        return client.post("/outcomes", json=body[0] if len(body) == 1 else body).json()

    none = {"added": 0, "corrected": 0, "unchanged": 0, "repeated": 0}
    assert tell(("A1", True)) == {"received": 1, **none, "added": 1}
    assert tell(("A1", True)) == {"received": 1, **none, "unchanged": 1}
    client.post("/predict", json=LOAN)
    assert logged(log)["outcome"].tolist() == [1.0]
    told = tell(("A1", True), ("A2", True), ("A1", False))
    assert told == {"received": 3, "added": 1, "corrected": 1, "unchanged": 0, "repeated": 1}
    assert logged(log)["outcome"].tolist() == [0.0]


def test_an_outcome_that_is_none_is_refused_by_field(client: TestClient) -> None:
    (found,) = errors_of(client, {"loan": "A1", "defaulted": None}, "/outcomes")
    assert (found["row"], found["field"], found["received"]) == (None, "defaulted", None)
    (found,) = errors_of(client, [{"loan": "A1", "defaulted": 2}], "/outcomes")
    assert (found["row"], found["field"], found["problem"]) == (0, "defaulted", "not a boolean")


@pytest.mark.parametrize("value", [1, 1.0, "1", "true", "Y", "YES"])
def test_an_outcome_is_read_as_every_door_reads_it(
    client: TestClient, log: PredictionLog, value: Any
) -> None:
    client.post("/predict", json=LOAN | {"loan": 1_234_567_890_123_456_789})
    told = {"loan": "1234567890123456789", "defaulted": value}
    assert client.post("/outcomes", json=told).json()["added"] == 1
    assert logged(log)["outcome"].tolist() == [1.0]


def test_unknown_classes_are_kept_and_named_and_a_number_is_no_class(tmp_path: Path) -> None:
    bundle = bundle_of(MULTICLASS.claims(400, 0), MULTICLASS.settings(), "boosting", tmp_path)
    with closing(PredictionLog("claims", bundle.contract, f"sqlite:///{tmp_path}/log.db")) as held:
        client = TestClient(application(bundle, held, Telemetry()))
        told = [{"loan": "A1", "fate": "burnt"}, {"loan": "A2", "fate": "paid"}]
        answer = client.post("/outcomes", json=told).json()
        assert (answer["added"], answer["unknown_classes"]) == (2, {"burnt": 1})
        (found,) = errors_of(client, [*told, {"loan": "A3", "fate": 3}], "/outcomes")
        assert (found["row"], found["field"], found["received"]) == (2, "fate", "3")
        words = "a number, where classes are texts: 'late', 'paid', 'sold on', 'written off'"
        assert found["problem"] == words
        assert errors_of(client, {"loan": "A3", "fate": 3}, "/outcomes")[0]["row"] is None
        assert held.outcomes.newest() == 2


def test_outcomes_are_json(client: TestClient) -> None:
    answer = client.post("/outcomes", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    (found,) = answer.json()["detail"]
    assert found["problem"] == "the content-type must be one of application/json"


def test_while_the_log_is_away_nothing_is_answered_and_then_it_goes_on(
    client: TestClient, log: PredictionLog, tmp_path: Path
) -> None:
    assert client.get("/health/ready").status_code == 200
    log.close()
    kept = (tmp_path / "log.db").rename(tmp_path / "kept.db")
    (tmp_path / "log.db").mkdir()
    for answer in (
        client.post("/predict", json=LOAN),
        client.post("/predict", json=[LOAN, LOAN]),
        client.post("/outcomes", json={"loan": "A1", "defaulted": True}),
        client.get("/health/ready"),
    ):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert list(answer.json()) == ["detail"]
        assert "the prediction log is away" in answer.text
        assert "probability" not in answer.text
    assert client.get("/health/live").status_code == 200
    (tmp_path / "log.db").rmdir()
    kept.rename(tmp_path / "log.db")
    assert client.get("/health/ready").status_code == 200
    answer = client.post("/predict", json=LOAN).json()
    assert logged(log)["prediction_id"].tolist() == [answer["prediction_id"]]


def test_slates_are_answered_where_rows_are_impressions_alone(client: TestClient) -> None:
    assert client.post("/recommend", json={}).status_code == 404
    assert "/recommend" not in client.get("/openapi.json").json()["paths"]
