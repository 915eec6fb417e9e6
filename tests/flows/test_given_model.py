"""A model that was fitted elsewhere is judged and packaged by one command."""

import pytest

from shared.lineage import run_history
from shared.model.bundle import Bundle
from tests.conftest import House

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
