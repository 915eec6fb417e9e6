"""Traffic for the tests: rows as a server would have logged them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, judge
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.monitoring.windows.scope import Scope
from shared.settings import Settings
from tests.conftest import loans

ANSWERED = datetime(2024, 4, 1, 12, 0, tzinfo=UTC)


def week(rows: int = 233, seed: int = 1) -> pd.DataFrame:
    """Return new applications of one week, like those that the model was trained on."""
    found = loans(rows, seed)
    start = pd.Timestamp("2024-04-01", tz="UTC")
    since = (found["applied"] - pd.Timestamp("2024-01-01", tz="UTC")) / 13
    found["applied"] = start + since.dt.floor("s")
    return found


def answer(log: PredictionLog, frame: pd.DataFrame, bundle: Bundle, digest: str = "") -> None:
    """Log a frame's rows as answered by the bundle (or by another one, named by its digest)."""
    found = bundle.answers(bundle.scores(frame), frame)
    answers = {name: values.tolist() for name, values in found.items()}
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(frame.to_dict("records")):
        given = {n: None if pd.isna(row[n]) else row[n] for n in bundle.contract.features}
        rows.append(
            {
                "prediction_id": f"{digest[:4]}{row['loan']}",
                "key": row["loan"],
                "time": row["applied"].to_pydatetime(),
                "logged_at": ANSWERED + timedelta(seconds=number),
                "bundle": digest or bundle.digest,
                "role": "champion",
                **{name: values[number] for name, values in answers.items()},
                "latency_ms": 3.0,
                **given,
            }
        )
    log.predictions.append(rows)


def read_case(traffic: pd.DataFrame | Scope, bundle: Bundle, settings: Settings) -> Case:
    """Return the case of a frame that is read as a file, or of what a scope has."""
    if isinstance(traffic, Scope):
        return Case(WindowReader(traffic, bundle, settings).read(), traffic, bundle, settings)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "window.parquet"
        traffic.to_parquet(file, index=False)
        return read_case(scope.plan_table(str(file)), bundle, settings)


def judged(
    traffic: pd.DataFrame | Scope, bundle: Bundle, settings: Settings
) -> tuple[Findings, Verdict]:
    """Return what is found in traffic that a bundle answered, and the verdict on it."""
    case = read_case(traffic, bundle, settings)
    found = findings.find(case)
    return found, judge.judge(case, found)


def minute(at: datetime, server: str = "a", **counts: Any) -> dict[str, Any]:
    """Return a service minute."""
    quiet = {"requests": 0, "rows": 0, "rejected": 0, "errors": 0, "p50_ms": None, "p99_ms": None}
    return {"minute": at, "server": server, **quiet, **counts}


def words(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the level and the words of each reason."""
    return [(reason.level, reason.what) for reason in verdict.reasons]
