"""A flow has its problem's settings, and takes its own code along."""

import json
from pathlib import Path

import pytest
from metaflow.exception import MetaflowException

from shared import flow_settings, problems
from tests.test_problems import TOML, write


def test_the_settings_of_a_run_are_those_of_its_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "shop", "shop")
    words = ["train.py", "--config", "settings", str(folder / "problem.toml"), "run"]
    monkeypatch.setattr("sys.argv", words)
    monkeypatch.setenv(problems.VARIABLE, "")
    assert flow_settings.parse(TOML.format(name="shop"))["source"] == "problems.shop.source:table"


def test_a_file_that_a_run_was_given_is_the_problem_of_the_commands_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "loose.toml"
    file.write_text(TOML.format(name="shop"))
    monkeypatch.setattr("sys.argv", ["train.py", "--config", "settings", str(file), "run"])
    monkeypatch.setenv(problems.VARIABLE, "flights")
    flow_settings.parse(file.read_text())
    assert problems.make_command("package") == f"make package PROBLEM={file}"


def test_metaflows_variable_names_the_file_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "shop", "shop")
    named = json.dumps({"settings": str(folder / "problem.toml")})
    monkeypatch.setattr("sys.argv", ["train.py", "run"])
    monkeypatch.setenv("METAFLOW_FLOW_CONFIG", named)
    monkeypatch.setenv(problems.VARIABLE, "")
    assert flow_settings.parse(TOML.format(name="shop"))["source"] == "problems.shop.source:table"
    assert problems.importable()["shop"] == folder


def test_settings_that_are_of_no_file_take_nobody_elses_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["train.py", "run"])
    monkeypatch.setenv(problems.VARIABLE, "")
    assert flow_settings.parse(TOML.format(name="fileless"))["source"] == "source:table"
    assert "fileless" not in problems.importable()


def test_settings_that_are_refused_are_one_line_of_metaflows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["train.py", "run"])
    monkeypatch.setenv(problems.VARIABLE, "")
    with pytest.raises(MetaflowException, match="^settings: not TOML: Invalid value"):
        flow_settings.parse("a = = 3")


def test_the_own_code_stands_in_the_package_where_a_checkout_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(problems.VARIABLE, "")
    folder = write(tmp_path / "packed", "packed")
    (folder / "rows.parquet").touch()
    problems.make_importable("packed", folder)
    files = {place: file for file, place, _ in flow_settings.own_code().add_to_package()}
    names = ["models.py", "problem.toml", "source.py"]
    assert {place for place in files if place.startswith("flows/problems/packed/")} == {
        f"flows/problems/packed/{name}" for name in names
    }
    assert files["flows/problems/packed/source.py"] == str(folder / "source.py")


@pytest.mark.parametrize(
    ("words", "starts_pods"),
    [
        ("run --with kubernetes", True),
        ("--with=kubernetes:cpu=1 run", True),
        ("argo-workflows create", True),
        ("argo-workflows delete", False),
        ("run --with retry", False),
    ],
)
def test_a_table_beside_the_settings_goes_to_no_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, starts_pods: bool
) -> None:
    (tmp_path / "days.csv").write_text("id\n1\n")
    text = TOML.format(name="shop").replace('"source:table"', '"days.csv"')
    (tmp_path / "problem.toml").write_text(text)
    monkeypatch.setattr("sys.argv", ["train.py", *words.split()])
    monkeypatch.setenv(problems.VARIABLE, str(tmp_path))
    if not starts_pods:
        assert flow_settings.parse(text)["source"] == str(tmp_path / "days.csv")
        return
    with pytest.raises(MetaflowException, match="is on this machine, and tasks on a cluster have"):
        flow_settings.parse(text)
