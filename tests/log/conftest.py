"""A prediction log in each kind of database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from shared.log.prediction_log import PredictionLog
from tests.log.loans import LOAN, MakeLog, contract


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that is empty, or of a file that is not there."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'log.db'}"
    return request.getfixturevalue("postgres").new_address()


@pytest.fixture
def make_log(address: str) -> Iterator[MakeLog]:
    """Return a function that opens a log there, as one process with one bundle would."""
    with ExitStack() as stack:

        def made(features: dict[str, str] = LOAN, problem: str = "loans", **words: Any) -> Any:
            opened = PredictionLog(problem, contract(features, **words), address)
            stack.callback(opened.close)
            return opened

        yield made


@pytest.fixture
def log(make_log: MakeLog) -> PredictionLog:
    return make_log()


@pytest.fixture
def named_log(make_log: MakeLog, address: str, monkeypatch: pytest.MonkeyPatch) -> PredictionLog:
    """Return a log that has its tables, and that MILLRACE_LOG names."""
    monkeypatch.setenv("MILLRACE_LOG", address)
    log = make_log({"income": "number", "region": "category"})
    log.prepare()
    return log
