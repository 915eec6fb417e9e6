"""A folder of loans in four partitions, answered as the flow's tasks do."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.scoring import partitions, reconcile, score
from shared.scoring.reconcile import ScoreResult
from shared.settings import Settings
from shared.tables import sources
from tests.conftest import loans


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Stand in a folder whose folder `asked` has four partitions of loans, and return them."""
    monkeypatch.chdir(tmp_path)
    rows = loans(400, seed=5)
    rows["part"] = np.arange(400) % 4
    rows.to_parquet("asked", partition_cols=["part"], index=False)
    return rows.drop(columns="part")


def score_asked(bundle: Bundle, settings: Settings, **given: Any) -> ScoreResult:
    """Do what the flow's tasks do, one after another."""
    planned = partitions.plan(settings, bundle, "asked", output="scored", **given)
    scored = [one for part in planned.parts for one in score.score(planned, part, bundle, settings)]
    return reconcile.score_result(planned, scored)


def read_answers() -> pd.DataFrame:
    return sources.read_source("./scored").sort_values("loan", ignore_index=True)
