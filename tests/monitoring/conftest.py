"""What the tests of monitoring share: a log to judge, and a function that judges."""

from pathlib import Path

import pandas as pd
import pytest

from shared.baseline import learning
from shared.baseline.baseline_profile import BaselineProfile
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, judge
from shared.monitoring.input_checks.detection import DriftDetector
from shared.monitoring.window import Window
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.monitoring.windows.scope import Scope
from shared.schema import arrow
from shared.settings import Settings
from tests.monitoring.traffic import read_case
from tests.monitoring.weather import CONTRACT, weather


@pytest.fixture
def judged(bundle: Bundle, settings: Settings):
    """Return a function that judges a frame as a file, or what a scope of a log has."""

    def judged(traffic: pd.DataFrame | Scope) -> Verdict:
        case = read_case(traffic, bundle, settings)
        return judge.judge(case, findings.find(case))

    return judged


@pytest.fixture
def log(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a log that is the one which is judged."""
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    held = PredictionLog("loans", bundle.contract)
    yield held
    held.close()


@pytest.fixture
def of_file(bundle: Bundle, settings: Settings):
    """Return a function that reads a file's window."""

    def read(path: Path) -> Window:
        return WindowReader(scope.plan_table(str(path)), bundle, settings).read()

    return read


@pytest.fixture
def of_log(log: PredictionLog, bundle: Bundle, settings: Settings):
    """Return a function that reads the log's window."""

    def read(until: str | None = None) -> Window:
        return WindowReader(scope.plan(settings, bundle, until, None), bundle, settings).read()

    return read


@pytest.fixture(scope="session")
def learnt() -> BaselineProfile:
    return learning.learn(arrow.table(weather(26)), CONTRACT, 0.01)


@pytest.fixture(scope="session")
def detector(learnt: BaselineProfile) -> DriftDetector:
    return DriftDetector(learnt)
