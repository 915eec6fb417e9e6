"""Training again: served rows with outcomes are learnt from."""

from pathlib import Path

import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.settings import Settings
from shared.tasks.binary import Binary
from shared.training import splits, table
from tests.conftest import bundle_of, loans
from tests.monitoring.traffic import answer, week


def test_served_rows_with_outcomes_are_added_once_and_those_in_the_source_stay(
    bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'log.db'}"
    log = PredictionLog("loans", bundle.contract, address)
    asked = week()
    answer(log, asked, bundle)
    answer(log, asked.head(20), bundle, "f" * 64)
    labelled = asked.dropna(subset="defaulted")
    log.outcomes.add(dict(labelled[["loan", "defaulted"]].astype({"defaulted": bool}).values))
    log.close()
    monkeypatch.setenv("MILLRACE_LOG", address)
    without, _, _ = table.load(settings)
    found, _, broken = table.load(settings, served=True)
    assert len(found) == len(without) + len(labelled)
    assert not [each for each in broken if each.enforced]
    added = found.tail(len(labelled)).set_index("loan").sort_index()
    expected = labelled.set_index("loan").sort_index()
    assert (added["defaulted"].astype(float) == expected["defaulted"]).all()
    assert (added["income"].isna() == expected["income"].isna()).all()
    assert (added["applied"] == expected["applied"]).all()
    assert splits.by_time(found, Binary(), settings)["holdout"]["loan"].isin(labelled["loan"]).any()


def test_served_rows_are_added_to_a_file_of_texts_whose_types_stay(
    bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'log.db'}"
    log = PredictionLog("loans", bundle.contract, address)
    asked = week()
    answer(log, asked, bundle)
    labelled = asked.dropna(subset="defaulted")
    log.outcomes.add(dict(labelled[["loan", "defaulted"]].astype({"defaulted": bool}).values))
    log.close()
    monkeypatch.setenv("MILLRACE_LOG", address)
    loans(600).to_csv(tmp_path / "loans.csv", index=False)
    of_texts = settings.model_copy(update={"source": str(tmp_path / "loans.csv")})
    _, before, _ = table.load(of_texts)
    found, contract, broken = table.load(of_texts, served=True)
    assert len(found) == 600 + len(labelled)
    assert not [each for each in broken if each.enforced]
    assert [c.type for c in contract.columns] == [c.type for c in before.columns]


def test_served_rows_are_added_where_the_target_has_two_texts_of_its_own(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table_of_texts = loans(600)
    words = table_of_texts["defaulted"].map({1.0: "lost", 0.0: "paid"})
    table_of_texts.assign(defaulted=words).to_csv(tmp_path / "loans.csv", index=False)
    told = {"source": str(tmp_path / "loans.csv"), "positive": "lost"}
    of_texts = settings.model_copy(update=told)
    before, contract, _ = table.load(of_texts)
    bundle = bundle_of(before, settings, "boosting", tmp_path / "bundle", contract)
    address = f"sqlite:///{tmp_path / 'log.db'}"
    log = PredictionLog("loans", contract, address)
    asked = week()
    answer(log, asked, bundle)
    log.outcomes.add(dict.fromkeys(asked["loan"].head(50), True))
    log.close()
    monkeypatch.setenv("MILLRACE_LOG", address)
    found, after, broken = table.load(of_texts, served=True)
    assert found["defaulted"].sum() == before["defaulted"].sum() + 50
    assert after["defaulted"].truths == ("paid", "lost")
    assert not [each for each in broken if each.enforced]


def test_a_log_that_is_not_there_adds_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'no.db'}")
    assert len(table.load(settings, served=True)[0]) == len(table.load(settings)[0])
