"""The window: rows of one bundle from a real log or from a file, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.data.prediction_log import PredictionLog
from shared.errors import Refusal
from shared.monitoring import window
from shared.packaging.bundle import Bundle
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, minute, week


@pytest.fixture
def log(bundle: Bundle, tmp_path: Path):
    held = PredictionLog("loans", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    yield held
    held.close()


def test_the_newest_row_is_inside_and_outcomes_are_beside_their_rows(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    asked = week(20)
    answer(log, asked, bundle)
    log.add_outcomes({asked["loan"][3]: True})
    found = window.from_log(log, bundle, None, settings)
    assert list(found.rows["loan"]) == list(asked["loan"])
    assert found.until == asked["applied"].max().floor("min") + timedelta(minutes=1)
    assert found.start == found.until - timedelta(days=7)
    assert found.rows["outcome"].isna().sum() == 19
    assert found.rows["outcome"][3] == 1.0
    assert found.rows["applied"].equals(asked["applied"].astype("datetime64[ns, UTC]"))
    assert (found.others, found.unscored) == (0, None)


def test_rows_of_another_bundle_are_counted_and_left_out(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(20), bundle)
    answer(log, week(7, seed=2), bundle, "another")
    found = window.from_log(log, bundle, None, settings)
    assert (len(found.rows), found.others) == (20, 7)


def test_the_window_ends_before_until(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(20), bundle)
    until = datetime(2024, 4, 3, tzinfo=UTC)
    found = window.from_log(log, bundle, until, settings)
    assert 0 < len(found.rows) < 20
    assert found.rows["applied"].max() < until


def test_the_services_minutes_are_those_in_which_the_rows_were_answered(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(90), bundle)
    at = [ANSWERED + timedelta(minutes=m) for m in (-5, 0, 1, 30)]
    log.add_minutes([minute(m, requests=10, rows=10) for m in at])
    found = window.from_log(log, bundle, None, settings)
    assert found.minutes is not None
    assert list(found.minutes["minute"]) == at[1:3]


def test_no_log_is_an_empty_window_and_makes_no_file(
    log: PredictionLog, bundle: Bundle, settings: Settings, tmp_path: Path
) -> None:
    found = window.from_log(log, bundle, None, settings)
    assert (len(found.rows), found.newest) == (0, None)
    assert not (tmp_path / "log.db").exists()


def test_a_file_is_answered_by_the_model_where_it_has_no_probability(
    bundle: Bundle, tmp_path: Path
) -> None:
    asked = week(50)
    asked.to_csv(tmp_path / "week.csv", index=False)
    found = window.from_file(tmp_path / "week.csv", bundle)
    assert np.allclose(found.rows["probability"], bundle.probabilities(asked))
    assert set(found.rows["prediction"]) == {True, False}
    assert found.rows["outcome"].equals(asked["defaulted"].rename("outcome"))
    assert (found.minutes, found.unscored) == (None, None)
    assert found.until is not None
    assert found.until > asked["applied"].max()


def test_a_files_own_probability_and_outcome_stand(bundle: Bundle, tmp_path: Path) -> None:
    asked = week(50).assign(probability=0.9, outcome=1.0)
    asked.to_parquet(tmp_path / "week.parquet")
    found = window.from_file(tmp_path / "week.parquet", bundle)
    assert set(found.rows["probability"]) == {0.9}
    assert set(found.rows["outcome"]) == {1.0}


def test_a_file_that_lacks_a_feature_has_no_probability_and_says_why(
    bundle: Bundle, tmp_path: Path
) -> None:
    week(50).drop(columns="age").to_parquet(tmp_path / "week.parquet")
    found = window.from_file(tmp_path / "week.parquet", bundle)
    assert "probability" not in found.rows
    assert found.unscored is not None
    assert "columns ['age'] are missing" in found.unscored


def test_true_false_and_nothing_are_outcomes_and_words_are_not(
    bundle: Bundle, tmp_path: Path
) -> None:
    asked = week(3).assign(defaulted=[True, None, False])
    asked.to_csv(tmp_path / "week.csv", index=False)
    found = window.from_file(tmp_path / "week.csv", bundle).rows["outcome"]
    assert found.fillna(-1).tolist() == [1.0, -1.0, 0.0]
    asked.assign(defaulted="perhaps").to_csv(tmp_path / "week.csv", index=False)
    with pytest.raises(Refusal, match="'defaulted' should hold true, false or nothing"):
        window.from_file(tmp_path / "week.csv", bundle)


def test_an_empty_file_is_an_empty_window(bundle: Bundle, tmp_path: Path) -> None:
    week(3).iloc[:0].to_parquet(tmp_path / "week.parquet")
    found = window.from_file(tmp_path / "week.parquet", bundle)
    assert (len(found.rows), found.start) == (0, None)


def test_what_cannot_be_read_is_refused_in_a_line(bundle: Bundle, settings: Settings) -> None:
    with pytest.raises(Refusal, match="not both"):
        window.read(settings, bundle, "2024-04-01", "week.parquet")
    with pytest.raises(Refusal, match="--until 'noon' is no ISO time, such as"):
        window.read(settings, bundle, "noon", None)
    with pytest.raises(Refusal, match="no file nowhere.parquet"):
        window.read(settings, bundle, None, "nowhere.parquet")


def test_a_log_that_does_not_answer_is_refused(
    bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log.db").write_text("this is no database")
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="the prediction log cannot be read"):
        window.read(settings, bundle, None, None)


def test_a_row_keeps_its_answer_from_the_log(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    asked = week(30)
    answer(log, asked, bundle)
    found = window.from_log(log, bundle, None, settings).rows
    assert np.allclose(found["probability"], bundle.probabilities(asked))
    assert np.allclose(bundle.probabilities(found), found["probability"])
    assert pd.isna(found["income"]).equals(pd.isna(asked["income"]))
