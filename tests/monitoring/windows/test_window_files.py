"""Files: their rows become what the log has, answered by the model where they are not."""

from pathlib import Path

import numpy as np
import pytest

from shared.errors import Refusal
from shared.log.export import export
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring.windows.column_faults import Fault
from tests.monitoring.traffic import answer, week


def test_a_file_is_answered_by_the_model_where_it_has_no_probability(
    bundle: Bundle, of_file, tmp_path: Path
) -> None:
    asked = week(50)
    asked.to_csv(tmp_path / "week.csv", index=False)
    found = of_file(tmp_path / "week.csv")
    rows = found.profile.sample.sort_values("applied")
    assert np.allclose(rows["probability"], bundle.scores(asked))
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
    there = [name for name in week(50) if name != "age"]
    assert found.unscored == f"columns ['age'] are missing; received {there}"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_feature_that_only_some_files_have_is_missing_in_the_others(
    bundle: Bundle, of_file, tmp_path: Path, ending: str
) -> None:
    asked = week(50)
    for at, rows in enumerate((asked[:20].drop(columns="age"), asked[20:])):
        path = tmp_path / f"{at}.{ending}"
        _ = rows.to_csv(path, index=False) if ending == "csv" else rows.to_parquet(path)
    found = of_file(tmp_path)
    assert found.profile.counts["lost age"].tolist() == [20, 0, 0, 0]
    assert found.unscored is None
    gone = asked.assign(age=asked["age"].mask(asked.index < 20))
    rows = found.profile.sample.sort_values("applied")
    assert np.allclose(rows["probability"], bundle.scores(gone))


def test_true_false_and_nothing_are_outcomes_and_words_are_not(of_file, tmp_path: Path) -> None:
    asked = week(3).assign(defaulted=[True, None, False])
    asked.to_csv(tmp_path / "week.csv", index=False)
    found = of_file(tmp_path / "week.csv").profile.counts["answers"]
    assert found.sum(axis=1).tolist() == [1, 1, 1]
    asked.assign(defaulted="perhaps").to_csv(tmp_path / "week.csv", index=False)
    unread = of_file(tmp_path / "week.csv")
    assert unread.faults == {("defaulted", "not a boolean"): Fault(3, ("'perhaps'",))}
    assert unread.profile.counts["answers"].sum(axis=1).tolist() == [3, 0, 0]


def test_values_that_the_contract_cannot_read_are_scored_as_missing(
    bundle: Bundle, of_file, tmp_path: Path
) -> None:
    asked = week(50)
    blank = asked.assign(age=asked["age"].astype(str).mask(asked.index < 4, " "))
    blank.to_parquet(tmp_path / "week.parquet", index=False)
    found = of_file(tmp_path / "week.parquet")
    assert found.faults == {("age", "not a whole number"): Fault(4, ("' '",))}
    assert found.profile.counts["lost age"].tolist() == [0, 4, 0, 0]
    rows = found.profile.sample.sort_values("applied")
    gone = asked.assign(age=asked["age"].mask(asked.index < 4))
    assert np.allclose(rows["probability"], bundle.scores(gone))


def test_answers_without_what_was_asked_are_refused(
    bundle: Bundle, of_file, tmp_path: Path
) -> None:
    answers = week(3)[["loan", "applied"]].assign(
        bundle=bundle.digest, probability=0.5, prediction=True
    )
    answers.to_parquet(tmp_path / "answers.parquet", index=False)
    with pytest.raises(Refusal, match="has answers without the features"):
        of_file(tmp_path / "answers.parquet")
    whole = week(3).assign(bundle=[bundle.digest, "f" * 64, bundle.digest])
    whole.assign(probability=0.5, prediction=True).to_parquet(tmp_path / "answers.parquet")
    found = of_file(tmp_path / "answers.parquet")
    assert (found.profile.size, found.others) == (2, 1)


def test_an_export_of_the_log_is_read_by_the_contracts_names(
    bundle: Bundle, of_file, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'traffic.db'}"
    monkeypatch.setenv("MILLRACE_LOG", address)
    log, asked = PredictionLog("loans", bundle.contract, address), week(50)
    answer(log, asked, bundle)
    answer(log, week(9, seed=2), bundle, "f" * 64)
    log.close()
    export("loans", tmp_path / "exported", None, None, lambda table, day, rows: None)
    found = of_file(tmp_path / "exported" / "predictions")
    assert (found.profile.size, found.others, found.unscored) == (50, 9, None)
    assert set(found.profile.sample["loan"]) == set(asked["loan"])
    assert found.faults == {}


def test_an_empty_file_is_an_empty_window(of_file, tmp_path: Path) -> None:
    week(3).iloc[:0].to_parquet(tmp_path / "week.parquet")
    found = of_file(tmp_path / "week.parquet")
    assert (found.profile.size, found.first) == (0, None)
    week(3).iloc[:0].to_csv(tmp_path / "week.csv", index=False)
    assert of_file(tmp_path / "week.csv").profile.size == 0
