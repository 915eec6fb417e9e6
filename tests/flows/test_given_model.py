"""A model that was fitted elsewhere is judged and packaged by one command."""

from pathlib import Path

import pandas as pd
import pytest
import skops.io

from shared.lineage import run_history
from shared.model.bundle import Bundle
from tests.conftest import House
from tests.training.fitting.test_given_models import fitted

pytestmark = [pytest.mark.flow, pytest.mark.long]


def test_a_model_is_judged_packaged_and_verified_by_one_command(
    trained_house: House, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = trained_house.folder / "given.toml"
    loans = trained_house.settings.read_text()
    settings.write_text(loans.replace('name = "loans"', 'name = "given"', 1))
    house = House(trained_house.folder, settings)
    house.run("package", "run", "--model", str(bundle.path / "model.skops"))
    monkeypatch.chdir(house.folder)
    packaged = next(run_history.runs("PackageFlow", "given"))
    trained = run_history.run_named(packaged["choose"].task["training_run"].data)
    assert [each["candidate"] for each in trained.data.leaderboard] == ["model"]
    assert trained.data.evaluation["notes"][0].startswith("The model was fitted elsewhere (")
    assert packaged["verify"].task["verification"].data["passed"] is True


def test_one_that_does_not_fit_ends_with_the_reason_and_not_with_a_steps_name(
    trained_house: House, table: pd.DataFrame, tmp_path: Path
) -> None:
    model = tmp_path / "grades.skops"
    skops.io.dump(fitted(table, ["good", "bad"] * (len(table) // 2)), model)
    done = trained_house.run("package", "run", "--model", str(model), ok=False)
    assert done.returncode == 1
    assert (done.stdout + done.stderr).splitlines()[-1] == (
        f"TrainFlow failed: every candidate failed: grades: {model}: its classes are bad, good, "
        "and the target's are false and true (or 0 and 1), in this order"
    )
