"""Outcomes that are lost for what they are: those lack that were predicted so."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.model.verdict import Verdict
from shared.monitoring import findings, judge
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import bundle_of
from tests.monitoring.outcomes.test_far_outcomes import REPAIRS, repairs
from tests.monitoring.traffic import read_case


@pytest.fixture(scope="module")
def settings() -> Settings:
    return typed_settings(parse_settings(REPAIRS))


@pytest.fixture(scope="module")
def bundle(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("repairs") / "bundle"
    return bundle_of(repairs(4_000, 0), settings, "linear", folder)


def lacking(at: pd.Series, bundle: Bundle, settings: Settings) -> Verdict:
    rows = repairs(230, 1, "2024-05-01", 7)
    case = read_case(rows.assign(cost=rows["cost"].mask(at)), bundle, settings)
    return judge.judge(case, findings.find(case))


def test_large_outcomes_that_lack_are_told_by_what_was_predicted(
    bundle: Bundle, settings: Settings
) -> None:
    cost = repairs(230, 1, "2024-05-01", 7)["cost"]
    verdict = lacking(cost > cost.quantile(0.8), bundle, settings)
    (found,) = (reason for reason in verdict.reasons if reason.stage == "outcomes")
    assert found.level == "watch"
    assert found.what.startswith("20.0% of the outcomes due have not come, and not any: ")
    assert found.what.endswith("% of the highest and 0% of the lowest fifth by prediction")
    assert (found.number, found.threshold) == (pytest.approx(0.2), 0.05)
    assert found.next_step == (
        "Check what feeds the outcomes: those of one kind may be lost. If they only take longer "
        "than outcome_delay_days of [monitor] says, raise it."
    )


def test_outcomes_that_lack_anywhere_or_hardly_at_all_are_no_alarm(
    bundle: Bundle, settings: Settings
) -> None:
    anywhere = pd.Series(np.random.default_rng(0).random(230) < 0.3)
    cost = repairs(230, 1, "2024-05-01", 7)["cost"]
    for at in (anywhere, cost > cost.quantile(0.96)):
        assert [r for r in lacking(at, bundle, settings).reasons if r.stage == "outcomes"] == []


def test_where_the_history_has_rows_without_an_outcome_nothing_is_said(
    settings: Settings, tmp_path: Path
) -> None:
    """Which of them lacked theirs is not known: in a storm those flights are cancelled."""
    history = repairs(4_000, 0)
    some = np.random.default_rng(0).random(len(history)) < 0.01
    known = bundle_of(
        history.assign(cost=history["cost"].mask(some)), settings, "linear", tmp_path / "bundle"
    )
    cost = repairs(230, 1, "2024-05-01", 7)["cost"]
    reasons = lacking(cost > cost.quantile(0.8), known, settings).reasons
    assert not [reason for reason in reasons if "and not any" in reason.what]
