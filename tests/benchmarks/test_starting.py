"""What a newcomer waits for in the shell: a new problem of a large table, help, a look at the log.

Each is a process of its own, the fastest of three; the seconds of the CPU are told beside it.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.log.opening import opened_log
from shared.model.bundle import Bundle
from tests.benchmarks.test_flow_times import timed
from tests.monitoring import traffic
from tests.serving.processes import MILLRACE

ROWS = 1_000_000
LOGGED = 50_000
TRIES = 3


def million() -> pd.DataFrame:
    """Return a million rows of 30 columns: key, time, target, numbers, counts, classes, notes."""
    rng = np.random.default_rng(0)
    every = pd.date_range("2023-01-01", periods=ROWS, freq="30s", tz="UTC")
    frame = pd.DataFrame({"id": np.arange(ROWS), "at": every})
    for at in range(14):
        gaps = rng.random(ROWS) < max(0.0, 0.4 - 0.1 * at)
        frame[f"number_{at}"] = np.where(gaps, np.nan, rng.normal(at, 1 + at, ROWS))
    for at in range(4):
        frame[f"count_{at}"] = rng.integers(0, 50 * (at + 1), ROWS)
    for at in range(6):
        frame[f"class_{at}"] = rng.choice([f"c{each}" for each in range(4 * (at + 1))], ROWS)
    for at in range(2):
        frame[f"flag_{at}"] = rng.random(ROWS) < 0.3
    frame["note"] = [f"note {number}" for number in rng.integers(0, ROWS // 2, ROWS)]
    odds = frame["number_5"] / 6 - frame["flag_0"]
    return frame.assign(target=rng.random(ROWS) < 1 / (1 + np.exp(-odds)))


def fastest(folder: Path, *words: str) -> float:
    """Run a command of `millrace` three times; returns the seconds of the fastest."""
    found = [
        timed([str(MILLRACE), *(word.format(number) for word in words)], folder)
        for number in range(TRIES)
    ]
    seconds, cpu = min(found)
    print(f"\nmillrace {' '.join(words)}: {seconds:.2f} s, {cpu:.2f} s of the CPU")
    return seconds


@pytest.mark.timeout(900)
def test_a_problem_is_made_of_a_million_rows_within_ten_seconds(tmp_path: Path) -> None:
    table = million()
    assert table.shape == (ROWS, 30)
    table.to_parquet(tmp_path / "table.parquet", index=False)
    table.to_csv(tmp_path / "table.csv", index=False)
    for ending in ("parquet", "csv"):
        words = ("new", ending + "_{}", f"table.{ending}", "--target", "target", "--yes")
        assert fastest(tmp_path, *words) <= 10


def test_help_is_there_at_once(tmp_path: Path) -> None:
    assert fastest(tmp_path, "--help") <= 0.3


def test_what_is_in_a_log_is_told_within_a_second(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened_log("loans", bundle.contract) as log:
        log.prepare()
        traffic.answer(log, traffic.week(LOGGED), bundle)
    assert fastest(tmp_path, "log", "info", "--problem", "loans") <= 1
