"""ScoreFlow for real: a table answered by a bundle, with rows refused; then only what is left."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.tables import sources
from tests.conftest import House, loans
from tests.flows.test_ingest import ran
from tests.flows.test_train import card_text

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def place(house: House):
    """Stand in the house with a table of six days, two of its rows bad."""
    folder = house.folder
    rows = loans(120, seed=5).assign(day=lambda f: "2024-01-0" + (f.index % 6 + 1).astype(str))
    rows.loc[[3, 4], "age"] = [200, 7]
    rows.to_parquet(folder / "table", partition_cols=["day"], index=False)
    settings = folder / "scored.toml"
    settings.write_text(f'{house.settings.read_text()}\n[score]\ntable = "./table"\ntasks = 2\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield House(folder, settings)


def test_a_table_is_answered_counted_and_not_answered_again(place: House, bundle: Bundle) -> None:
    words = ("--bundle", str(bundle.path), "--explain", "true")
    run, said = ran(place, "score", *words)
    told = run.data.answered
    assert (told["rows"], told["answered"], told["refused"]) == (120, 118, 2)
    assert "120 rows: 118 answered, 2 refused; 6 partitions scored now, 0 before" in said
    assert len(list(run["score"])) == 2
    output = Path("table.scored") / bundle.digest[:12]
    found = sources.read_source(str(output)).set_index("loan").sort_index()
    asked = loans(120, seed=5).drop(index=[3, 4]).set_index("loan", drop=False).sort_index()
    assert np.array_equal(found["probability"], bundle.scores(asked))
    assert found["day"].nunique() == 6
    sums = [each["base_value"] + sum(each["contributions"].values()) for each in found["reasons"]]
    assert sums == pytest.approx(found["probability"].tolist(), abs=1e-9)
    assert len(sources.read_source(f"{output}.refused")) == 2
    text = card_text(run, "reconcile")
    wanted = ["118 answered", "age: outside 18 to 120", "table.scored", "rows per second"]
    assert [words for words in wanted if words not in text] == []

    one = next((place.folder / "table" / "day=2024-01-03").iterdir())
    pd.read_parquet(one).iloc[:10].to_parquet(one, index=False)
    again, said = ran(place, "score", *words)
    assert "110 rows: 108 answered, 2 refused; 1 partition scored now, 5 before" in said
    assert again.data.answered["rows_scored_now"] == 10


def test_a_table_that_is_not_there_is_refused_in_one_line(place: House, bundle: Bundle) -> None:
    words = ["--bundle", str(bundle.path), "--table", "no/where"]
    done = place.run("score", "run", *words, ok=False)
    assert done.returncode != 0
    assert "there is no file or folder no/where" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
