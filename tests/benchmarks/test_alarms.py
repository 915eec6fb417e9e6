"""How often ordinary windows alarm, and how many faults are found, beside Evidently's defaults.

The model and what is usual are of January to April; the windows are of May and June, whose weather
and traffic neither has met. All are judged as `millrace judge` judges a file.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings, judge, scope
from shared.monitoring.case import Case
from shared.monitoring.reading import WindowReader
from shared.schema import arrow
from shared.schema.log_columns import PROBABILITY
from tests.benchmarks.feed_faults import FAULTS, OF_WHOLE_WINDOWS, Fault

FIRST, LAST = pd.Timestamp("2013-05-01", tz="UTC"), pd.Timestamp("2013-07-01", tz="UTC")
MONDAY, WEEK = pd.Timestamp("2013-05-06", tz="UTC"), pd.Timedelta(days=7)
SIZES, EACH = (300, 1_000, 6_000), 60
TRIES, TRIED_ROWS = 10, (1_000, 6_000)
# Evidently takes seconds for a window: it is given one of so many.
OF_PEER = 6
HEAD = "any column, dataset"


@dataclass
class Judge:
    """Millrace on a frame; counts what crashed instead of raising it."""

    bundle: Bundle
    place: Path
    crashed: int = 0

    def __call__(self, rows: pd.DataFrame) -> dict[str, Any]:
        pq.write_table(arrow.table(rows), self.place)
        settings = self.bundle.settings
        try:
            planned = scope.plan_table(str(self.place))
            read = WindowReader(planned, self.bundle, settings).read()
            case = Case(read, planned, self.bundle, settings)
            return judge.judge(case, findings.find(case))
        except Exception as error:
            print(f"crashed: {error!r}")
            self.crashed += 1
            return {"verdict": "ok", "words": "", "reasons": []}


@dataclass
class Peer:
    """Evidently's drift preset as it comes: does it call any column drifted, or the dataset?"""

    bundle: Bundle
    crashed: int = 0

    def __call__(self, rows: pd.DataFrame) -> tuple[bool, bool]:
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        contract = self.bundle.contract
        numbers = [name for name in contract.features if name not in contract.categorical]
        roles = DataDefinition(
            numerical_columns=numbers, categorical_columns=list(contract.categorical)
        )
        reference = self.bundle.reference()
        names = list(contract.features)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                sides = [Dataset.from_pandas(frame[names], roles) for frame in (rows, reference)]
                found = Report([DataDriftPreset()]).run(*sides).dict()["metrics"][0]["value"]
        except Exception:
            self.crashed += 1
            return False, False
        return found["count"] > 0, found["share"] >= 0.5


@pytest.fixture(scope="module")
def ordinary(flights: pd.DataFrame) -> pd.DataFrame:
    at = flights["scheduled"]
    return flights[(at >= FIRST) & (at < LAST)].reset_index(drop=True)


def windows(rows: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    """Yield spans of so many rows at random places, in turn with samples of a random week."""
    rng = np.random.default_rng(size)
    for number in range(EACH):
        if number % 2:
            first = int(rng.integers(0, len(rows) - size))
            yield rows.iloc[first : first + size]
        else:
            start = MONDAY + rng.integers(0, 49) * pd.Timedelta(days=1)
            week = rows[(rows["scheduled"] >= start) & (rows["scheduled"] < start + WEEK)]
            yield week.sample(min(size, len(week)), random_state=rng).sort_index()


def weeks(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in pd.date_range(MONDAY, LAST - WEEK, freq=WEEK):
        yield rows[(rows["scheduled"] >= start) & (rows["scheduled"] < start + WEEK)]


@pytest.mark.timeout(1_800)
def test_ordinary_windows_are_ok(
    flights_bundle: Bundle, ordinary: pd.DataFrame, tmp_path: Path
) -> None:
    judge, peer = Judge(flights_bundle, tmp_path / "window.parquet"), Peer(flights_bundle)
    kinds = {f"{size:,} rows": list(windows(ordinary, size)) for size in SIZES}
    kinds["calendar weeks"] = list(weeks(ordinary))
    print(f"\n{'ordinary windows':<18}{'windows':>8}{'not ok':>8}   Evidently: {HEAD}")
    alarms = judged = 0
    for name, drawn in kinds.items():
        verdicts = [judge(rows) for rows in drawn]
        beyond = [verdict["words"] for verdict in verdicts if verdict["verdict"] != "ok"]
        theirs = [peer(rows) for rows in drawn[:: 1 if len(drawn) < EACH else OF_PEER]]
        print(f"{name:<18}{len(drawn):>8}{len(beyond):>8}   {_told(theirs)}")
        for words in beyond:
            print(f"    {words}")
        alarms, judged = alarms + len(beyond), judged + len(drawn)
    print(f"{'in all':<18}{judged:>8}{alarms:>8}   {alarms / judged:.2%}; 1% is promised")
    print(f"crashed: {judge.crashed}, Evidently {peer.crashed}")
    assert judge.crashed == 0
    assert alarms <= 0.01 * judged


@pytest.mark.timeout(1_800)
def test_faults_are_found_and_the_culprit_is_named(
    flights_bundle: Bundle, ordinary: pd.DataFrame, tmp_path: Path
) -> None:
    judge, peer = Judge(flights_bundle, tmp_path / "window.parquet"), Peer(flights_bundle)
    print(f"\n{'fault':<32}{'large: found, named':>20}{'small':>10}   Evidently: {HEAD}")
    tried, found, named = {"large": 0, "small": 0}, {"large": 0, "small": 0}, 0
    theirs: list[tuple[bool, bool]] = []
    for fault in (*FAULTS, *OF_WHOLE_WINDOWS):
        told, here = [], []
        for severity in ("large", "small"):
            drawn = list(_broken(ordinary, flights_bundle, fault, getattr(fault, severity)))
            verdicts = [judge(rows) for rows in drawn]
            beyond = [verdict for verdict in verdicts if verdict["verdict"] != "ok"]
            first = sum(v["reasons"][0]["column"] in fault.culprits for v in beyond)
            tried[severity] += len(drawn)
            found[severity] += len(beyond)
            named += first
            told.append(f"{len(beyond)}, {first}")
            here.append(peer(drawn[0]))
        theirs += here
        print(f"{fault.name:<32}{told[0]:>20}{told[1]:>10}   {_told(here)}")
    shares = {severity: found[severity] / tried[severity] for severity in tried}
    print(f"found: {shares['large']:.1%} of the large, {shares['small']:.1%} of the small")
    print(f"the culprit first: {named / sum(found.values()):.1%} of those found")
    print(f"Evidently: {_told(theirs)} of {len(theirs)}; crashed {peer.crashed}")
    assert judge.crashed == 0
    assert shares["large"] >= 0.95
    assert shares["small"] >= 0.8
    assert named >= 0.9 * sum(found.values())


def _broken(
    rows: pd.DataFrame, bundle: Bundle, fault: Fault, severity: float
) -> Iterator[pd.DataFrame]:
    rng = np.random.default_rng(len(fault.name))
    for number in range(TRIES):
        first = int(rng.integers(0, len(rows) - TRIED_ROWS[-1]))
        size = TRIED_ROWS[number % 2]
        span = rows.iloc[first : first + size].reset_index(drop=True)
        if fault in OF_WHOLE_WINDOWS:
            start = MONDAY + rng.integers(0, 49) * pd.Timedelta(days=1)
            at = rows["scheduled"]
            span = rows[(at >= start) & (at < start + WEEK)].reset_index(drop=True)
        if PROBABILITY in fault.culprits:
            span = span.assign(**{PROBABILITY: bundle.scores(span)})
        yield fault.change(span, severity, rng)


def _told(theirs: list[tuple[bool, bool]]) -> str:
    columns, datasets = (sum(one) for one in zip(*theirs, strict=True))
    return f"{columns}, {datasets} of {len(theirs)}"
