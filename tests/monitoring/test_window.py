"""The window: rows of one bundle from a real log or from a file, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring import scope
from shared.monitoring import service as services
from shared.monitoring.case import Case
from shared.monitoring.reading import WindowReader
from shared.monitoring.window import Window
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, minute, week


@pytest.fixture
def log(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    held = PredictionLog("loans", bundle.contract)
    yield held
    held.close()


@pytest.fixture
def of_file(bundle: Bundle, settings: Settings):
    def read(path: Path) -> Window:
        return WindowReader(scope.of_table(str(path)), bundle, settings).read()

    return read


@pytest.fixture
def of_log(log: PredictionLog, bundle: Bundle, settings: Settings):
    def read(until: str | None = None) -> Window:
        return WindowReader(scope.plan(settings, bundle, until, None), bundle, settings).read()

    return read


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


def test_the_services_minutes_are_those_in_which_the_rows_were_answered(
    log: PredictionLog, bundle: Bundle, settings: Settings, of_log
) -> None:
    answer(log, week(90), bundle)
    at = [ANSWERED + timedelta(minutes=m) for m in (-5, 0, 1, 30)]
    log.minutes.add([minute(m, requests=10, rows=10) for m in at])
    planned = scope.plan(settings, bundle, None, None)
    found = services.read(Case(of_log(), planned, bundle, settings))
    assert found is not None
    assert (found.minutes, found.requests) == (2, 20)


def test_no_log_is_an_empty_window_and_makes_no_file(
    bundle: Bundle, settings: Settings, of_log, tmp_path: Path
) -> None:
    assert of_log().profile.size == 0
    assert scope.plan(settings, bundle, None, None).newest is None
    assert not (tmp_path / "log.db").exists()


def test_a_file_is_answered_by_the_model_where_it_has_no_probability(
    bundle: Bundle, of_file, tmp_path: Path
) -> None:
    asked = week(50)
    asked.to_csv(tmp_path / "week.csv", index=False)
    found = of_file(tmp_path / "week.csv")
    rows = found.profile.sample.sort_values("applied")
    assert np.allclose(rows["probability"], bundle.probabilities(asked))
    answered = found.profile.counts["answers"].sum(axis=1)
    known = asked["defaulted"].value_counts()
    assert answered.tolist() == [asked["defaulted"].isna().sum(), known[0.0], known[1.0]]
    assert (found.answered, found.unscored) == (None, None)


def test_a_files_own_probability_and_outcome_stand(of_file, tmp_path: Path) -> None:
    week(50).assign(probability=0.9, outcome=1.0).to_parquet(tmp_path / "week.parquet")
    found = of_file(tmp_path / "week.parquet").profile
    assert set(found.sample["probability"]) == {0.9}
    assert found.counts["answers"].sum(axis=1).tolist() == [0, 0, 50]


def test_a_file_that_lacks_a_feature_has_no_probability_and_says_why(
    of_file, tmp_path: Path
) -> None:
    week(50).drop(columns="age").to_parquet(tmp_path / "week.parquet")
    found = of_file(tmp_path / "week.parquet")
    assert "probability" not in found.profile.sample
    assert found.unscored is not None
    assert "columns ['age'] are missing" in found.unscored


def test_true_false_and_nothing_are_outcomes_and_words_are_not(of_file, tmp_path: Path) -> None:
    asked = week(3).assign(defaulted=[True, None, False])
    asked.to_csv(tmp_path / "week.csv", index=False)
    found = of_file(tmp_path / "week.csv").profile.counts["answers"]
    assert found.sum(axis=1).tolist() == [1, 1, 1]
    asked.assign(defaulted="perhaps").to_csv(tmp_path / "week.csv", index=False)
    with pytest.raises(Refusal, match="'defaulted' should hold true, false or nothing"):
        of_file(tmp_path / "week.csv")


def test_an_empty_file_is_an_empty_window(of_file, tmp_path: Path) -> None:
    week(3).iloc[:0].to_parquet(tmp_path / "week.parquet")
    found = of_file(tmp_path / "week.parquet")
    assert (found.profile.size, found.first) == (0, None)
    week(3).iloc[:0].to_csv(tmp_path / "week.csv", index=False)
    assert of_file(tmp_path / "week.csv").profile.size == 0


def test_what_cannot_be_read_is_refused_in_a_line(
    bundle: Bundle, settings: Settings, of_file, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="not both"):
        scope.plan(settings, bundle, "2024-04-01", "week.parquet")
    with pytest.raises(Refusal, match="--until 'noon' is not an ISO time, such as"):
        scope.plan(settings, bundle, "noon", None)
    with pytest.raises(Refusal, match="no file or folder nowhere.parquet"):
        scope.plan(settings, bundle, None, "nowhere.parquet")
    (tmp_path / "broken.parquet").write_text("no table")
    with pytest.raises(Refusal, match="broken.parquet cannot be read as a table"):
        of_file(tmp_path / "broken.parquet")


def test_a_log_that_does_not_answer_is_refused(
    bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log.db").write_text("this is no database")
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="the prediction log is not available"):
        scope.plan(settings, bundle, None, None)


def test_a_row_keeps_its_answer_from_the_log(log: PredictionLog, bundle: Bundle, of_log) -> None:
    asked = week(30)
    answer(log, asked, bundle)
    found = of_log().profile.sample.sort_values("applied", ignore_index=True)
    assert np.allclose(found["probability"], bundle.probabilities(asked))
    assert pd.isna(found["income"]).equals(pd.isna(asked["income"]))
