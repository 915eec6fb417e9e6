"""`POST /explain`: the answer that `/predict` gives, with reasons that sum to it, unlogged."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.schema.client_rows import client_rows
from shared.serving.observability.telemetry import Telemetry
from shared.serving.request_rows.reading_thread import ReadingThread
from shared.serving.request_rows.rows import AnswerForm
from shared.serving.routes import explain
from shared.serving.routes.explain import Explain
from tests.conftest import bundle_of
from tests.kinds import KINDS, Kind
from tests.serving.conftest import JSON, LOAN, application, errors_of, logged


def test_a_row_is_answered_as_by_predict_and_its_reasons_sum_to_that(
    client: TestClient, bundle: Bundle
) -> None:
    predicted = client.post("/predict", json=LOAN).json()
    explained = client.post("/explain", json=LOAN).json()
    reasons = explained.pop("reasons")
    assert explained == {name: predicted[name] for name in predicted if name != "prediction_id"}
    assert {name: reasons[name] for name in ("of", "exact", "rows")} == {
        "of": "probability",
        "exact": True,
        "rows": 100,
    }
    told = {one["feature"]: one for one in reasons["contributions"]}
    assert {name: one["value"] for name, one in told.items()} == {
        name: LOAN[name] for name in bundle.contract.features
    }
    total = reasons["base_value"] + sum(one["contribution"] for one in told.values())
    assert total == pytest.approx(explained["probability"], abs=1e-9)
    # 18,000.50 is little, and the model has learnt that.
    assert told["income"]["contribution"] > 0.1
    assert {one["standard_error"] for one in told.values()} == {0}


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def of_kind(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Kind, Bundle]:
    kind, folder = request.param, tmp_path_factory.mktemp(request.param.name)
    return kind, bundle_of(kind.claims(2_000, 0), kind.settings(), "boosting", folder / "claims")


def test_each_kind_of_answer_has_reasons_in_the_order_of_rows(
    of_kind: tuple[Kind, Bundle], tmp_path: Path
) -> None:
    kind, bundle = of_kind
    log = PredictionLog("claims", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    client = TestClient(application(bundle, log, Telemetry()))
    sent = client_rows(kind.asked(rows=10).drop(columns=kind.target), bundle.contract)
    explained = client.post("/explain", json=sent).json()
    predicted = client.post("/predict", json=sent).json()
    assert len(explained) == 10
    for one, answer in zip(explained, predicted, strict=True):
        reasons = one.pop("reasons")
        assert one == {name: answer[name] for name in answer if name != "prediction_id"}
        # Of several classes, the one that is answered.
        of = "probability" if "probability" in one else "prediction"
        assert one[reasons["of"]] == one[of]
        total = reasons["base_value"] + sum(c["contribution"] for c in reasons["contributions"])
        assert total == pytest.approx(one[of], abs=1e-9)
    log.close()


def test_nothing_is_logged_or_counted_as_a_prediction(bundle: Bundle, log: PredictionLog) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    assert client.post("/explain", json=[LOAN]).status_code == 200
    assert logged(log).empty
    page = client.get("/metrics").text
    assert "millrace_rows_predicted_total 0.0" in page
    assert 'millrace_requests_total{route="/explain",status="200"} 1.0' in page


def test_values_are_checked_as_by_predict(client: TestClient) -> None:
    for wrong in (LOAN | {"age": "x"}, {}, [LOAN, LOAN | {"strange": 1}], [], 3):
        assert errors_of(client, wrong, "/explain") == errors_of(client, wrong)
    answer = client.post("/explain", content=b"x", headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    assert client.get("/explain").status_code == 405
    assert client.post("/explain", content=b"{", headers=JSON).status_code == 422


def test_more_than_ten_rows_are_refused_and_the_document_says_so(client: TestClient) -> None:
    (error,) = errors_of(client, [LOAN] * 11, "/explain")
    assert error["problem"] == "there are more than 10 rows: send them in parts"
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/explain"]["post"]
    assert "at most 10" in operation["description"]
    _, many = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert many["maxItems"] == 10
    explained = document["components"]["schemas"]["ExplainedAnswer"]
    assert explained["required"] == ["key", "prediction", "probability", "bundle", "reasons"]


class Slow:
    """A bundle whose model answers when it is let."""

    def __init__(self, bundle: Bundle) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.contract, self.digest = bundle.contract, bundle.digest
        self._bundle = bundle

    def scores(self, rows: Any) -> Any:
        self.begun.set()
        assert self.let.wait(30)
        return self._bundle.scores(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bundle, name)


@pytest.fixture
def slow(bundle: Bundle) -> Iterator[Slow]:
    held = Slow(bundle)
    yield held
    held.let.set()


def test_one_request_is_explained_at_a_time_and_others_wait_briefly(slow: Slow) -> None:
    async def asked() -> list[httpx.Response]:
        form: Any = AnswerForm(slow.contract)
        application = Explain(slow, form, ReadingThread(), wait_seconds=0.2)  # type: ignore[arg-type]
        transport = httpx.ASGITransport(with_state(application))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            first = asyncio.create_task(client.post("/explain", json=LOAN))
            await asyncio.to_thread(slow.begun.wait, 30)
            others = [client.post("/explain", json=LOAN) for _ in range(explain.MOST_WAITING + 1)]
            refused = await asyncio.gather(*others)
            # Requests are answered while the model is at work, and the first one goes on.
            assert not first.done()
            slow.let.set()
            return [await first, await client.post("/explain", json=LOAN), *refused]

    first, next_one, *refused = asyncio.run(asked())
    assert (first.status_code, next_one.status_code) == (200, 200)
    assert {one.status_code for one in refused} == {503}
    assert {one.headers["retry-after"] for one in refused} == {"1"}
    assert sorted({one.json()["detail"] for one in refused}) == [
        "8 requests wait to be explained already",
        "other rows are being explained, one request at a time",
    ]


def with_state(application: Any) -> Any:
    """Return an application whose requests have a state, as the telemetry gives them."""

    async def called(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {}}, receive, send)

    return called


def test_before_it_is_asked_nothing_of_it_is_imported() -> None:
    code = "import sys, shared.serving.server; print('shared.reasons.explanations' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
