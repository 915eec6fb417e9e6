"""NannyML's univariate drift on the windows of a benchmark, all at once, in its own environment."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from shared.schema import arrow
from tests.benchmarks.serving_peers import PEERS, environment

HEAD = "any column, half of them"
# Chunks of the reference: so many rows, or a calendar's weeks.
Chunks = int | str
Alerts = dict[str, dict[Chunks, list[int | None]]]


@dataclass(frozen=True)
class DriftPeer:
    """Windows of tables, which are written below `folder` until they are judged."""

    folder: Path

    def take(
        self,
        table: str,
        reference: pd.DataFrame,
        names: Sequence[str],
        text: Sequence[str],
        time: str,
    ) -> None:
        """Write a table's reference, the columns to judge and which are categories."""
        place = self.folder / table
        place.mkdir(parents=True)
        given = reference[[*names, time]].sort_values(time, kind="stable")
        given.to_parquet(place / "reference.parquet")
        columns = {"columns": [*names], "categories": [*text], "time": time}
        (place / "columns.json").write_text(json.dumps(columns))

    def add(self, table: str, chunks: Chunks, window: pd.DataFrame) -> None:
        """Write another window of a table, to be judged beside chunks of its reference."""
        place = self.folder / table / str(chunks)
        place.mkdir(exist_ok=True)
        pq.write_table(arrow.table(window), place / f"{len([*place.iterdir()]):05}.parquet")

    def judge(self) -> Alerts:
        """Return by table and chunks in how many columns each window alerts; None of a crash."""
        wanted = ("nannyml==0.13.1", "statsmodels==0.15.0", "pyarrow")
        python = environment("nannyml", *wanted) / "python"
        command = [python, PEERS / "nannyml_drift.py", self.folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        return {
            table: {int(c) if c.isdigit() else c: alerts for c, alerts in each.items()}
            for table, each in found.items()
        }


def told(alerts: Sequence[int | None], columns: int) -> str:
    """Write of how many windows NannyML alerts: in any column, in half of them; what crashed."""
    judged = [count for count in alerts if count is not None]
    some, half = sum(c > 0 for c in judged), sum(c >= columns / 2 for c in judged)
    crashed = len(alerts) - len(judged)
    return f"{some}, {half} of {len(judged)}" + (f"; {crashed} crashed" if crashed else "")
