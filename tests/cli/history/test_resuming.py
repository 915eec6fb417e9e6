"""`millrace resume`: by today's settings, with what an earlier run has fitted."""

import subprocess
import sys

import pytest

from shared.cli.history.resuming import CARRIED, carried
from shared.lineage import run_history
from shared.training.fitting.earlier_fits import EarlierFits
from tests.commands import refused
from tests.conftest import ROOT, House
from tests.serving.processes import MILLRACE, clean


@pytest.mark.long
@pytest.mark.flow
def test_another_threshold_is_decided_without_a_fit(
    strict: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(strict.folder)
    first = next(run_history.runs("TrainFlow", "strict"))
    mended = strict.folder / "mended.toml"
    mended.write_text(f"threshold = 0.25\n{strict.settings.read_text()}")
    command = [str(MILLRACE), "resume", first.id, "--settings", str(mended)]
    done = subprocess.run(
        command, cwd=strict.folder, env=clean(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"logistic: fitted by {first.pathspec}, of the same rows and settings" in done.stderr
    run = next(run_history.runs("TrainFlow", "strict"))
    assert run.id != first.id
    assert run.data.chosen["rule"].threshold == 0.25
    assert run.data.evaluation["scores"] == first.data.evaluation["scores"]
    made_of = first.data.chosen["made_of"]
    assert run.data.chosen["made_of"] == made_of
    assert EarlierFits(first.pathspec).model(made_of) is not None
    assert EarlierFits(first.pathspec).model("something else") is None
    # What was taken can be taken again.
    assert EarlierFits(run.pathspec).scores(made_of) is not None


def test_what_the_earlier_run_was_asked_for_is_asked_for_again() -> None:
    asked = {"data": "latest", "until": None, "served": True, "given": "elsewhere.skops"}
    words = ["--data", "latest", "--served", "True", "--model", "elsewhere.skops"]
    assert carried({**asked, "reuse": "TrainFlow/1", "settings": {}}) == words


def test_every_parameter_of_a_training_is_carried_on() -> None:
    code = "import train; print(*(f'{n}={p.name}' for n, p in train.TrainFlow._get_parameters()))"
    command = [sys.executable, "-c", code]
    env = clean() | {"PYTHONPATH": f"{ROOT}/flows:{ROOT}"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    named = dict(word.split("=") for word in done.stdout.split())
    # Settings are today's, and what is fitted is taken of the run that is resumed.
    assert named == CARRIED | {"settings": "settings", "reuse": "reuse"}


@pytest.mark.flow
def test_what_cannot_be_resumed_is_refused_in_one_line(trained_house: House) -> None:
    folder = trained_house.folder
    for unknown in ("7", "PackageFlow/7"):
        assert f"no run '{unknown}' of TrainFlow is here" in refused(folder, "resume", unknown)
    train = (folder / ".metaflow/TrainFlow/latest_run").read_text().strip()
    said = refused(folder, "resume", train, "--problem", "flights")
    assert f"TrainFlow/{train} is of the problem" in said
    assert "not of 'flights'" in said
