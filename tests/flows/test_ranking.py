"""The shop goes the whole way: learnt from, packaged, asked for slates by HTTP, and judged."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from problems.shop import source

from shared.lineage import bundles
from shared.log.opening import opened_log
from tests.conftest import ROOT, House, latest_digest
from tests.flows.test_ingest import ran
from tests.flows.test_train import card_text
from tests.serving.processes import serving

pytestmark = [pytest.mark.flow, pytest.mark.long]
SHOP = ROOT / "flows" / "problems" / "shop" / "problem.toml"
SLATES, PLACES = 200, 3
START = source.FIRST + source.HISTORY_WEEKS * source.WEEK


@pytest.fixture(scope="module")
def shop(house: House) -> House:
    """Return the folder of all runs, in which the shop's bundle was approved."""
    shop = House(house.folder, SHOP)
    shop.run("train", "run")
    shop.run("package", "run")
    words = ["--bundle", latest_digest(shop, "shop"), "--decision", "approve"]
    shop.run("review", "run", *words, "--reason", "it passed")
    return shop


@pytest.fixture(scope="module")
def week(shop: House) -> Iterator[tuple[list[dict[str, Any]], Any]]:
    """Return a week's slates as they were answered, and the run that judged it."""
    asked = source.users().sample(SLATES, replace=True, random_state=1).to_dict("records")
    moments = START + np.arange(SLATES) * source.WEEK / SLATES
    with serving(shop.folder, "--problem", str(SHOP)) as server:
        slates = [
            server.client.post("/recommend", json={**user, "shown": f"{moment:%FT%TZ}"})
            for user, moment in zip(asked, moments, strict=True)
        ]
        shown = [item for slate in slates for item in slate.json()["items"]]
        clicks = np.random.default_rng(1).random(len(shown)) < 0.05
        labels = [
            {"impression_id": item["key"], "clicked": bool(was)}
            for item, was in zip(shown, clicks, strict=True)
        ]
        assert server.client.post("/outcomes", json=labels).json()["added"] == len(labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shop.folder)
        run, _ = ran(shop, "monitor", "--until", f"{START + source.WEEK:%F}")
        yield [slate.json() for slate in slates], run


def test_a_slate_has_different_items_in_order_each_with_its_chance(week: Any) -> None:
    slates, _ = week
    for slate in slates:
        items = slate["items"]
        assert [item["position"] for item in items] == [1, 2, 3]
        assert len({item["item"] for item in items}) == PLACES
        assert all(0 < item["propensity"] <= 1 for item in items)


def test_the_log_holds_what_was_shown_and_the_verdict_counts_it(shop: House, week: Any) -> None:
    slates, run = week
    bundle = bundles.find_bundle("shop", latest_digest(shop, "shop"))
    with opened_log("shop", bundle.contract) as log:
        logged = log.predictions.window(START, START + source.WEEK).set_index("key")
    shown = pd.DataFrame([item for slate in slates for item in slate["items"]]).set_index("key")
    assert len(logged) == SLATES * PLACES
    assert (logged.loc[shown.index, "propensity"] == shown["propensity"]).all()
    seen = run.data.verdict["feedback"]
    assert (seen["rows"], seen["items"]) == (SLATES * PLACES, shown["item"].nunique())
    assert "Gini" in card_text(run, "judge")
