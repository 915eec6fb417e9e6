"""Who judges windows: Millrace as `millrace judge` does, and beside it Evidently as it comes."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from shared.model.bundle import Bundle
from shared.model.verdict import Reason, Verdict
from shared.monitoring import findings, judge
from shared.monitoring.case import Case
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.schema import arrow

OF_OUTCOMES = ("contract", "outcomes", "quality")
HEAD = "any column, dataset"


@dataclass
class Judge:
    """Millrace on a frame, which it reads from a file at `place`; counts what crashed."""

    bundle: Bundle
    place: Path
    crashed: int = 0

    def __call__(self, rows: pd.DataFrame) -> tuple[Reason, ...]:
        """Return the reasons not to be ok, the first of which is the verdict's."""
        return next(iter(self.in_a_row([rows])), ())

    def in_a_row(self, windows: Iterable[pd.DataFrame]) -> list[tuple[Reason, ...]]:
        """Return the reasons of windows that follow each other, as MonitorFlow judges them."""
        done: list[Verdict] = []
        for rows in windows:
            done += self._judged(rows, done)
        return [verdict.reasons for verdict in done]

    def _judged(self, rows: pd.DataFrame, earlier: list[Verdict]) -> list[Verdict]:
        pq.write_table(arrow.table(rows), self.place)
        settings = self.bundle.settings
        try:
            planned = scope.plan_table(str(self.place))
            read = WindowReader(planned, self.bundle, settings).read()
            case = Case(read, planned, self.bundle, settings)
            return [judge.judge(case, findings.find(case), earlier)]
        except Exception as error:
            print(f"crashed: {error!r}")
            self.crashed += 1
            return []


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


def told(theirs: list[tuple[bool, bool]]) -> str:
    """Write of how many windows Evidently drifted: any column, the dataset."""
    if not theirs:
        return "not asked"
    columns, datasets = (sum(one) for one in zip(*theirs, strict=True))
    return f"{columns}, {datasets} of {len(theirs)}"
