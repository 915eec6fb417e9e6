"""Partitions answered one after another, by several threads, each into a whole file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.scoring import partitions, score
from shared.settings import Settings
from tests.scoring.conftest import read_answers, score_asked


def test_batches_and_threads_change_nothing(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    score_asked(bundle, settings)
    whole = read_answers()
    few = settings.model_copy(
        update={"score": settings.score.model_copy(update={"batch_rows": 7, "tasks": 2})}
    )
    for file in Path("scored").rglob("*.parquet"):
        file.unlink()
    assert score_asked(bundle, few).partitions_scored_now == 4
    pd.testing.assert_frame_equal(read_answers(), whole)


def test_a_task_that_fails_leaves_no_half_of_a_partition(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    planned = partitions.plan(settings, bundle, "asked", output="scored")
    few = settings.model_copy(
        update={"score": settings.score.model_copy(update={"batch_rows": 30})}
    )

    def interrupt(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score.score(planned, planned.partitions, bundle, few, interrupt)
    assert not [path for path in Path("scored").rglob("*") if path.is_file()]


def test_a_partition_without_rows_has_no_answers_and_the_next_has_its_own(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    (file,) = Path("asked/part=1").iterdir()
    pd.read_parquet(file).iloc[:0].to_parquet(file, index=False)
    done = score_asked(bundle, settings)
    assert (done.rows, done.answered, done.partitions_scored_now) == (300, 300, 4)
    found = read_answers()
    expected = asked[asked.index % 4 != 1].sort_values("loan", ignore_index=True)
    assert np.array_equal(found["probability"], bundle.scores(expected))
    assert found["loan"].tolist() == expected["loan"].tolist()


def test_progress_is_said_every_million_rows(capsys: pytest.CaptureFixture[str]) -> None:
    part = [partitions.Partition("", (), "", 2_500_000)]
    progress = score.Progress(part)
    for _ in range(5):
        progress(500_000)
    assert capsys.readouterr().out.splitlines() == [
        "1,000,000 of 2,500,000 rows",
        "2,000,000 of 2,500,000 rows",
    ]
