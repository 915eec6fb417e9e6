"""The routes of a real bundle with a real log, asked without a socket."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.serving import app
from shared.serving.batching import Batcher
from shared.serving.log_writer import LogWriter
from shared.serving.observability.telemetry import Telemetry
from shared.serving.request_rows import rows
from shared.serving.security import keys
from shared.serving.security.guard import Guard
from shared.settings import Settings
from tests.conftest import bundle_of, loans
from tests.serving.processes import Running, serving
from tests.tasks.impressions import impressions, shelf

JSON = {"content-type": "application/json"}
LOAN = {
    "loan": "A1",
    "applied": "2024-04-01T10:00:00+02:00",
    "income": 18_000.5,
    "age": 41,
    "region": "south",
    "employed": True,
    "guarantee": None,
}
START, END = datetime(1700, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(bundle: Bundle, tmp_path: Path) -> Iterator[PredictionLog]:
    held = PredictionLog("loans", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    yield held
    held.close()


@pytest.fixture
def client(bundle: Bundle, log: PredictionLog) -> TestClient:
    return TestClient(application(bundle, log, Telemetry()))


def application(bundle: Bundle, log: PredictionLog, telemetry: Telemetry) -> ASGIApp:
    """Return the routes with a log and no spool."""
    log_writer = LogWriter(log, bundle.contract)
    log.prepare()
    names, form = rows.names(bundle.contract), rows.AnswerForm(bundle.contract)
    predictor = Predictor(bundle)
    watching = telemetry.batch, telemetry.spans
    batcher = Batcher(names, predictor.score, log_writer.write, form.answers, *watching)
    return telemetry.measured(
        app.create_app(predictor, log_writer, batcher, form, telemetry.metrics, Guard())
    )


def logged(log: PredictionLog) -> pd.DataFrame:
    """Return every prediction in the log."""
    return log.predictions.window(START, END)


def errors_of(client: TestClient, body: Any, path: str = "/predict") -> list[dict[str, Any]]:
    """Return what a server finds wrong with a body."""
    answer = client.post(path, content=json.dumps(body), headers=JSON)
    assert answer.status_code == 422
    return answer.json()["detail"]


@dataclass(frozen=True)
class Guarded:
    """A server that asks for keys: three of the environment by role, one in a file."""

    running: Running
    secrets: dict[str, str]
    file: Path

    def ask(self, method: str, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secrets[who]}"} if who else {}
        return self.running.client.request(method, path, headers=headers, **more)


@pytest.fixture(scope="session")
def guarded(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    made = {role: keys.new_key(f"the-{role}", role) for role in keys.ROLES}
    file = folder / "keys"
    secret, entry = keys.new_key("rotated", "predict")
    file.write_text(f"# of this week\n{entry}\n")
    secrets = {role: secret for role, (secret, _) in made.items()} | {"rotated": secret}
    entries = ",".join(entry for _, entry in made.values())
    words = ("--bundle", str(bundle.path), "--max-body", "1", "--access-log", "json")
    variables = {"MILLRACE_API_KEYS": entries, "MILLRACE_API_KEYS_FILE": str(file)}
    with serving(folder, *words, **variables) as running:
        yield Guarded(running, secrets, file)


@pytest.fixture(scope="session")
def newer(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return another bundle of the loans, which asks for fewer columns."""
    fewer = settings.model_copy(update={"features": ("income", "region")})
    folder = tmp_path_factory.mktemp("newer") / "loans"
    return bundle_of(loans(800, seed=1), fewer, "logistic", folder)


@pytest.fixture(scope="session")
def shelf_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return a bundle of impressions, which answers with slates."""
    folder = tmp_path_factory.mktemp("shelf")
    return bundle_of(impressions(), shelf(folder), "boosting", folder / "bundle")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.db'}"
    return request.getfixturevalue("postgres").new_address()
