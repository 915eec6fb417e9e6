import base64
import re
import subprocess

import pandas as pd
import pytest

from shared.lineage import run_history
from shared.training import splits
from tests.commands import said
from tests.conftest import House, loans, quickest
from tests.serving.processes import MILLRACE, clean

pytestmark = pytest.mark.flow


@pytest.fixture
def run(trained_house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(trained_house.folder)
    return next(run_history.runs("TrainFlow", "loans"))


def card_text(run, step: str) -> str:
    """Return a step's cards with the JSON that each carries in base64 decoded."""
    from metaflow.cards import get_cards

    html = "".join(card.get() for task in run[step] for card in get_cards(task))
    blobs = re.findall(r'"([A-Za-z0-9+/=]{200,})"', html)
    return "".join(base64.b64decode(blob).decode("utf-8", "replace") for blob in blobs)


def parts(run) -> dict[str, pd.DataFrame]:
    """Return the rows of each part of a run's table."""
    return splits.cut(run.data.table, run.data.places, run.data.contract)


def test_every_candidate_stands_on_the_leaderboard_the_failed_one_with_its_error(run):
    board = run.data.leaderboard
    assert {r["candidate"] for r in board} == {"logistic", "boosting", "broken"}
    assert "NoSuchModel" in board[-1]["error"]
    assert board[0]["scores"]["log_loss"].value <= board[1]["scores"]["log_loss"].value


def test_the_run_records_what_came_in(run):
    facts = run["load"].task["facts"].data
    assert facts["rows"] == 3_000
    assert len(facts["fingerprint"]) == 64
    assert facts["rows without outcome"] == loans()["defaulted"].isna().sum()
    assert run["load"].task["contract"].data["age"].maximum == 120


def test_the_evaluation_has_a_verdict_comparisons_and_slices(run):
    evaluation = run.data.evaluation
    assert evaluation["passed"] is True
    assert set(evaluation["comparisons"]) == {"baseline"}
    assert {s["slice"] for s in evaluation["slices"]} == {
        f"region = {name}" for name in ("north", "south", "east")
    }
    assert {row["feature"] for row in evaluation["importance"]} == set(run.data.contract.features)


def test_reference_and_golden_rows_are_held_out_rows_with_their_answers(run):
    holdout = set(parts(run)["holdout"]["loan"])
    for rows in (run.data.reference, run.data.golden):
        assert set(rows["loan"]) <= holdout
        assert rows["probability"].between(0, 1).all()
    assert len(run.data.golden) == 50


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("load", ["Data loaded", "Every row meets the contract"]),
        ("split", ["Split by time", "Never shuffled"]),
        ("select", ["leads", "NoSuchModel"]),
        ("evaluate", ["May be packaged", "Feature importance"]),
    ],
)
def test_each_station_has_a_card(run, step, words):
    text = card_text(run, step)
    assert [word for word in words if word not in text] == []


def test_a_second_run_on_the_same_data_gives_the_same_scores(run, strict: House):
    """Whatever else was a candidate, and whatever the gates are."""
    one, two = run, next(run_history.runs("TrainFlow", "strict"))
    assert one.data.chosen["candidate"] == two.data.chosen["candidate"] == "logistic"
    assert one.data.evaluation["scores"] == two.data.evaluation["scores"]
    assert (
        one["load"].task["facts"].data["fingerprint"]
        == two["load"].task["facts"].data["fingerprint"]
    )


def test_a_source_that_breaks_its_contract_stops_the_run_with_every_violation(house: House):
    broken = loans(300)
    broken.loc[3, "age"] = 200
    broken.loc[4, "loan"] = broken.loc[5, "loan"]
    broken.to_parquet(house.folder / "broken.parquet", index=False)
    settings = house.folder / "broken.toml"
    settings.write_text(house.settings.read_text().replace("loans.parquet", "broken.parquet"))
    done = House(house.folder, settings).run("train", "run", ok=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "age: outside 18 to 120 in 1 row (" in said
    assert "loan: not unique in 2 rows" in said
    assert "Traceback" not in said


def test_an_unknown_key_in_the_settings_is_named_before_anything_runs(house: House):
    settings = house.folder / "typo.toml"
    settings.write_text(house.settings.read_text().replace("seed = 7", "sede = 7"))
    done = House(house.folder, settings).run("train", "run", ok=False)
    assert done.returncode != 0
    assert "did you mean 'seed'?" in done.stdout + done.stderr


def test_a_sample_is_said_everywhere_and_stays_the_same_when_a_run_is_resumed(
    trained_house: House, monkeypatch: pytest.MonkeyPatch
):
    text = trained_house.settings.read_text().replace('name = "loans"', 'name = "sampled"', 1)
    settings = trained_house.folder / "sampled.toml"
    in_batches = quickest(text).replace("LogisticRegression", "SGDClassifier")
    in_batches = in_batches.replace("max_iter = 500", 'loss = "log_loss", max_iter = 3')
    beside = in_batches.replace("[[candidates]]", '[[candidates]]\nlearns_from = "sample"')
    beside = beside.replace('name = "logistic"', 'name = "of-sample"')
    beside = beside[beside.index("[[candidates]]") : beside.index("[package]")]
    in_batches = in_batches.replace("[package]", f"{beside}[package]")
    settings.write_text(in_batches + "\n[train]\nrows = 1_500\n")
    sampled = House(trained_house.folder, settings)
    done = sampled.run("train", "run")
    words = "1,500 of 3,000 rows, evenly over time"
    assert f"[train] rows: {words} are read" in done.stdout + done.stderr
    assert "logistic learns from all, in batches" in done.stdout + done.stderr
    monkeypatch.chdir(sampled.folder)
    first = next(run_history.runs("TrainFlow", "sampled"))
    facts = first["load"].task["facts"].data
    assert (facts["rows"], facts["sample"]) == (1_500, words)
    assert f"A sample, by [train] rows: {words}" in card_text(first, "load")
    assert first.data.evaluation["notes"][0] == (
        "Learnt in batches from all rows with an outcome before the holdout; "
        f"judged on a sample: {words}."
    )
    learnt = first.data.leaderboard[0]["learnt"]
    assert 1_500 < learnt < 2_000
    assert f"{learnt:,} rows" in card_text(first, "select")
    assert f"sample: {words}" in said(sampled.folder, "show", first.pathspec)
    assert sum(map(len, parts(first).values())) <= 1_500
    command = [str(MILLRACE), "resume", first.id, "--settings", str(settings)]
    done = subprocess.run(
        command, cwd=sampled.folder, env=clean(), capture_output=True, text=True, check=False
    )
    assert f"logistic: fitted by {first.pathspec}, of the same rows" in done.stdout + done.stderr
    resumed = next(run_history.runs("TrainFlow", "sampled"))
    assert resumed.id != first.id
    for name, rows in parts(first).items():
        assert parts(resumed)[name].equals(rows)
    assert resumed.data.evaluation["notes"] == first.data.evaluation["notes"]
