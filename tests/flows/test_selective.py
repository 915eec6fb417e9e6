"""Loans that are refused when a default is foretold go the whole way, and what is let through."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from shared.training import splits
from tests.conftest import House, latest_digest
from tests.flows.test_ingest import ran
from tests.flows.test_train import card_text
from tests.monitoring.traffic import week
from tests.serving.processes import serving

pytestmark = [pytest.mark.flow, pytest.mark.long]
ACTION = """
[action]
on = true
let_through = {share}
seed = 11

[train]
weights = "inverse_propensity"
clip = 50
"""
LET_THROUGH, ROWS = 0.3, 900
UNTIL = "2024-04-08"


@pytest.fixture(scope="module")
def refusing(house: House) -> Iterator[tuple[House, list[dict[str, Any]], pd.DataFrame]]:
    """Return the house whose bundle refuses loans, a week's answers, and the rows seen of it."""
    settings = house.folder / "refusing.toml"
    text = house.settings.read_text().replace('name = "loans"', 'name = "refused"')
    settings.write_text(
        text.replace("seed = 7", "seed = 7\nthreshold = 0.35") + ACTION.format(share=LET_THROUGH)
    )
    made = House(house.folder, settings)
    made.run("train", "run")
    made.run("package", "run")
    words = ["--bundle", latest_digest(made, "refused"), "--decision", "approve"]
    made.run("review", "run", *words, "--reason", "it passed")
    rows = week(rows=ROWS).dropna(subset="defaulted")
    asked = rows.drop(columns="defaulted").astype({"applied": str}).astype(object)
    with serving(made.folder, "--problem", str(settings)) as server:
        given = server.client.post(
            "/predict", json=asked.where(asked.notna(), None).to_dict("records")
        )
        assert given.status_code == 200, given.text
        answers = given.json()
        acted = {answer["key"] for answer in answers if answer["action"]}
        seen = rows[~rows["loan"].isin(acted)]
        labels = [
            {"loan": loan, "defaulted": bool(was)}
            for loan, was in seen[["loan", "defaulted"]].to_numpy()
        ]
        assert server.client.post("/outcomes", json=labels).json()["added"] == len(labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.folder)
        yield made, answers, seen


def test_the_verdict_knows_the_share_of_all_rows_by_those_let_through(refusing: Any) -> None:
    made, answers, seen = refusing
    run, _ = ran(made, "monitor", "--until", UNTIL)
    found = run.data.verdict["selection"]
    refused = sum(answer["prediction"] for answer in answers)
    acted = sum(answer["action"] for answer in answers)
    assert 0 < acted < refused
    assert (found["rows"], found["acted"], found["let_through"]) == (
        len(answers),
        acted,
        refused - acted,
    )
    low, high = found["share"][1:]
    assert low < week(rows=ROWS)["defaulted"].mean() < high
    assert found["naive"] == pytest.approx(seen["defaulted"].mean())
    assert found["naive"] < low
    assert "Selective labels" in card_text(run, "judge")


def test_training_on_served_rows_weighs_those_let_through(refusing: Any) -> None:
    made, answers, seen = refusing
    run, _ = ran(made, "train", "--served", "true")
    found = run["split"].task.data
    parts = splits.cut(found.table, found.places, found.contract)
    learnt = pd.concat([*parts.values()]).set_index("loan")
    chances = pd.Series({answer["key"]: answer["propensity"] for answer in answers})
    served = learnt[learnt.index.isin(chances.index)]
    assert {*served.index} == {*seen["loan"]}
    assert served["propensity"].tolist() == chances[served.index].tolist()
    assert 0 < (served["propensity"] == LET_THROUGH).sum() < len(served)
    assert learnt["propensity"].isna().sum() == len(learnt) - len(served)
