"""The routes of a real bundle with a real log, asked without a socket."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.serving import app, rows
from shared.serving.batching import Batcher
from shared.serving.log_writer import LogWriter
from shared.serving.security.guard import Guard
from shared.serving.telemetry import Telemetry

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
    names = rows.names(bundle.contract)
    batcher = Batcher(names, Predictor(bundle).score, log_writer.write, telemetry.batch)
    return telemetry.measured(
        app.create_app(bundle, log_writer, batcher, telemetry.metrics, Guard())
    )


def logged(log: PredictionLog) -> pd.DataFrame:
    """Return every prediction in the log."""
    return log.window(START, END)
