"""`millrace watch`: a proven loss of quality leads to a challenger, and the champion stays."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from shared.lineage import bundles, run_history
from shared.log.prediction_log import PredictionLog
from tests.conftest import House, latest_digest, quickest
from tests.monitoring.traffic import answer, week
from tests.serving.processes import MILLRACE, clean

pytestmark = pytest.mark.flow


def watch(house: House, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(MILLRACE), "watch", "--settings", str(house.settings), "--once", *words]
    return subprocess.run(
        command,
        cwd=house.folder,
        env=clean() | {"MILLRACE_REVIEWER": "Ada Tester"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_a_loss_of_quality_makes_a_challenger_once_and_leaves_the_champion(
    approved_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(approved_house.folder)
    quick = approved_house.folder / "quick.toml"
    quick.write_text(quickest(approved_house.settings.read_text()))
    watched = House(approved_house.folder, quick)
    champion = bundles.champion("loans")
    assert champion is not None
    address = f"sqlite:///{tmp_path / 'aged.db'}"
    log = PredictionLog("loans", champion.contract, address)
    asked = week(2_000, seed=5)
    answer(log, asked, champion)
    # What it calls likely has become no likelier than the rest.
    drifted = np.random.default_rng(0).random(2_000) < champion.scores(asked).mean()
    log.outcomes.add(dict(zip(asked["loan"], drifted.tolist(), strict=True)))
    log.close()

    # Whoever looks first does not use the training up.
    watched.run("monitor", "run", MILLRACE_LOG=address)
    done = watch(watched, MILLRACE_LOG=address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ROC AUC fell to" in done.stdout
    run = next(run_history.runs("TrainFlow", "loans"))
    trained = run.data
    assert trained.facts["rows"] > 3_000 + 1_900
    if trained.evaluation["passed"]:
        assert f"challenger {latest_digest(approved_house)} is packaged" in done.stdout
    else:
        assert "trained again, but the model did not pass" in done.stdout
    standing = bundles.champion("loans")
    assert standing is not None
    assert standing.digest == champion.digest

    before = len(list(run_history.runs("TrainFlow", "loans")))
    again = watch(watched, MILLRACE_LOG=address)
    assert again.returncode == 0, again.stdout + again.stderr
    assert len(list(run_history.runs("TrainFlow", "loans"))) == before
    assert f"not trained: {run.pathspec} answered this loss" in again.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--settings", "gone.toml", "--once"],
            "Error: there is no problem 'gone.toml' (known: delay, fate, flights, ",
        ),
        (["--until", "2024-04-01"], "Error: --until is for one round"),
    ],
)
def test_what_cannot_be_watched_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    done = subprocess.run(
        [str(MILLRACE), "watch", *words],
        cwd=tmp_path,
        env=clean(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(said)
