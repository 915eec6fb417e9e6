"""IngestFlow for real: rows brought in and set aside; and training on a version of them."""

import re
from typing import Any

import pytest

from shared.lineage import run_history
from shared.tables import delta, sources
from tests.conftest import House, loans, quickest
from tests.flows.test_train import card_text

pytestmark = pytest.mark.flow
# Three hundred good ones, and four bad.
ROWS = 304


def ran(house: House, flow: str, *words: str) -> tuple[Any, str]:
    """Run a flow; returns its run and what it said."""
    done = house.run(flow, "run", *words)
    number = re.search(r"run-id (\d+)", done.stdout + done.stderr)
    assert number
    return run_history.run_named(f"{flow.title()}Flow/{number[1]}"), done.stdout + done.stderr


@pytest.fixture(scope="module")
def place(house: House):
    """Stand in the house with two files of loans, four of them bad, and settings to ingest them."""
    folder = house.folder
    rows = loans(ROWS)
    rows.loc[[3, 4], "age"] = [200, 7]
    rows.loc[5, "loan"] = None
    rows.loc[6, "income"] = -5.0
    (folder / "new").mkdir()
    rows.loc[:199].to_csv(folder / "new" / "rows-1.csv", index=False)
    rows.loc[150:].to_csv(folder / "new" / "rows-2.csv", index=False)
    settings = folder / "lent.toml"
    text = house.settings.read_text().replace(str(house.folder / "loans.parquet"), "lake/loans")
    text = quickest(text).replace('name = "loans"', 'name = "lent"', 1)
    settings.write_text(f'{text}\n[ingest]\norigin = "new/"\nbatch_rows = 150\ntasks = 2\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield House(folder, settings)


@pytest.fixture(scope="module")
def ingested(place: House) -> tuple[Any, str]:
    return ran(place, "ingest")


def test_every_row_is_in_the_table_or_set_aside_with_its_reason(ingested, place: House) -> None:
    run, said = ingested
    done = run.data.ingested
    # Fifty rows are in both files.
    counted = [done[name] for name in ("received", "new", "repeated", "rejected")]
    assert counted == [ROWS + 50, ROWS - 4, 50, 4]
    assert f"{ROWS + 50} rows: {ROWS - 4} new, 0 corrected, 0 unchanged, 50 repeated" in said
    bad = {"age: outside 18 to 120": 2, "loan: missing": 1, "income: below 0": 1}
    assert done["reasons"] == bad
    aside = sources.read_source("lake/loans.rejected")
    assert aside["reason"].value_counts().to_dict() == bad
    assert "200" in set(aside["age"])
    found = sources.read_source("lake/loans")
    good = loans(ROWS).drop(index=[3, 4, 5, 6])
    assert sorted(found["loan"]) == sorted(good["loan"])
    days = good["applied"].dt.strftime("%Y-%m-%d").value_counts().to_dict()
    assert found["day"].value_counts().to_dict() == days
    assert list(done["days"]) == sorted(days)
    assert not (place.folder / "lake" / "loans.staging" / run.id).exists()


def test_its_card_has_the_counts_the_reasons_and_where_they_are(ingested) -> None:
    text = card_text(ingested[0], "reconcile")
    wanted = ["300 new", "4 rejected", "age: outside 18 to 120", "loans.rejected", "Rows by day"]
    assert [words for words in wanted if words not in text] == []


@pytest.mark.long
def test_three_hundred_rows_are_enough_to_train_and_the_run_names_their_version(
    ingested, place: House
) -> None:
    version = delta.open_table("lake/loans").version()
    run, _ = ran(place, "train", "--data", str(version))
    facts = run["load"].task["facts"].data
    assert (facts["version"], facts["rows"]) == (version, ROWS - 4)
    assert facts["source"] == "lake/loans"


def test_a_version_that_is_not_there_is_refused_in_one_line(ingested, place: House) -> None:
    done = place.run("train", "run", "--data", "99", ok=False)
    assert done.returncode != 0
    said = "lake/loans has no version 99: it has versions 0 to "
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_an_ingest_that_rejects_every_row_fails_in_one_line_and_keeps_them(place: House) -> None:
    rows = loans(3).assign(age=[200, 7, 300])
    rows.to_csv(place.folder / "bad.csv", index=False)
    settings = place.folder / "bad.toml"
    text = place.settings.read_text().replace('origin = "new/"', 'origin = "bad.csv"')
    settings.write_text(text.replace("lake/loans", "lake/bad").replace("tasks = 2", "tasks = 1"))
    done = House(place.folder, settings).run("ingest", "run", ok=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert (
        "every one of 3 rows was rejected, 3 of them since age: outside 18 to 120; "
        "they are kept in lake/bad.rejected"
    ) in done.stdout + done.stderr
    assert sorted(sources.read_source("lake/bad.rejected")["age"]) == ["200", "300", "7"]
    number = re.search(r"run-id (\d+)", done.stdout + done.stderr)
    assert number
    text = card_text(run_history.run_named(f"IngestFlow/{number[1]}"), "reconcile")
    assert "Every row was rejected, so the table is unchanged." in text
