"""A prediction is looked up: what was asked, answered and true, and what is answered today."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.board.pages import lookup_page
from shared.board.pages.lookup_page import AnsweredRow
from shared.board.pages.todays_answers import OpenedBundles
from shared.log.look_up import LoggedPrediction
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.runs.records import Records
from shared.schema import columns
from shared.sections.answers import Explore
from tests.board.runs import client
from tests.conftest import House, bundle_of
from tests.policies.logged_slates import logged_columns
from tests.tasks.impressions import impressions, shelf

NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened() -> OpenedBundles:
    return OpenedBundles()


def logged(bundle: Bundle, rows: int = 3) -> list[dict[str, Any]]:
    """Return rows as a bundle answers and logs them, numbers as doubles."""
    golden = bundle.golden().head(rows)
    names = [bundle.contract.key, bundle.contract.time, *bundle.contract.features]
    asked = {
        name: [None if pd.isna(value) else value for value in golden[name].tolist()]
        for name in names
    }
    found = columns.rows(Predictor(bundle).score(asked))
    return [row | {"age": float(row["age"])} for row in found]


def answered(row: dict[str, Any], champion: Bundle | None, opened: OpenedBundles) -> AnsweredRow:
    return lookup_page.answered(LoggedPrediction(row, ()), None, None, champion, opened)


def test_the_bundle_that_answered_says_the_same_today(
    bundle: Bundle, opened: OpenedBundles
) -> None:
    for row in logged(bundle):
        found = answered(row, bundle, opened)
        assert found.today
        assert (found.today.note, found.is_same) == ("", True)
        assert [name for name, *_ in found.answers] == ["prediction", "probability"]
        assert list(found.asked) == list(bundle.contract.features)


def test_a_row_of_a_slate_is_the_same_today_where_its_chance_is(
    opened: OpenedBundles, tmp_path: Path
) -> None:
    shown = bundle_of(impressions(300), shelf(tmp_path), "boosting", tmp_path / "bundle")
    row = columns.rows(logged_columns(shown, Explore(by="epsilon", share=0.6)))[0]
    assert (row["position"], row["policy"]) == (1, "epsilon 0.6")
    assert answered(row, shown, opened).is_same
    assert not answered(row | {"probability": row["probability"] / 2}, shown, opened).is_same


def test_an_answer_that_was_changed_is_another_today(bundle: Bundle, opened: OpenedBundles) -> None:
    row = logged(bundle, 1)[0]
    found = answered(row | {"probability": row["probability"] / 2}, bundle, opened)
    assert not found.is_same
    assert {name: same for name, *_, same in found.answers} == {
        "prediction": True,
        "probability": False,
    }


def test_a_whole_number_is_shown_as_one_though_the_log_has_doubles(
    bundle: Bundle, opened: OpenedBundles
) -> None:
    row = logged(bundle, 1)[0]
    assert isinstance(answered(row, bundle, opened).asked["age"], int)


def test_what_the_log_lacks_for_the_champion_is_said(bundle: Bundle, opened: OpenedBundles) -> None:
    row = logged(bundle, 1)[0]
    del row["income"]
    found = answered(row, bundle, opened)
    assert found.today
    assert found.today.note == "the log has no column 'income' for the champion"
    assert not found.is_same


def test_a_row_that_the_champion_cannot_answer_is_said_and_shown(
    bundle: Bundle, opened: OpenedBundles
) -> None:
    found = answered(logged(bundle, 1)[0] | {"income": "much"}, bundle, opened)
    assert found.today
    assert found.today.note.startswith("the champion does not answer this row: ")
    assert found.asked["income"] == "much"


def test_without_a_champion_or_a_contract_the_rows_columns_are_shown(
    bundle: Bundle, opened: OpenedBundles
) -> None:
    found = answered(logged(bundle, 1)[0], None, opened)
    assert (found.today, found.answers) == (None, ())
    assert {"income", "age", "probability"} < set(found.asked)
    assert not {"prediction_id", "key", "role"} & set(found.asked)


@pytest.mark.flow
def test_a_real_answer_leads_to_its_bundle_run_data_and_outcome(
    approved_house: House, at_house: House
) -> None:
    from shared.lineage import bundles

    champion = bundles.champion("loans")
    assert champion
    row = logged(champion, 1)[0]
    address = f"sqlite:///{at_house.folder / '.millrace' / 'loans.db'}"
    log = PredictionLog("loans", champion.contract, address)
    log.predictions.append([row, row | {"role": "challenger", "bundle": "0" * 64}])
    log.outcomes.add({row["key"]: True})
    log.close()
    history = Records().all()
    packaged = next(one for one in history if one.facts.get("digest") == champion.digest)
    browser = client(*history)
    for wanted in (row["prediction_id"], row["key"]):
        text = browser.get(f"/lookup?problem=loans&id={wanted}").text
        assert "2 predictions, the newest first." in text
        assert f'href="/runs/{packaged.flow}/{packaged.run}"' in text
        assert packaged.facts["training_run"] in text
        assert "the same today" in text
        assert "whose run is not in the history" in text
        assert "<b>yes</b>, came" in text
    page = lookup_page.read("loans", row["key"], history, OpenedBundles())
    assert {one.row["role"]: one.is_same for one in page.rows} == dict.fromkeys(
        ("champion", "challenger"), True
    )
    assert "fingerprint" in next(one for one in page.rows if one.packaged).data
    assert browser.get("/lookup?problem=loans&id=nobody").status_code == 404
    assert "Why is this the answer today?" in text
    asked = f"/lookup?problem=loans&id={row['prediction_id']}&reasons=true"
    explained = browser.get(asked).text
    assert "mean of the held-out rows" in explained
    assert re.findall(r"<th scope=\"row\">(probability) today", explained) == ["probability"] * 2
    assert "Why is this the answer today?" not in explained
