"""Rows from a database into the table on S3, learnt from at a version, and answered from there."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.rehearsal import source
from tests.rehearsal.acts import Rehearsed, artifact
from tests.rehearsal.stage import SHORTER, TABLE, Stage

ANSWERED = """
from shared.lineage import bundles
from shared.tables import sources
rows = sources.read_source({table!r})
chances = bundles.find_bundle("flights", {digest!r}).scores(rows)
found = rows[["flight_id"]].assign(probability=chances)
"""


def made(stage: Stage, code: str) -> pd.DataFrame:
    """Return the frame `found` that some code makes in a process of a person's, in the house."""
    place = stage.house.folder / "found.parquet"
    stage.ask(f"{code}\nfound.to_parquet({str(place)!r})")
    return pd.read_parquet(place).set_index("flight_id").sort_index()


def read(stage: Stage, address: str, version: str = "None") -> pd.DataFrame:
    code = f"found = sources.read_source({address!r}, {version})"
    return made(stage, f"from shared.tables import sources\n{code}")


@pytest.fixture(scope="module")
def table(stage: Stage, rehearsed: Rehearsed) -> pd.DataFrame:
    return read(stage, TABLE, rehearsed.version)


def test_rows_of_postgresql_come_into_the_table_as_they_are(table: pd.DataFrame) -> None:
    rows = source.rows(SHORTER["start"], SHORTER["end"]).drop(index=[*source.WRONG])
    rows = rows.set_index("flight_id").sort_index()
    assert list(table.index) == list(rows.index)
    for name in rows:
        told, found = rows[name], table[name]
        if pd.api.types.is_float_dtype(told):
            np.testing.assert_allclose(found.astype(float), told, rtol=1e-12, err_msg=name)
        else:
            assert found.isna().equals(told.isna()), name
            assert (found == told)[told.notna()].all(), name


def test_wrong_rows_are_set_aside_with_their_reasons(stage: Stage, rehearsed: Rehearsed) -> None:
    done = artifact(stage, rehearsed.ingest, "ingested")
    assert done["reasons"] == {"humid: outside 0 to 100": 2, "distance: below 0": 1}
    assert (done["rejected"], done["corrected"], done["repeated"]) == (3, 0, 0)
    aside = read(stage, done["rejected_rows"])
    assert sorted(aside["humid"].astype(float))[-2:] == [180, 250]


def test_nothing_is_left_of_the_staging(stage: Stage, rehearsed: Rehearsed) -> None:
    keys = [key for key, _ in stage.s3.sizes() if key.startswith("tables/")]
    left = [key for key in keys if ".staging/" in key or "/_scores" in key]
    assert [key for key in left if not key.endswith("/")] == []
    assert len([key for key in keys if key.startswith("tables/flights/day=")]) == 59


def test_training_read_the_table_at_its_version(stage: Stage, rehearsed: Rehearsed) -> None:
    facts = artifact(stage, rehearsed.train, "facts")
    assert (facts["source"], str(facts["version"])) == (TABLE, rehearsed.version)


def test_the_champion_answers_each_row_of_the_table(
    stage: Stage, rehearsed: Rehearsed, table: pd.DataFrame
) -> None:
    told: dict[str, Any] = artifact(stage, rehearsed.score, "answered")
    assert (told["rows"], told["answered"], told["refused"]) == (len(table), len(table), 0)
    assert (told["bundle"], str(told["version"])) == (rehearsed.digest, rehearsed.version)
    assert told["partitions_scored_now"] == 59
    answers = read(stage, told["output"])
    assert answers["bundle"].unique().tolist() == [rehearsed.digest]
    expected = made(stage, ANSWERED.format(digest=rehearsed.digest, table=TABLE))
    pd.testing.assert_series_equal(answers["probability"], expected["probability"])


def test_a_running_server_follows_the_next_champion_without_a_failed_request(
    rehearsed: Rehearsed,
) -> None:
    assert rehearsed.second != rehearsed.digest
    assert {status for status, _ in rehearsed.answers} == {200}
    bundles = [bundle for _, bundle in rehearsed.answers]
    first = bundles.index(rehearsed.second)
    assert first > 0
    assert set(bundles[:first]) == {rehearsed.digest}
    assert set(bundles[first:]) == {rehearsed.second}
