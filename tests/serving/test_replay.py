"""Traffic from a table, and the log's commands, on a real server as a user calls them."""

import json
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.serving import replay
from shared.serving.security import keys
from tests.commands import counts, done, refused
from tests.conftest import loans
from tests.monitoring.traffic import answer
from tests.serving.processes import logged, serving


@pytest.fixture
def traffic(tmp_path: Path) -> pd.DataFrame:
    made = loans(400, seed=3)
    made.to_parquet(tmp_path / "loans.parquet")
    return made


def test_what_was_sent_is_answered_logged_and_joined_and_can_be_taken_out(
    bundle: Bundle, traffic: pd.DataFrame, tmp_path: Path
) -> None:
    secret, entry = keys.new_key("replay", "admin")
    taken = ("--bundle", str(bundle.path))
    assert "the log of loans is ready" in done(tmp_path, "log", "init", *taken)
    with serving(tmp_path, *taken, MILLRACE_API_KEYS=entry) as running:
        words = ("replay", "loans.parquet", "--url", running.url, *taken, "--rows-at-once", "7")
        said = done(tmp_path, *words, MILLRACE_API_KEY=secret)
        labelled = int(traffic["defaulted"].notna().sum())
        assert counts(said) == {
            "sent": 400,
            "answered": 400,
            "logged": 400,
            "outcomes sent": labelled,
            "outcome-joined": labelled,
        }
        assert "/predict answered 401" in refused(tmp_path, *words)
    told = json.loads(done(tmp_path, "log", "info", "--json", "--problem", "loans"))
    assert (told["tables"]["predictions"]["rows"], told["with_outcome"]) == (400, labelled)
    shown = done(tmp_path, "log", "info", "--problem", "loans")
    assert f"{bundle.digest[:12]}  champion" in shown
    said = done(tmp_path, "log", "export", "out", "--problem", "loans", "--until", "2024-02-01")
    days = traffic["applied"] < pd.Timestamp("2024-02-01", tz="UTC")
    assert pq.read_table(tmp_path / "out" / "predictions").num_rows == days.sum()


def test_rows_are_sent_at_the_pace_they_came(
    bundle: Bundle, traffic: pd.DataFrame, tmp_path: Path
) -> None:
    taken = ("--bundle", str(bundle.path))
    moments = traffic["applied"]
    speed = (moments.max() - moments.min()).total_seconds() / 3
    with serving(tmp_path, *taken) as running:
        words = ("replay", "loans.parquet", "--url", running.url, *taken, "--speed", f"{speed:.0f}")
        began = time.monotonic()
        said = done(tmp_path, *words)
    assert time.monotonic() - began > 3
    assert counts(said)["logged"] == 400


def test_what_cannot_be_sent_is_refused_in_a_line(
    bundle: Bundle, traffic: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    taken = ("--bundle", str(bundle.path))
    spoiled = {
        "source has no column age": traffic.drop(columns="age"),
        "applied: not a time": traffic.astype({"applied": str}).replace(
            {"applied": {str(traffic["applied"].iloc[7]): "soon"}}
        ),
        "applied: missing in 400 of 400 rows": traffic.assign(applied=None),
        "'income' has inf, which JSON cannot hold": traffic.assign(income=float("inf")),
        "not a whole number": traffic.assign(age="x"),
    }
    with serving(tmp_path, *taken) as running:
        for words, table in spoiled.items():
            table.to_parquet(tmp_path / "spoiled.parquet")
            command = ("replay", "spoiled.parquet", "--url", running.url, *taken)
            # Each process of its own would take seconds to import what this one has.
            refusal = CliRunner().invoke(main, command)
            assert (refusal.exit_code, refusal.stdout) == (1, "")
            assert refusal.stderr.startswith("Error: ")
            assert words in refusal.stderr
            assert len(refusal.stderr.splitlines()) == 1
        texts = traffic.assign(defaulted=traffic["defaulted"].map({0.0: "N", 1.0: "Y"}))
        texts.to_parquet(tmp_path / "texts.parquet")
        said = done(tmp_path, "replay", "texts.parquet", "--url", running.url, *taken)
    assert counts(said)["outcome-joined"] == traffic["defaulted"].notna().sum()
    outcomes = logged(bundle, tmp_path / ".millrace" / "loans.db").set_index("key")["outcome"]
    expected = traffic.set_index("loan")["defaulted"]
    pd.testing.assert_series_equal(
        outcomes.loc[expected.index], expected, check_names=False, check_index=False
    )


def test_a_refused_row_is_named_as_in_its_file_and_the_others_are_sent_once(
    bundle: Bundle, traffic: pd.DataFrame, tmp_path: Path
) -> None:
    taken = ("--bundle", str(bundle.path), "--rows-at-once", "10", "--clients", "2")
    spoiled = traffic.assign(age=traffic["age"].where(traffic.index != 316, 17))
    spoiled.sample(frac=1, random_state=0).to_parquet(tmp_path / "loans.parquet", index=False)
    place = spoiled.sample(frac=1, random_state=0)["loan"].tolist().index("L3-000316") + 1
    with serving(tmp_path, "--bundle", str(bundle.path)) as running:
        words = ("replay", "loans.parquet", "--url", running.url, *taken)
        said = refused(tmp_path, *words)
        held = logged(bundle, tmp_path / ".millrace" / "loans.db")
        assert f"row {place} (loan L3-000316): age: " in said
        assert ", received 17. " in said
        assert f" {len(held)} of 400 rows were answered and logged. Mend it, then send" in said
        assert 300 <= len(held) < 400
        traffic.to_parquet(tmp_path / "loans.parquet")
        again = done(tmp_path, *words, "--skip-logged")
    assert again.startswith(f"{len(held)} of 400 rows are in the log already")
    assert counts(again)["logged"] == 400 - len(held)
    held = logged(bundle, tmp_path / ".millrace" / "loans.db")
    assert held["key"].is_unique
    assert len(held) == 400
    assert held["outcome"].notna().sum() == traffic["defaulted"].notna().sum()


def test_rows_of_a_file_that_was_sent_before_are_refused(
    keyless: Bundle, traffic: pd.DataFrame, tmp_path: Path
) -> None:
    contract, address = keyless.contract, f"sqlite:///{tmp_path / 'log.db'}"
    log = PredictionLog("loans", contract, address)
    rows = traffic.assign(loan=[f"loans.parquet:{place}" for place in range(1, 401)])
    replay.refuse_sent_before(rows, contract, log)
    answer(log, rows[:1], keyless)
    with pytest.raises(
        Refusal, match="the log has a row loans.parquet:1 already: rows are known by"
    ):
        replay.refuse_sent_before(rows, contract, log)
    newer = rows.assign(loan=rows["loan"].str.replace("loans", "newer"))
    replay.refuse_sent_before(newer, contract, log)
    log.close()


def test_a_key_that_the_source_makes_is_refused_with_that_source(
    bundle: Bundle, traffic: pd.DataFrame
) -> None:
    keyless, contract = traffic.drop(columns="loan"), bundle.contract
    with pytest.raises(Refusal, match="has no column loan; it has .*") as refused:
        replay.between(keyless, contract, None, None, "problems.loans.source:table")
    words = "Rows for training come from problems.loans.source:table, which may make it"
    assert words in str(refused.value)
    with pytest.raises(Refusal) as refused:
        replay.between(keyless, contract, None, None, "loans.csv")
    assert "Rows for training" not in str(refused.value)
    seconds = traffic.assign(applied=[1_700_000_000 + at for at in range(len(traffic))])
    with pytest.raises(Refusal, match="applied: not a time .* in 400 of 400 rows") as refused:
        replay.between(seconds, contract, None, None, "problems.loans.source:table")
    assert words in str(refused.value)


def test_what_cannot_be_sent_is_shown_as_it_came(bundle: Bundle, traffic: pd.DataFrame) -> None:
    seconds = traffic.assign(applied=[1_700_000_000 + at for at in range(len(traffic))])
    with pytest.raises(Refusal, match="in 400 of 400 rows, such as 1700000000, 1700000001, 17000"):
        replay.between(seconds, bundle.contract, None, None)
    lacking = traffic.assign(applied=traffic["applied"].mask(traffic.index == 3))
    with pytest.raises(Refusal, match="^applied: missing in 1 of 400 rows$"):
        replay.between(lacking, bundle.contract, None, None)
    with pytest.raises(Refusal, match="^the source has no rows: there is nothing to send$"):
        replay.between(traffic.head(0), bundle.contract, None, None)
