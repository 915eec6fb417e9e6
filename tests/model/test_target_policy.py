"""A bundle as a target policy: its chances come out of the log again, and its worth with them."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.model.target_policy import bundle_policy_log
from shared.policies.off_policy import off_policy_value
from shared.sections import Explore
from shared.serving.slate_request import REQUESTS, SlateReader, SlateRequest
from shared.serving.slates import SlateScorer
from tests.conftest import bundle_of
from tests.tasks.impressions import ITEMS, impressions, shelf

NOW, SLATES, K = datetime(2024, 5, 1, tzinfo=UTC), 400, 3


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("shelf")
    return bundle_of(impressions(300), shelf(folder), "boosting", folder / "bundle")


def logged(bundle: Bundle, explore: Explore, candidates: int = ITEMS) -> pd.DataFrame:
    """Return what is logged of slates that were shown in this way, with clicks by the price."""
    items = {name: values[:candidates] for name, values in SlateReader(bundle, 1_000).items.items()}
    random = np.random.default_rng(0)
    asked = [
        SlateRequest(f"s{at}", K, NOW, {"user": f"u{at % 60}", "age": 20 + at % 50}, items)
        for at in range(SLATES)
    ]
    found = SlateScorer(Predictor(bundle), explore, random).score({REQUESTS: asked})
    rows = pd.DataFrame(found)
    clicked = random.random(len(rows)) < 1 / rows["price"]
    return rows.assign(outcome=clicked.astype(float))


@pytest.fixture(scope="module", params=["none", "epsilon", "softmax", "thompson"])
def explored(request: pytest.FixtureRequest) -> Explore:
    return Explore(by=request.param, share=0.2)


def test_the_chances_that_were_logged_come_out_of_the_log_again(
    bundle: Bundle, explored: Explore
) -> None:
    settings = bundle.settings.model_copy(update={"explore": explored})
    opened = replace(bundle)
    vars(opened)["settings"] = settings
    rows = logged(bundle, explored)
    log, left_out = bundle_policy_log(opened, rows.sample(frac=1, random_state=1))
    assert left_out == 0
    assert log.target.tobytes() == log.propensity.tobytes()
    by_place = rows.sort_values(["slate", "position"])
    assert log.propensity.tolist() == by_place["propensity"].tolist()
    found = off_policy_value(log)
    assert found.estimates[0].value == pytest.approx(rows["outcome"].mean())
    assert len(found.estimates) == (2 if explored.by == "thompson" else 3)


def test_a_bundles_worth_is_known_from_the_log_of_one_that_explored(bundle: Bundle) -> None:
    log, _ = bundle_policy_log(bundle, logged(bundle, Explore(by="epsilon", share=0.6)))
    worth = logged(bundle, bundle.settings.explore)["price"].rdiv(1).clip(0, 1).mean()
    found = off_policy_value(log)
    assert [e.name for e in found.estimates] == ["IPS", "SNIPS", "doubly robust"]
    assert all(e.low <= worth <= e.high for e in found.estimates)


def test_slates_of_other_candidates_are_left_out(bundle: Bundle) -> None:
    few = logged(bundle, Explore(), candidates=5)
    few["slate"] = "few " + few["slate"]
    both = pd.concat([few, logged(bundle, Explore())])
    log, left_out = bundle_policy_log(bundle, both)
    assert (len(log.outcome), left_out) == (SLATES * K, SLATES)
    words = r"^the log has no slate of the bundle's 12 items, and 400 slates of other candidates$"
    with pytest.raises(Refusal, match=words):
        bundle_policy_log(bundle, few)
