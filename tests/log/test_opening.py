"""A problem's log, opened for a block: it is closed after it, and a lost database is a refusal."""

from pathlib import Path

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.log.opening import opened_log
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle

NOW = pd.Timestamp("2024-01-01", tz="UTC")


def test_a_database_that_goes_in_the_block_is_a_refusal_and_the_log_is_closed(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    opened, closed = list[PredictionLog](), list[PredictionLog]()

    def close(log: PredictionLog) -> None:
        closed.append(log)

    def lose() -> None:
        with opened_log("loans", bundle.contract) as log:
            opened.append(log)
            assert log.minutes.between(NOW, NOW).empty
            assert closed == []
            raise LogUnavailable("the database is gone")

    monkeypatch.setattr(PredictionLog, "close", close)
    with pytest.raises(Refusal, match="the database is gone"):
        lose()
    assert closed == opened
