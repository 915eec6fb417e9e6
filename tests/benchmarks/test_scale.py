"""ScoreFlow's and MonitorFlow's work on one, two and ten million rows: time, memory, throughput.

The rows are the flights again and again, with other keys and later times, in partitions of 100,000.
Each measurement is one task's process, so that its peak of memory is its own; the clock begins
before the model is loaded. SCALE_MILLIONS says how many millions, the smallest first.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared import SPINS
from shared.model.bundle import Bundle

PARTITION = 100_000
TRIES = 3
MILLIONS = [float(text) for text in os.environ.get("SCALE_MILLIONS", "1,2,10").split(",")]
SCORE = """
import json, re, sys, time
from pathlib import Path
from shared.model import lean_imports
from shared.model.bundle import open_bundle
from shared.scoring import partitions, reconcile, score
bundle = open_bundle(Path(sys.argv[1]))
started, before = time.perf_counter(), time.process_time()
lean_imports.import_model_reader()
bundle.model
loading = time.perf_counter() - started
planned = partitions.plan(bundle.settings, bundle, sys.argv[2], None, sys.argv[3])
parts = [row for part in planned.parts for row in part]
scored = score.score(planned, parts, bundle, bundle.settings)
done = reconcile.score_result(planned, scored)
seconds, cpu = time.perf_counter() - started, time.process_time() - before
rows = done.answered
"""
# The model alone, loaded and asked on frames that are ready, as large and made as ScoreFlow's are.
BARE = """
import json, re, sys, time
from pathlib import Path
from shared.model.bundle import open_bundle
from shared.model.inputs import model_input
from shared.schema import validation
from shared.tables import file_rows, table_files
bundle = open_bundle(Path(sys.argv[1]))
contract = bundle.contract
rows, started, before = 0, time.perf_counter(), time.process_time()
bundle.model
loading = seconds = time.perf_counter() - started
cpu = time.process_time() - before
for table in file_rows.read_batches(sys.argv[2], table_files.list_files(sys.argv[2]).files):
    given = model_input(validation.screen(table, contract, contract.features).rows, contract)
    started, before = time.perf_counter(), time.process_time()
    bundle.model.predict_proba(given)
    seconds += time.perf_counter() - started
    cpu += time.process_time() - before
    rows += len(given)
"""
JUDGE = """
import json, re, sys, time
from pathlib import Path
from shared.monitoring import findings, judge
from shared.monitoring.windows import scope
from shared.monitoring.case import Case
from shared.monitoring.windows.reading import WindowReader
from shared.model.bundle import open_bundle
bundle = open_bundle(Path(sys.argv[1]))
loading, started, before = 0, time.perf_counter(), time.process_time()
planned = scope.plan_table(sys.argv[2])
read = WindowReader(planned, bundle, bundle.settings).read()
case = Case(read, planned, bundle, bundle.settings)
judge.judge(case, findings.find(case))
seconds, cpu = time.perf_counter() - started, time.process_time() - before
rows = read.profile.size
"""
TELL = """
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"seconds": seconds, "cpu": cpu, "mb": peak, "rows": rows, "loading": loading}))
"""


def write(flights: pd.DataFrame, folder: Path, millions: float) -> None:
    """Write so many rows in partitions, each a stretch of the flights under other keys."""
    year = pd.Timedelta(days=365)
    for number in range(round(millions * 1_000_000 / PARTITION)):
        first = number * PARTITION % len(flights)
        rows = flights.iloc[first : first + PARTITION]
        rows = pd.concat([rows, flights.iloc[: PARTITION - len(rows)]], ignore_index=True)
        rows["flight_id"] += f"-{number}"
        rows["scheduled"] += year * (number * PARTITION // len(flights))
        place = folder / f"stretch={number:05d}"
        place.mkdir(parents=True)
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), place / "rows.parquet")


def measured(code: str, *words: object, **environment: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", code + TELL, *map(str, words)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.timeout(3_600)
def test_scoring_and_judging_take_time_by_the_row_and_no_more_memory(
    flights: pd.DataFrame, flights_bundle: Bundle, tmp_path: Path
) -> None:
    bare, score, judge = [], [], []
    for millions in MILLIONS:
        table, output = tmp_path / "table", tmp_path / "scored"
        write(flights, table, millions)
        alone, ours = _fastest(flights_bundle.path, table, output)
        bare.append(alone)
        score.append(ours)
        judge.append(measured(JUDGE, flights_bundle.path, output))
        assert score[-1]["rows"] == judge[-1]["rows"] == millions * 1_000_000
        shutil.rmtree(table)
        shutil.rmtree(output)
    rows = [("the bare model, ready frames", found) for found in bare]
    rows += [("ScoreFlow's task", found) for found in score]
    rows += [("MonitorFlow's task and verdict", found) for found in judge]
    _print(rows)
    _tell_and_hold(bare, score, judge)


def _print(rows: list[tuple[str, dict[str, float]]]) -> None:
    print(f"\n{'':<46}{'seconds':>9}{'CPU':>9}{'MB':>7}{'rows/s':>10}")
    for name, found in rows:
        told = f"{name}, {found['rows'] / 1e6:g} million"
        times = f"{found['seconds']:>9.1f}{found['cpu']:>9.1f}"
        print(f"{told:<46}{times}{found['mb']:>7.0f}{found['rows'] / found['seconds']:>10,.0f}")


def _fastest(bundle: Path, table: Path, output: Path) -> tuple[dict[str, float], ...]:
    """Measure the bare model and ScoreFlow in turn, and return the fastest of each.

    The model's threads wait for each other busily, which is best on a quiet machine, or asleep,
    which is best on a busy one, or as ours do: the bare model has all three ways.
    """
    bare, ours = [], []
    for _ in range(TRIES):
        shutil.rmtree(output, ignore_errors=True)
        ours.append(measured(SCORE, bundle, table, output))
        for spins in ("300000", "0", SPINS):
            bare.append(measured(BARE, bundle, table, GOMP_SPINCOUNT=spins))
    return min(bare, key=_seconds), min(ours, key=_seconds)


def _seconds(found: dict[str, float]) -> float:
    return found["seconds"]


def _loaded(found: dict[str, float]) -> float:
    return found["seconds"] - found["loading"]


def _tell_and_hold(
    bare: list[dict[str, float]], score: list[dict[str, float]], judge: list[dict[str, float]]
) -> None:
    # Whoever scores has to load the model, so that both are charged with it: a second of each.
    # ScoreFlow tries it, reads, screens and writes, too, which the bare model is spared.
    pairs = list(zip(bare, score, strict=True))
    shares = [_seconds(alone) / _seconds(ours) for alone, ours in pairs]
    loaded = [_loaded(alone) / _loaded(ours) for alone, ours in pairs]
    for words, found in (("", shares), (", once it is loaded", loaded)):
        told = ", ".join(f"{share:.0%}" for share in found)
        print(f"ScoreFlow answers {told} as many rows a second as the bare model{words}")
    for name, found in (("ScoreFlow", score), ("MonitorFlow", judge)):
        more = found[-1]["rows"] / found[0]["rows"]
        slower = found[-1]["cpu"] / found[0]["cpu"]
        larger = found[-1]["mb"] / found[0]["mb"]
        print(
            f"{name}: {more:g} times the rows, {slower:.1f} times the CPU, {larger:.2f} the memory"
        )
        assert slower <= 1.25 * more
        assert larger <= 1.2
    assert min(shares) >= 0.8
