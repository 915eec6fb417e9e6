"""A challenger that never answered is held against the champion by the log of slates."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.evaluation import OffPolicyComparison
from shared.schema.columns import Columns
from shared.sections.answers import Explore
from shared.sections.training import Gates
from shared.settings import Settings
from shared.training import judgement, splits
from shared.training.fitting import candidates
from shared.training.judging.off_policy_comparison import compare_off_policy, off_policy_gate
from tests.conftest import bundle_of
from tests.policies.logged_slates import clicked, logged_columns
from tests.tasks.impressions import impressions, shelf

TABLE = impressions(300)
EVEN = Explore(by="epsilon", share=1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def champion(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return bundle_of(TABLE, settings, "boosting", tmp_path_factory.mktemp("made") / "bundle")


@pytest.fixture(scope="module")
def parts(champion: Bundle, settings: Settings) -> dict[str, pd.DataFrame]:
    return splits.by_time(TABLE, champion.task, settings)


@pytest.fixture(scope="module")
def even_log(champion: Bundle, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a log of slates that were chosen evenly."""
    return made_log(champion, EVEN, tmp_path_factory.mktemp("even"))


@pytest.fixture
def compare(
    champion: Bundle, settings: Settings, parts: dict[str, pd.DataFrame], monkeypatch: Any
) -> Any:
    """Return a function that compares scores with the champion's by a log of slates."""

    def compare(log: str, better: bool = True, **changed: Any) -> OffPolicyComparison | None:
        monkeypatch.setenv("MILLRACE_LOG", log)

        def scores(asked: Columns) -> np.ndarray:
            found = champion.scores(asked)
            return found if better else 1 - found

        about = settings.model_copy(update=changed)
        return compare_off_policy(scores, parts["holdout"], champion.contract, champion, about)

    return compare


def made_log(champion: Bundle, explore: Explore, folder: Path, without: str = "") -> str:
    """Return the address of a new log of 1,500 slates, without the values of a column."""
    address = f"sqlite:///{folder / 'log.db'}"
    shown = logged_columns(champion, explore, slates=1_500)
    clicks = clicked(pd.Series(shown["price"])).tolist()
    log = PredictionLog("shelf", champion.contract, address)
    log.prepare()
    log.predictions.append_columns({n: v for n, v in shown.items() if n != without})
    log.outcomes.add(dict(zip(shown["key"], clicks, strict=True)))
    log.close()
    return address


def test_one_that_is_worse_beyond_its_interval_fails(compare: Any, even_log: str) -> None:
    found = compare(even_log, better=False)
    assert found.slates == 1_500
    assert found.own.high < found.champion.low
    assert found.difference.high < 0
    (gate,) = off_policy_gate(found)
    assert (gate.passed, gate.limit, gate.measured) == (False, 0, found.difference.high)
    assert compare(even_log, gates=Gates(not_worse_off_policy=False)) is None
    assert " clicks a position, the champion " in found.words


def test_the_champions_equal_passes(compare: Any, even_log: str, settings: Settings) -> None:
    found = compare(even_log)
    assert found.own == found.champion
    assert found.difference.value == 0
    assert found.difference.low <= 0 <= found.difference.high
    (gate,) = off_policy_gate(found)
    assert gate.passed


def test_more_exploration_is_no_loss(compare: Any, even_log: str) -> None:
    assert compare(even_log, explore=Explore(by="epsilon", share=0.9)).difference.value == 0


def test_a_log_that_cannot_tell_is_no_pass_and_no_fail(
    compare: Any, champion: Bundle, tmp_path: Path
) -> None:
    log = made_log(champion, Explore(by="epsilon", share=0.02), tmp_path)
    found = compare(log, better=False)
    assert (found.positions, found.difference) == (1, None)
    assert found.words.startswith("cannot tell: 1,500 rows count as ")
    assert off_policy_gate(found) == []


def test_what_the_log_does_not_know_is_said(compare: Any, champion: Bundle, tmp_path: Path) -> None:
    nothing = compare(f"sqlite:///{tmp_path / 'other.db'}").words
    assert nothing == "cannot tell: no slate that both could have chosen has an outcome yet"
    unasked = compare(made_log(champion, EVEN, tmp_path, without="age")).words
    assert unasked == "cannot tell: the log has no value of the feature 'age'"


def test_a_training_run_has_it_as_a_gate_of_its_own(
    champion: Bundle,
    settings: Settings,
    parts: dict[str, pd.DataFrame],
    even_log: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", even_log)
    contract = champion.contract
    chosen = candidates.fit_and_score("boosting", parts, contract, settings)
    scores = champion.scores(parts["holdout"])
    fitted = champion.model, scores, chosen, parts, contract
    found = judgement._evaluate(*fitted, champion, settings)
    assert found.off_policy
    assert found.off_policy.difference
    assert found.gates[-1].gate.startswith("clicks a position off-policy, less the champion's ")
