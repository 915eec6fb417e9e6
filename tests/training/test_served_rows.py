"""Training again: served rows with outcomes are learnt from."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.schema.contract import Contract
from shared.sections.training import Train
from shared.settings import Settings
from shared.settings_reading import typed_settings
from shared.tasks.binary.binary_task import Binary
from shared.training import served_rows, splits, table
from tests.conftest import bundle_of, loans
from tests.monitoring.traffic import ANSWERED, answer, week


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


def log_of_a_week(bundle: Bundle, contract: Contract, folder: Path) -> str:
    """Serve a week of which 50 rows have an outcome, which is true; returns the log's address."""
    address, asked = f"sqlite:///{folder / 'log.db'}", week()
    log = PredictionLog("loans", contract, address)
    answer(log, asked, bundle)
    log.outcomes.add(dict.fromkeys(asked["loan"].head(50), True))
    log.close()
    return address


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
    monkeypatch.setenv("MILLRACE_LOG", log_of_a_week(bundle, contract, tmp_path))
    found, after, broken = table.load(of_texts, served=True)
    assert found["defaulted"].sum() == before["defaulted"].sum() + 50
    assert after["defaulted"].truths == ("paid", "lost")
    assert not [each for each in broken if each.enforced]


def test_a_log_that_is_not_there_adds_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'no.db'}")
    assert len(table.load(settings, served=True)[0]) == len(table.load(settings)[0])


def test_a_served_whole_number_comes_back_with_every_digit_and_a_fault_names_the_rows_served(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a missing one as well, of which a frame makes a float."""
    plain = settings.model_dump(mode="json") | {"source": str(tmp_path / "loans.parquet")}
    plain["features"] = [*plain["features"], "account"]
    loans(600).assign(account=2**53 + 1).to_parquet(plain["source"], index=False)

    def with_account(**said: Any) -> Settings:
        account = {"type": "integer", "nullable": True, **said}
        return typed_settings(plain | {"contract": plain["contract"] | {"account": account}})

    found, contract, _ = table.load(with_account())
    log = PredictionLog("loans", contract, address := f"sqlite:///{tmp_path / 'log.db'}")
    sent = {"a": 2**53 + 1, "b": -(2**63), "c": 2**63 - 1, "d": None}
    like = {n: found[n].tolist()[0] for n in contract.features}
    for key, account in sent.items():
        row = {"prediction_id": key, "key": key, "time": ANSWERED, "logged_at": ANSWERED}
        own = {"bundle": "f" * 64, "role": "champion", "latency_ms": 1.0, "probability": 0.5}
        log.predictions.append([{**row, **own, "prediction": True, **like, "account": account}])
    log.outcomes.add(dict.fromkeys(sent, True))
    log.close()
    monkeypatch.setenv("MILLRACE_LOG", address)
    served = served_rows.labelled_rows(found, contract, with_account()).set_index("loan")["account"]
    assert {n: None if pd.isna(v) else int(v) for n, v in served.items()} == sent
    broken = [str(v) for v in table.load(with_account(minimum=0), served=True)[2] if v.enforced]
    assert broken == [
        "account of the rows served: below 0 in 1 row (25.0%), such as -9223372036854775808"
    ]


def test_a_served_row_has_no_weight_of_its_own(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = str(tmp_path / "loans.parquet")
    loans(600).assign(amount=5.0).to_parquet(source, index=False)
    told = {"source": source, "train": Train(weigh_by="amount")}
    by_amount = settings.model_copy(update=told)
    before, contract, _ = table.load(by_amount)
    assert "amount" not in contract.features
    bundle = bundle_of(before, by_amount, "boosting", tmp_path / "bundle", contract)
    monkeypatch.setenv("MILLRACE_LOG", log_of_a_week(bundle, contract, tmp_path))
    found, _, broken = table.load(by_amount, served=True)
    assert not [each for each in broken if each.enforced]
    assert (len(found), found["amount"].isna().sum()) == (len(before) + 50, 50)
