"""The window: rows of one bundle from a real log or from a file, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.monitoring.windows.reading import WindowReader
from shared.settings import Settings
from tests.monitoring.traffic import answer, week


def test_the_newest_row_is_inside_and_outcomes_are_beside_their_rows(
    log: PredictionLog, bundle: Bundle, settings: Settings, of_log
) -> None:
    asked = week(20)
    answer(log, asked, bundle)
    log.outcomes.add({asked["loan"][3]: True})
    planned = scope.plan(settings, bundle, None, None)
    assert planned.until == asked["applied"].max().floor("min") + timedelta(minutes=1)
    assert planned.start == planned.until - timedelta(days=7)
    found = of_log()
    assert found.profile.size == 20
    assert (found.first, found.last) == (asked["applied"].min(), asked["applied"].max())
    assert found.profile.counts["answers"].sum(axis=1).tolist() == [19, 0, 1]
    rows = found.profile.sample.sort_values("applied")
    assert list(rows["loan"]) == list(asked["loan"])
    assert (found.others, found.unscored) == (0, None)


def test_rows_of_another_bundle_are_counted_and_left_out(
    log: PredictionLog, bundle: Bundle, of_log
) -> None:
    answer(log, week(20), bundle)
    answer(log, week(7, seed=2), bundle, "another")
    assert (of_log().profile.size, of_log().others) == (20, 7)


def test_the_window_ends_before_until(log: PredictionLog, bundle: Bundle, of_log) -> None:
    answer(log, week(20), bundle)
    found = of_log("2024-04-03")
    assert 0 < found.profile.size < 20
    assert found.last is not None
    assert found.last < datetime(2024, 4, 3, tzinfo=UTC)


def test_a_scope_in_parts_is_read_as_the_whole(
    log: PredictionLog, bundle: Bundle, settings: Settings, monkeypatch, tmp_path: Path
) -> None:
    answer(log, week(90), bundle)
    week(90).to_parquet(tmp_path / "week.parquet", row_group_size=20)
    for file in (None, str(tmp_path / "week.parquet")):
        whole = WindowReader(scope.plan(settings, bundle, None, file), bundle, settings).read()
        with monkeypatch.context() as patch:
            patch.setattr(scope, "PART_ROWS", 40)
            planned = scope.plan(settings, bundle, None, file)
        assert len(planned.parts) == 3
        parts = WindowReader(planned, bundle, settings).read()
        for name, counted in whole.profile.counts.items():
            assert (parts.profile.counts[name] == counted).all(), name
        assert parts.profile.arrived == whole.profile.arrived
        assert list(parts.profile.sample["loan"]) == list(whole.profile.sample["loan"])
        assert (parts.first, parts.last, parts.answered) == (
            whole.first, whole.last, whole.answered,
        )  # fmt: skip


def test_no_log_is_an_empty_window_and_makes_no_file(
    bundle: Bundle, settings: Settings, of_log, tmp_path: Path
) -> None:
    assert of_log().profile.size == 0
    assert scope.plan(settings, bundle, None, None).newest is None
    assert not (tmp_path / "log.db").exists()


def test_a_row_keeps_its_answer_from_the_log(log: PredictionLog, bundle: Bundle, of_log) -> None:
    asked = week(30)
    answer(log, asked, bundle)
    found = of_log().profile.sample.sort_values("applied", ignore_index=True)
    assert np.allclose(found["probability"], bundle.scores(asked))
    assert pd.isna(found["income"]).equals(pd.isna(asked["income"]))
