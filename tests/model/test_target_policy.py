"""A bundle as a target policy: its chances come out of the log again, and its worth with them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.errors import Refusal
from shared.log.opening import opened_log
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.model.target_policy import broken_slates, bundle_policy, shown_slates
from shared.policies.off_policy import off_policy_value
from shared.sections.answers import Explore
from shared.serving.routes.slate_request import REQUESTS, SlateRequest
from shared.serving.routes.slates import SlateScorer
from tests.conftest import bundle_of
from tests.policies.logged_slates import NOW, SLATES, K, clicked, logged, logged_columns
from tests.tasks.impressions import impressions, shelf


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("shelf")
    return bundle_of(impressions(300), shelf(folder), "boosting", folder / "bundle")


def of_others(rows: pd.DataFrame) -> pd.DataFrame:
    """Return slates as a bundle with other items has logged them."""
    return rows.assign(slate="few " + rows["slate"], candidate_set=None)


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
    log, left_out = bundle_policy(opened).log(rows.sample(frac=1, random_state=1))
    assert left_out == 0
    assert log.target.tobytes() == log.propensity.tobytes()
    by_place = rows.sort_values(["slate", "position"])
    assert log.propensity.tolist() == by_place["propensity"].tolist()
    found = off_policy_value(log)
    assert found.estimates[0].value == pytest.approx(rows["outcome"].mean())
    assert len(found.estimates) == (2 if explored.by == "thompson" else 3)


def test_a_bundles_worth_is_known_from_the_log_of_one_that_explored(bundle: Bundle) -> None:
    log, _ = bundle_policy(bundle).log(logged(bundle, Explore(by="epsilon", share=0.6)))
    worth = logged(bundle, bundle.settings.explore)["price"].rdiv(1).clip(0, 1).mean()
    found = off_policy_value(log)
    assert [e.name for e in found.estimates] == ["IPS", "SNIPS", "doubly robust"]
    assert all(e.low <= worth <= e.high for e in found.estimates)


def test_chances_come_out_again_of_candidates_that_a_caller_named_or_described(
    bundle: Bundle, explored: Explore
) -> None:
    opened = replace(bundle)
    vars(opened)["settings"] = bundle.settings.model_copy(update={"explore": explored})
    named = logged(bundle, explored, candidates=5)
    assert named["candidate_set"].notna().sum() == SLATES
    scorer = SlateScorer(Predictor(bundle), explored, random=np.random.default_rng(0))
    rows = {"item": ["new", "i03", "i04", "i05"], "price": [3.5, 1, 8, None]}
    asked = [
        SlateRequest(f"d{at}", K, NOW, {"user": "u1", "age": 20 + at}, rows) for at in range(40)
    ]
    described = pd.DataFrame(scorer.score({REQUESTS: asked})).assign(outcome=1.0)
    both = pd.concat([named, described, logged(bundle, explored)])
    both["slate"] += both["candidates"].map(" of {}".format)
    log, left_out = bundle_policy(opened).log(both)
    assert (len(log.outcome), left_out) == ((2 * SLATES + 40) * K, 0)
    assert log.target.tobytes() == log.propensity.tobytes()


def test_a_bundle_without_items_is_valued_by_candidates_that_were_described(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    explore, opened = bundle.settings.explore, replace(bundle)
    of_items = of_others(logged(bundle, Explore(), candidates=5))
    monkeypatch.setattr(type(opened), "items", lambda _: None)
    scorer = SlateScorer(Predictor(bundle), explore, random=np.random.default_rng(0))
    # What a request says of itself is the caller's choice where there are no items.
    rows = {"item": ["a", "b", "c", "d"]}
    context = {"user": "u1", "age": 20, "price": 2.5}
    asked = [SlateRequest(f"d{at}", K, NOW, context, rows) for at in range(40)]
    shown = pd.DataFrame(scorer.score({REQUESTS: asked})).assign(outcome=1.0)
    log, left_out = bundle_policy(opened).log(shown)
    assert (len(log.outcome), left_out) == (40 * K, 0)
    assert log.target.tobytes() == log.propensity.tobytes()
    words = (
        r"^the log has no slate whose candidates are known \(the bundle has no items: see "
        r"\[ranking\] items\), only 400 slates of other candidates$"
    )
    with pytest.raises(Refusal, match=words):
        bundle_policy(opened).log(of_items)


def test_slates_of_other_candidates_are_left_out(bundle: Bundle) -> None:
    few = of_others(logged(bundle, Explore(), candidates=5))
    both = pd.concat([few, logged(bundle, Explore())])
    log, left_out = bundle_policy(bundle).log(both)
    assert (len(log.outcome), left_out) == (SLATES * K, SLATES)
    words = r"^the log has no slate of the bundle's 12 items, only 400 slates of other candidates$"
    with pytest.raises(Refusal, match=words):
        bundle_policy(bundle).log(few)


def test_a_slate_that_was_asked_for_again_leaves_the_others_their_worth(bundle: Bundle) -> None:
    rows = logged(bundle, Explore(by="epsilon", share=0.6))
    names = rows["slate"].unique()
    again = rows[rows["slate"] == names[0]].assign(item=rows["item"].iloc[0])
    torn = rows[~((rows["slate"] == names[1]) & (rows["position"] == 2))]
    both = pd.concat([torn, again], ignore_index=True)
    assert broken_slates(both) == 2
    assert {*shown_slates(both)["slate"]} == {*names[2:]}
    log, left_out = bundle_policy(bundle).log(both)
    assert (len(log.outcome), left_out) == ((SLATES - 2) * K, 0)
    assert not off_policy_value(log).unsupported


def test_a_bundle_is_valued_by_its_problems_log(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    explored = logged_columns(bundle, Explore(by="epsilon", share=0.6))
    others = logged_columns(bundle, Explore(), candidates=5)
    others["slate"] = [f"few {slate}" for slate in others["slate"]]
    others["candidate_set"] = [None] * len(others["slate"])
    with opened_log("shelf", bundle.contract) as log:
        log.prepare()
        log.predictions.append_columns(explored)
        log.predictions.append_columns(others)
        clicks = clicked(pd.Series(explored["price"])).tolist()
        log.outcomes.add(dict(zip(explored["key"], clicks, strict=True)))
    named = ("off-policy", "--bundle", str(bundle.path))
    result = CliRunner().invoke(main, named)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    words = f"left out    {SLATES} slates of other candidates than the bundle's items"
    assert lines[:2] == [words, f"log         {SLATES * K:,} rows with an outcome"]
    assert [line.split("  ")[0] for line in lines[7:]] == ["IPS", "SNIPS", "doubly robust"]
    later = CliRunner().invoke(main, [*named, "--since", "2024-06-01"])
    assert later.exit_code == 1
    assert later.output == "Error: the log has no slate of the bundle's 12 items\n"
