"""What share of the outcomes intervals hold, month by month, beside what the monitor says of it.

The model, its intervals and what is usual are of January to April; nothing of a later month is
known to them. Each month is judged as `millrace judge` judges a file with outcomes.
"""

import itertools
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from shared import problems
from shared.model.bundle import Bundle
from shared.monitoring import findings, judge
from shared.monitoring.case import Case
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.schema import arrow
from shared.tables import sources
from shared.tasks import metrics
from shared.tasks.metrics import Score
from shared.training import splits
from tests.conftest import bundle_of

MONTHS = pd.date_range("2013-05-01", "2014-01-01", freq="MS", tz="UTC")
WITHIN = 0.02


@pytest.fixture(scope="module")
def late() -> pd.DataFrame:
    """Return how late the year's flights arrived, in time."""
    settings = problems.load_problem("delay")
    table = sources.read_source(settings.source)
    return table.sort_values(settings.time, kind="stable").reset_index(drop=True)


@pytest.fixture(scope="module")
def late_bundle(late: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return a bundle that knows the delays of the settings' split alone."""
    settings = problems.load_problem("delay")
    history = splits.within(late, settings)
    return bundle_of(history, settings, "boosting", tmp_path_factory.mktemp("bundles") / "delay")


def held(bundle: Bundle, rows: pd.DataFrame) -> Score:
    """Return the coverage over rows, each by itself."""
    known = rows[rows[bundle.contract.target].notna()].reset_index(drop=True)
    measured = bundle.task.measured(bundle.scores(known), bundle.manifest.rule, known)
    target = known[bundle.contract.target].to_numpy("float64")
    return metrics.score(bundle.task.measure, target, measured, seed=0)["coverage"]


@pytest.mark.timeout(1_800)
def test_intervals_hold_what_was_asked_in_every_month_that_is_ok(
    late: pd.DataFrame, late_bundle: Bundle, tmp_path: Path
) -> None:
    settings, at = late_bundle.settings, pd.to_datetime(late["scheduled"], utc=True)
    assert settings.interval is not None
    asked, window, broken = settings.interval.coverage, tmp_path / "month.parquet", []
    print(f"\n{'coverage':<10}{'rows':>8}{'held':>8}  {asked:g} is asked")
    holdout = late_bundle.evaluation.scores["coverage"].value
    print(f"{'holdout':<10}{late_bundle.evaluation.rows:>8,}{holdout:>8.1%}")
    for start, end in itertools.pairwise(MONTHS):
        rows = late[(at >= start) & (at < end)]
        pq.write_table(arrow.table(rows), window)
        planned = scope.plan_table(str(window))
        read = WindowReader(planned, late_bundle, settings).read()
        case = Case(read, planned, late_bundle, settings)
        verdict, score = judge.judge(case, findings.find(case)), held(late_bundle, rows)
        print(f"{start:%B}".ljust(10) + f"{len(rows):>8,}{score.value:>8.1%}  {verdict.words}")
        if verdict.level == "ok" and abs(score.value - asked) > WITHIN:
            broken.append(f"{start:%B}")
    assert broken == []
