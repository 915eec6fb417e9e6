"""What is served at a moment: one champion after another, and a challenger beside it."""

from pathlib import Path

import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.serving import server
from shared.serving.deployment import Deployment, ServingOptions
from shared.serving.observability.telemetry import Telemetry
from shared.settings import Settings
from tests.conftest import bundle_of
from tests.prometheus import wait_until
from tests.serving.load import asking
from tests.serving.processes import LOAN, listening, logged

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def another(
    settings: Settings, table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """Return a bundle of the same problem with another model."""
    return bundle_of(table, settings, "logistic", tmp_path_factory.mktemp("bundles") / "another")


def test_three_champions_follow_each_other_without_a_request_that_fails(
    bundle: Bundle, another: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    deployment = Deployment(bundle, ServingOptions(), Telemetry())
    with listening(deployment) as url, asking(url, LOAN) as load:
        for champion in (another, bundle, another):
            reached = len(load.ids)
            wait_until(lambda reached=reached: len(load.ids) >= reached + 50)
            server.follow(deployment, lambda champion=champion: champion)
        reached = len(load.ids)
        wait_until(lambda: len(load.ids) >= reached + 50)
    assert list(load.statuses) == [200]
    found = logged(bundle, tmp_path / "log.db")
    assert sorted(found["prediction_id"]) == sorted(load.ids)
    in_order = found.sort_values("logged_at")["bundle"]
    assert (in_order != in_order.shift()).sum() >= 4


def test_a_challenger_that_comes_and_goes_is_followed_beside_the_same_champion(
    bundle: Bundle, newer: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    waiting: list[Bundle | None] = [None]
    deployment = Deployment(bundle, ServingOptions(challenger=lambda: waiting[0]), Telemetry())
    assert deployment.now.roles == {"champion": bundle}
    waiting[0] = newer
    assert deployment.follow(bundle)
    assert deployment.now.roles == {"champion": bundle, "challenger": newer}
    assert not deployment.follow(bundle)
    # Once it is approved, it is the champion, and challenges nobody.
    waiting[0] = None
    assert deployment.follow(newer)
    assert deployment.now.roles == {"champion": newer}


def test_one_that_cannot_challenge_is_told_once_and_keeps_no_champion_out(
    bundle: Bundle,
    newer: Bundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    # It needs columns that the other one is not asked with.
    deployment = Deployment(newer, ServingOptions(challenger=lambda: bundle), Telemetry())
    assert not deployment.follow(newer)
    said = capsys.readouterr().err
    assert said.startswith("no challenger: the challenger needs columns")
    assert len(said.splitlines()) == 1
    assert deployment.follow(bundle)
    assert deployment.now.roles == {"champion": bundle}
