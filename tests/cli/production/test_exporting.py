"""`millrace export`: what it says without MLflow (with it: `make exports`)."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.cli import main
from shared.model.bundle import Bundle
from tests.commands import refused
from tests.conftest import House, latest_digest


def test_it_is_told_what_to_write(bundle: Bundle) -> None:
    said = CliRunner().invoke(main, ["export", str(bundle.path)])
    assert said.exit_code == 2
    assert "name what to write: --mlflow FOLDER, --onnx FILE, --registry URI" in said.output


def test_what_cannot_be_written_is_said_in_one_line(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "there"
    there.write_text("")
    said = CliRunner().invoke(main, ["export", str(bundle.path), "--onnx", str(there)])
    assert (said.exit_code, said.output) == (
        1,
        f"Error: {there} exists already: name a new file\n",
    )


@pytest.mark.flow
def test_a_bundle_of_the_history_names_its_problem(packaged_house: House, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("")
    digest = latest_digest(packaged_house)
    said = refused(packaged_house.folder, "export", digest[:8], "--onnx", str(there))
    assert f"{there} exists already" in said
