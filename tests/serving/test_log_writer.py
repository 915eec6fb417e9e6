"""What waited in the spool is brought into the log, and what cannot be holds up nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.log.prediction_log import PredictionLog
from shared.log.spool import Spool
from shared.schema import columns
from shared.schema.contract import Contract, ContractColumn
from shared.serving import log_writer
from shared.serving.log_writer import LogWriter

NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)
KINDS = {"loan": "text", "applied": "time", "defaulted": "boolean", "income": "number"}
LOANS = Contract(
    key="loan",
    time="applied",
    target="defaulted",
    features=("income",),
    columns=tuple(ContractColumn(name=n, type=t, nullable=True) for n, t in KINDS.items()),  # type: ignore[arg-type]
)


def row(number: int, **changed: Any) -> dict[str, Any]:
    common = {"time": NOON, "logged_at": NOON, "bundle": "b", "role": "champion", "income": 0.1}
    answer = {"prediction": False, "probability": 0.2, "latency_ms": 1.0}
    return {"prediction_id": f"p{number}", "key": f"L{number}", **common, **answer, **changed}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[LogWriter]:
    log = PredictionLog("loans", LOANS, f"sqlite:///{tmp_path / 'log.db'}")
    log.prepare()
    spool = Spool(tmp_path / "spool", "loans", 1_000)
    yield LogWriter(log, LOANS, spool)
    log.close()
    spool.close()


def logged(kept: LogWriter) -> list[str]:
    span = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return sorted(kept.log.predictions.window(*span)["prediction_id"])


def test_to_look_at_the_log_moves_nothing(kept: LogWriter) -> None:
    assert kept.spool
    kept.spool.put([row(1)], LOANS)
    kept.check_log()
    assert (kept.away, kept.depth().rows, logged(kept)) == (None, 1, [])


def test_all_that_waited_is_brought_in(kept: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept.spool
    monkeypatch.setattr(log_writer, "ANSWERS_PER_COMMIT", 3)
    for number in range(1, 9):
        kept.spool.put([row(number)], LOANS)
    kept.drain_spool()
    assert kept.depth().rows == 0
    assert logged(kept) == [f"p{n}" for n in range(1, 9)]


def test_of_answers_brought_together_only_the_one_that_is_refused_is_set_aside(
    kept: LogWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kept.spool
    for number in range(1, 6):
        spoilt = {"latency_ms": None, "role": None} if number == 3 else {}
        kept.spool.put([row(number, **spoilt)], LOANS)
    kept.drain_spool()
    assert logged(kept) == ["p1", "p2", "p4", "p5"]
    assert kept.depth().rows == 0
    assert "1 spooled rows set aside" in capsys.readouterr().err


def test_what_is_answered_after_a_file_was_changed_waits_until_it_is_back(
    kept: LogWriter, tmp_path: Path
) -> None:
    file = tmp_path / "log.db"
    kept.write(columns.of_rows([row(1)], row(1)))
    aside = file.rename(tmp_path / "aside.db")
    file.write_bytes(b"")
    for number in (2, 3):
        kept.write(columns.of_rows([row(number)], row(number)))
        kept.check_log()
        assert "another file is in its place" in str(kept.away)
    kept.drain_spool()
    assert kept.depth().rows == 2
    assert file.read_bytes() == b""
    aside.replace(file)
    kept.drain_spool()
    assert (kept.away, kept.depth().rows, logged(kept)) == (None, 0, ["p1", "p2", "p3"])
