"""A bundle as a target policy: its chances come out of the log again, and its worth with them."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.errors import Refusal
from shared.log.prediction_log import opened_log
from shared.model.bundle import Bundle
from shared.model.target_policy import bundle_policy
from shared.policies.off_policy import off_policy_value
from shared.sections.answers import Explore
from tests.conftest import bundle_of
from tests.policies.logged_slates import SLATES, K, clicked, logged, logged_columns
from tests.tasks.impressions import impressions, shelf


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("shelf")
    return bundle_of(impressions(300), shelf(folder), "boosting", folder / "bundle")


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


def test_slates_of_other_candidates_are_left_out(bundle: Bundle) -> None:
    few = logged(bundle, Explore(), candidates=5)
    few["slate"] = "few " + few["slate"]
    both = pd.concat([few, logged(bundle, Explore())])
    log, left_out = bundle_policy(bundle).log(both)
    assert (len(log.outcome), left_out) == (SLATES * K, SLATES)
    words = r"^the log has no slate of the bundle's 12 items, only 400 slates of other candidates$"
    with pytest.raises(Refusal, match=words):
        bundle_policy(bundle).log(few)


def test_a_bundle_is_valued_by_its_problems_log(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    explored = logged_columns(bundle, Explore(by="epsilon", share=0.6))
    others = logged_columns(bundle, Explore(), candidates=5)
    others["slate"] = [f"few {slate}" for slate in others["slate"]]
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
