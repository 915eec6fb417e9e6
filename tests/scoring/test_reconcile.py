"""A scoring run reconciled: rows in the table are answered or refused, or the run fails."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.scoring import partitions, reconcile, score
from shared.scoring.reconcile import ScoreResult
from shared.settings import Settings
from tests.scoring.conftest import score_asked


def test_a_row_that_got_lost_fails_the_run_in_a_clear_line(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    planned = partitions.plan(settings, bundle, "asked", output="scored")
    scored = [one for part in planned.parts for one in score.score(planned, part, bundle, settings)]
    file = Path("scored/part=0/scores.parquet")
    held, note = pq.read_table(file), pq.read_metadata(file).metadata[partitions.NOTE]
    with pq.ParquetWriter(file, held.schema) as shorter:
        shorter.write_table(held.slice(1))
        shorter.add_key_value_metadata({partitions.NOTE: note})
    with pytest.raises(
        Refusal, match="1 of 4 partitions do not add up .part=0: 100 rows, 99 answered"
    ):
        reconcile.score_result(planned, scored)


def test_an_older_run_s_result_is_read(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    result = score_asked(bundle, settings)
    kept = result.plain()
    older = {name.replace("_", " "): value for name, value in kept.items()}
    older["seconds in the model"] = older.pop("model seconds")
    assert ScoreResult.model_validate(kept) == ScoreResult.model_validate(older) == result
