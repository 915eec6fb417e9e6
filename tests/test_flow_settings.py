"""A flow has its problem's settings, and takes its own code along."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from metaflow.exception import MetaflowException

from shared import flow_settings, given_files, problem_code, problem_commands, problems
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
    assert problem_commands.make_command("package") == f"make package PROBLEM={file}"


def test_metaflows_variable_names_the_file_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "shop", "shop")
    named = json.dumps({"settings": str(folder / "problem.toml")})
    monkeypatch.setattr("sys.argv", ["train.py", "run"])
    monkeypatch.setenv("METAFLOW_FLOW_CONFIG", named)
    monkeypatch.setenv(problems.VARIABLE, "")
    assert flow_settings.parse(TOML.format(name="shop"))["source"] == "problems.shop.source:table"
    assert problem_code.importable()["shop"] == folder


def test_settings_that_are_of_no_file_take_nobody_elses_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["train.py", "run"])
    monkeypatch.setenv(problems.VARIABLE, "")
    assert flow_settings.parse(TOML.format(name="fileless"))["source"] == "source:table"
    assert "fileless" not in problem_code.importable()


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
    names = ["linear.py", "models.py", "problem.toml", "source.py"]
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


CANDIDATE = {"name": "own", "model": "own.skops"}


def packed(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, str]:
    """Return the models that a command's code package has, by place."""
    monkeypatch.setattr("sys.argv", [*words])
    flow = flow_settings.own_code()
    candidates = [CANDIDATE, {"name": "ridge", "estimator": "sklearn.linear_model.Ridge"}]
    flow.pre_mutate(SimpleNamespace(configs=[("settings", {"candidates": candidates})]))
    return {place: file for file, place, _ in flow.add_to_package() if "given" in place}


def test_a_model_that_was_fitted_elsewhere_goes_to_pods_with_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.skops").touch()
    Path("other").mkdir()
    for name in ("MLmodel", "model.skops", "notes.txt"):
        Path("other", name).touch()
    own, other = (str(given_files.place_in_package(each)) for each in ("own.skops", "other"))
    pods = ("run", "--with", "kubernetes")
    assert packed(monkeypatch, "train.py", *pods) == {own: "own.skops"}
    both = {own: "own.skops", other: "other/model.skops"}
    assert packed(monkeypatch, "train.py", *pods, "--model", "other") == both
    assert packed(monkeypatch, "train.py", "argo-workflows", "create") == {own: "own.skops"}
    assert packed(monkeypatch, "train.py", "run") == {}
    assert packed(monkeypatch, "monitor.py", *pods) == {}


def test_a_model_that_is_not_there_is_refused_before_anything_goes_to_a_pod(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MetaflowException, match="^own.skops: there is no such file or folder$"):
        packed(monkeypatch, "train.py", "argo-workflows", "create")
