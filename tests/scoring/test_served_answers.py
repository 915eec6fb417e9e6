"""Batch and server answer the same rows alike, or a partition is not written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.schema import arrow
from shared.scoring.answers import Scorer
from shared.scoring.served_answers import PartitionSample
from shared.settings import Settings
from tests.conftest import loans
from tests.scoring.conftest import score_asked


def test_rows_of_each_partition_are_answered_again_and_agree(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    done = score_asked(bundle, settings)
    assert (done.compared, done.not_compared) == (400, None)
    assert score_asked(bundle, settings).compared == 0


def test_a_server_that_would_answer_otherwise_fails_the_run_before_the_file_is_there(
    bundle: Bundle, settings: Settings, asked: pd.DataFrame
) -> None:
    class Skewed(Bundle):
        """A bundle that answers the columns of a server a little higher."""

        def scores(self, rows) -> np.ndarray:
            found = super().scores(rows)
            return np.minimum(found + 0.01, 1) if isinstance(rows, dict) else found

        @property
        def model(self) -> object:
            return Wrapped(bundle.model)

    class Wrapped:
        """A model that no shortcut is known for."""

        def __init__(self, model) -> None:
            self.predict_proba = model.predict_proba

    skewed = Skewed(bundle.path, bundle.digest, bundle.manifest)
    with pytest.raises(Refusal) as refused:
        score_asked(skewed, settings)
    words = str(refused.value)
    assert words.startswith("part=0: 100 of 100 answers come out otherwise when the bundle is ask")
    assert "(0.01 is added to each)" not in words
    assert "(0.01 is taken from each): L5-" in words
    assert words.endswith("nothing of this partition is written")
    assert "\n" not in words
    assert not list(Path().glob("scored/**/*.parquet"))


def test_the_sample_is_of_the_whole_partition_however_it_is_cut(bundle: Bundle) -> None:
    scorer = Scorer(bundle, features=False)
    rows = loans(900, seed=3)
    chosen = []
    for size in (900, 70):
        sample = PartitionSample(50)
        for at in range(0, 900, size):
            table = arrow.table(rows[at : at + size])
            sample.add(scorer.answer(table))
        chosen.append(sample.rows)
    pd.testing.assert_frame_equal(*chosen)
    places = [int(key.rpartition("-")[2]) for key in chosen[0]["loan"]]
    assert len(places) == 50
    assert min(places) < 100
    assert max(places) > 800
    assert PartitionSample(50).rows.empty
