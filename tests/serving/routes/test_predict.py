"""`POST /predict`: each answer is in the log beforehand, and no body makes it fail."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.schema.client_rows import client_rows
from shared.serving.observability.telemetry import Telemetry
from tests.conftest import loans
from tests.serving.conftest import JSON, LOAN, application, logged


def test_an_answer_has_an_id_the_key_the_prediction_and_the_bundle(
    client: TestClient, bundle: Bundle
) -> None:
    answer = client.post("/predict", json=LOAN).json()
    expected = float(bundle.scores([LOAN])[0])
    assert len(answer.pop("prediction_id")) == 32
    assert answer.pop("probability") == pytest.approx(expected, abs=1e-12)
    assert answer == {
        "key": "A1",
        "prediction": expected >= bundle.manifest.rule.threshold,
        "bundle": bundle.digest,
    }


def test_an_answered_row_is_in_the_log_with_all_that_was_asked_and_answered(
    client: TestClient, log: PredictionLog
) -> None:
    before = datetime.now(UTC)
    answer = client.post("/predict", json=LOAN).json()
    row = logged(log).to_dict("records")[0]
    assert before <= row.pop("logged_at") <= datetime.now(UTC)
    assert 0 < row.pop("latency_ms") < 10_000
    assert np.isnan(row.pop("outcome"))
    asked = LOAN | {"time": datetime(2024, 4, 1, 8, tzinfo=UTC)}
    assert row == {
        **{name: asked[name] for name in asked if name not in ("loan", "applied")},
        **answer,
        "role": "champion",
    }


def test_many_rows_are_answered_in_their_order_and_each_is_logged(
    client: TestClient, log: PredictionLog, bundle: Bundle
) -> None:
    asked = loans(200, seed=5).sample(frac=1, random_state=0)
    answers = client.post("/predict", json=client_rows(asked, bundle.contract)).json()
    assert [answer["key"] for answer in answers] == list(asked["loan"])
    apart = np.abs([a["probability"] for a in answers] - bundle.scores(asked))
    assert apart.max() <= 1e-12
    found = logged(log).set_index("prediction_id").loc[[a["prediction_id"] for a in answers]]
    assert len(found) == 200
    for name in ("key", "prediction", "probability", "bundle"):
        assert list(found[name]) == [answer[name] for answer in answers]
    expected = asked[list(bundle.contract.features)].astype({"age": float})
    pd.testing.assert_frame_equal(
        found[list(bundle.contract.features)].reset_index(drop=True),
        expected.reset_index(drop=True),
        check_dtype=False,
    )


def test_the_golden_rows_get_the_training_runs_probabilities(
    client: TestClient, bundle: Bundle
) -> None:
    golden = bundle.golden()
    answers = client.post("/predict", json=client_rows(golden, bundle.contract)).json()
    apart = np.abs([a["probability"] for a in answers] - golden["probability"])
    assert apart.max() <= 1e-9


def test_one_row_in_a_list_is_answered_with_a_list(client: TestClient) -> None:
    assert [a["key"] for a in client.post("/predict", json=[LOAN]).json()] == ["A1"]


def test_a_key_may_be_asked_about_again_and_each_answer_is_a_row(
    client: TestClient, log: PredictionLog
) -> None:
    ids = {client.post("/predict", json=LOAN).json()["prediction_id"] for _ in range(2)}
    assert set(logged(log)["prediction_id"]) == ids


def test_an_unknown_category_is_predicted_and_logged_as_it_came(
    client: TestClient, log: PredictionLog
) -> None:
    answer = client.post("/predict", json=LOAN | {"region": "Ærø", "guarantee": "boat"})
    assert answer.status_code == 200
    assert logged(log)[["region", "guarantee"]].values.tolist() == [["Ærø", "boat"]]


def test_what_is_nullable_may_be_left_out(client: TestClient, log: PredictionLog) -> None:
    short = {name: LOAN[name] for name in ("loan", "applied", "age", "region", "employed")}
    left_out = client.post("/predict", json=short).json()
    null = client.post("/predict", json=short | {"income": None, "guarantee": None}).json()
    assert left_out["probability"] == null["probability"]
    assert logged(log)[["income", "guarantee"]].isna().all(axis=None)


def test_a_row_that_the_database_refuses_is_not_answered(
    client: TestClient, log: PredictionLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(tmp_path / "log.db") as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON loans_predictions WHEN NEW.key = 'A2' "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    answer = client.post("/predict", json=[LOAN, LOAN | {"loan": "A2"}])
    assert (answer.status_code, "disk full" in answer.text) == (503, True)
    assert str(tmp_path) not in answer.text
    assert "the prediction log refuses rows: sqlite:///" in (said := capsys.readouterr().err)
    assert "disk full" in said
    assert logged(log).empty


def test_rows_that_were_answered_are_counted(bundle: Bundle, log: PredictionLog) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    client.post("/predict", json=[LOAN, LOAN])
    client.post("/predict", json=[LOAN, {}])
    telemetry.minutes.store(log, last=True)
    now = datetime.now(UTC)
    found = log.minutes.between(now - timedelta(minutes=2), now)
    assert found[["rows", "bad_row", "internal"]].sum().tolist() == [2, 1, 0]
    assert found["queue_rows"].max() == 2


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.datetimes().map(str),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=8,
)


_NEARLY = st.fixed_dictionaries(
    {}, optional={name: st.just(value) | _ANYTHING for name, value in LOAN.items()}
) | st.sampled_from(list(LOAN)).flatmap(lambda n: _ANYTHING.map(lambda value: LOAN | {n: value}))


@pytest.fixture(scope="module")
def stubborn(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a server that many hypotheses are tried on."""
    address = f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'log.db'}"
    log = PredictionLog("loans", bundle.contract, address)
    yield TestClient(application(bundle, log, Telemetry()))
    log.close()


@given(body=_ANYTHING | _NEARLY | st.lists(_NEARLY, max_size=3))
@example(body={"\ud800": 1})
@example(body=LOAN | {"income": 10**308})
@example(body=LOAN | {"income": 1e308})
@example(body=LOAN | {"applied": "1700-01-01T00:00:00+23:59"})
@example(body=LOAN | {"applied": "2200-12-31T23:59:59-23:59"})
@hypothesis_settings(max_examples=300, suppress_health_check=list(HealthCheck), database=None)
def test_no_json_at_all_makes_the_server_fail(stubborn: TestClient, body: Any) -> None:
    for path in ("/predict", "/outcomes"):
        content = json.dumps(body).encode()
        answer = stubborn.post(path, content=content, headers=JSON)
        assert answer.status_code in (200, 422)
        if answer.status_code == 422:
            assert all("field" in mistake for mistake in answer.json()["detail"])


def test_no_depth_of_nesting_makes_the_server_fail(stubborn: TestClient) -> None:
    for depth in (10, 100, *range(800, 1_000, 20), 100_000):
        for opened, closed in (("[", "]"), ('{"age": ', "}")):
            content = opened * depth + "1" + closed * depth
            answer = stubborn.post("/predict", content=content, headers=JSON)
            assert answer.status_code in (400, 422), depth
