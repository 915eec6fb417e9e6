"""What numbers and four classes cost beside true and false: serving and the verdict, in one run.

The flights of a spring are learnt by boosting of one size, with the same columns, as late
or not, as minutes late with intervals, and as four fates. A tree of each class in each round is the
model's own cost, and shown apart. All is measured in seconds that had a core: other load on the
machine is left out. Rounds take turns; the tables have medians.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
from threadpoolctl import threadpool_limits

from shared import problems
from shared.log_columns import OUTCOME
from shared.model.bundle import Bundle
from shared.model.scores.model_scores import model_scores
from shared.monitoring import findings, judge
from shared.monitoring.case import Case
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.schema import arrow, columns
from shared.schema.client_rows import client_rows
from shared.settings import Settings
from shared.tables import sources
from shared.training import splits
from shared.words import number_of
from tests.benchmarks import serving_peers
from tests.benchmarks.serving_peers import Peer
from tests.conftest import bundle_of

KINDS = {"binary": "flights", "regression": "delay", "multiclass": "fate"}
# How many times as long as of binary each may take.
MOST = {"regression": 1.10, "multiclass": 1.25}
SIZE = {
    "learning_rate": 0.05,
    "min_samples_leaf": 200,
    "max_leaf_nodes": 15,
    "max_iter": 100,
    "early_stopping": False,
}
# Enough to learn a model of that size.
SPLIT = {
    name: pd.Timestamp(day, tz="UTC").to_pydatetime()
    for name, day in {
        "start": "2013-03-01",
        "validation": "2013-04-01",
        "holdout": "2013-04-15",
        "end": "2013-05-01",
    }.items()
}
ROUNDS = 5
# Rows of a request, and requests of a round: it takes a second, as CPU time is told in hundredths.
ASKED = {1: 500, 1_000: 40}
JUDGED = (100_000, 1_000_000)
TRIES = 3
Medians = dict[str, float]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Return each kind's table of the year, in time."""
    found = {kind: problems.load_problem(name) for kind, name in KINDS.items()}
    return {
        kind: sources.read_source(one.source).sort_values(one.time, kind="stable")
        for kind, one in found.items()
    }


@pytest.fixture(scope="module")
def bundles(
    tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Bundle]:
    """Return a bundle of each kind, all with a model of the same size."""
    folder, found = tmp_path_factory.mktemp("bundles"), {}
    # Threads that wait for each other at each split lose much where a core is busy.
    with threadpool_limits(1):
        for kind, name in KINDS.items():
            settings = _of_one_size(problems.load_problem(name))
            history = splits.within(tables[kind], settings)
            found[kind] = bundle_of(history, settings, "boosting", folder / kind)
    return found


def _of_one_size(settings: Settings) -> Settings:
    (boosting,) = (one for one in settings.candidates if one.name == "boosting")
    return settings.model_copy(
        update={
            "candidates": (boosting.model_copy(update={"params": SIZE}),),
            "split": settings.split.model_copy(update=SPLIT),
        }
    )


@pytest.fixture(scope="module")
def servers(
    bundles: dict[str, Bundle], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Peer]]:
    """Start a server of each kind, in one process each."""
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(
                serving_peers.millrace(
                    bundle,
                    client_rows(bundle.golden().head(1), bundle.contract)[0],
                    tmp_path_factory.mktemp(kind),
                )
            )
            for kind, bundle in bundles.items()
        }


def medians(measure: Callable[[str], float], rounds: int) -> Medians:
    """Return the median of what is measured of each kind, in turn."""
    found = [{kind: measure(kind) for kind in KINDS} for _ in range(rounds)]
    return {kind: statistics.median(one[kind] for one in found) for kind in KINDS}


def told(title: str, found: Medians, unit: str = "ms") -> str:
    """Write what each kind takes, and how many times binary's that is."""
    beside = [f"{1000 * found[kind]:10,.2f} {unit}" for kind in KINDS]
    times = [f"{found[kind] / found['binary']:.2f}" for kind in MOST]
    return f"{title:<34}{''.join(beside)}   {', '.join(times)} times binary's"


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("rows", ASKED)
def test_serving_numbers_and_classes_costs_little_more(
    rows: int, servers: dict[str, Peer], bundles: dict[str, Bundle], tables: Any, capsys: Any
) -> None:
    asked = {kind: _rows(bundles[kind], tables[kind], rows) for kind in KINDS}
    bodies = {kind: json.dumps(asked[kind] if rows > 1 else asked[kind][0]) for kind in KINDS}
    models = {kind: model_scores(bundles[kind]).scores for kind in KINDS}
    with httpx.Client(trust_env=False, timeout=60) as client:

        def request(kind: str) -> float:
            server, before = servers[kind], servers[kind].cpu_seconds
            headers = {"content-type": "application/json"}
            for _ in range(ASKED[rows]):
                client.post(server.url, content=bodies[kind], headers=headers).raise_for_status()
            return (server.cpu_seconds - before) / ASKED[rows]

        medians(request, 1)
        whole = medians(request, ROUNDS)

    def score(kind: str) -> float:
        names = bundles[kind].contract.features
        given = columns.of_rows(asked[kind], names)
        before = time.thread_time()
        for _ in range(ASKED[rows]):
            models[kind](given)
        return (time.thread_time() - before) / ASKED[rows]

    with threadpool_limits(1):
        alone = medians(score, ROUNDS)
    added = {kind: whole[kind] - alone[kind] for kind in KINDS}
    with capsys.disabled():
        print(
            f"\n{number_of(rows, 'row')} a request".ljust(35)
            + "".join(f"{kind:>13}" for kind in KINDS)
        )
        print(told("a request, answered and logged", whole))
        print(told("the model alone", alone))
        print(told("what Millrace adds", added))
    for kind, most in MOST.items():
        assert added[kind] <= most * added["binary"]


def _rows(bundle: Bundle, table: pd.DataFrame, count: int) -> list[dict[str, Any]]:
    return client_rows(table.tail(count), bundle.contract)


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("rows", JUDGED)
def test_judging_numbers_and_classes_costs_little_more(
    rows: int, bundles: dict[str, Bundle], tables: Any, tmp_path: Path, capsys: Any
) -> None:
    for kind, bundle in bundles.items():
        _write_answered(bundle, tables[kind], rows, tmp_path / f"{kind}.parquet")

    def verdict(kind: str) -> float:
        bundle, before = bundles[kind], time.process_time()
        planned = scope.plan_table(str(tmp_path / f"{kind}.parquet"))
        read = WindowReader(planned, bundle, bundle.settings).read()
        case = Case(read, planned, bundle, bundle.settings)
        judge.judge(case, findings.find(case))
        return time.process_time() - before

    medians(verdict, 1)
    found = medians(verdict, TRIES)
    with capsys.disabled():
        print(told(f"\na verdict on {rows:,} rows", found))
    for kind, most in MOST.items():
        assert found[kind] <= most * found["binary"]


def _write_answered(bundle: Bundle, table: pd.DataFrame, rows: int, place: Path) -> None:
    """Write so many of the year's last rows, and of the same again, answered and with outcomes."""
    contract = bundle.contract
    some = table.tail(min(rows, len(table))).reset_index(drop=True)
    answered = some.assign(**bundle.answers(bundle.scores(some), some))
    answered = answered.rename(columns={contract.target: OUTCOME})
    with pq.ParquetWriter(place, arrow.table(answered).schema) as writer:
        for left in range(rows, 0, -len(answered)):
            part = answered.head(left)
            keys = part[contract.key] + f"-{left}"
            writer.write_table(arrow.table(part.assign(**{contract.key: keys})))
