"""A problem is found by its folder, its file or its name, and its own code can be imported."""

import importlib
import os
from pathlib import Path

import pytest

from shared import FLOWS, problem_code, problems
from shared.cli.reference import section_of
from shared.errors import Refusal
from shared.sections.operation import Size
from shared.sections.training import Range
from shared.settings import Settings
from shared.settings_text import settings_text

TOML = """
name = "{name}"
source = "source:table"
key = "id"
time = "at"
target = "late"
features = ["size"]

[[candidates]]
name = "own"
estimator = "models.Mine"
preprocessing = "models.pipeline"

[[candidates]]
name = "other"
estimator = "sklearn.linear_model.LogisticRegression"

[package]
trust = ["models.Mine", "lightgbm.Booster"]
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, with no problem named."""
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.chdir(tmp_path)


def write(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    (folder / problems.FILE).write_text(TOML.format(name=name))
    (folder / "source.py").write_text("def table():\n    return 'rows'\n")
    (folder / "models.py").write_text("class Mine:\n    pass\n")
    (folder / "linear.py").write_text("# no preprocessing\n")
    return folder


def test_without_a_word_it_is_the_flights() -> None:
    file = problems.settings_file()
    assert (file.name, file.parent.name) == ("problem.toml", "flights")


@pytest.mark.parametrize("named", ["stall", "problems/stall", "problems/stall/problem.toml"])
def test_a_name_a_folder_and_a_file_name_the_same_problem(tmp_path: Path, named: str) -> None:
    folder = write(tmp_path / "problems" / "stall", "stall")
    assert problems.settings_file(named) == folder / problems.FILE


def test_the_environment_names_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "anywhere", "stall")
    monkeypatch.setenv(problems.VARIABLE, str(folder))
    assert (problems.settings_file(), problems.problem_name()) == (folder / "problem.toml", "stall")


def test_an_unknown_problem_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(
        Refusal,
        match=r"no problem 'no stall' "
        r"\(known: delay, fate, flights, mileage, shop, weather\): give",
    ):
        problems.settings_file("no stall")


def test_the_only_log_of_a_folder_tells_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / ".millrace").mkdir()
    (tmp_path / ".millrace" / "loans.db").touch()
    assert problems.problem_name() == "loans"
    (tmp_path / ".millrace" / "stall.db").touch()
    assert problems.problem_name() == "flights"


def test_the_only_problem_of_a_folder_is_meant(tmp_path: Path) -> None:
    write(tmp_path / "problems" / "stall", "stall")
    assert problems.problem_name() == "stall"


def test_a_name_without_a_folder_is_one_of_the_run_history() -> None:
    assert problems.problem_name("loans") == "loans"


def test_own_code_gets_its_full_name_and_can_be_imported(tmp_path: Path) -> None:
    settings = problems.load_problem(str(write(tmp_path / "some folder", "own_code_stall")))
    assert settings.source == "problems.own_code_stall.source:table"
    assert [candidate.estimator for candidate in settings.candidates] == [
        "problems.own_code_stall.models.Mine",
        "sklearn.linear_model.LogisticRegression",
    ]
    assert [candidate.preprocessing for candidate in settings.candidates] == [
        "problems.own_code_stall.models.pipeline",
        "linear",
    ]
    trust = ("problems.own_code_stall.models.Mine", "lightgbm.Booster")
    assert settings.package.trust == trust
    assert importlib.import_module("problems.own_code_stall.source").table() == "rows"
    assert problem_code.code_folder("own_code_stall") == tmp_path / "some folder"


def test_a_table_is_no_module_whatever_stands_beside_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "path_stall", "path_stall")
    for name in ("sales.py", "sales.csv"):
        (tmp_path / name).write_text("day\n")
    file = folder / problems.FILE
    file.write_text(file.read_text().replace("source:table", str(tmp_path / "sales.csv")))
    assert problems.load_problem(str(folder)).source == str(tmp_path / "sales.csv")


def test_a_settings_file_of_another_name_has_no_own_code(tmp_path: Path) -> None:
    file = write(tmp_path / "stall", "stall") / "old.toml"
    file.write_text(TOML.format(name="stall"))
    assert problems.load_problem(str(file)).source == "source:table"


@pytest.mark.parametrize("settings", ["problem.toml", "old.toml"])
@pytest.mark.parametrize("table", ["rows.csv", "files", "../rows.csv"])
def test_a_table_is_looked_for_where_one_works_and_then_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, table: str
) -> None:
    folder = write(tmp_path / "stalls" / "stall", "stall")
    text = TOML.format(name="stall").replace("source:table", table)
    (folder / settings).write_text(text + f'[ingest]\norigin = "{table}"\n')

    def found() -> str:
        read = problems.load_problem(str(folder / settings))
        assert read.ingest.origin == read.source
        return read.source

    assert found() == table
    (folder / table).mkdir()
    assert Path(found()).resolve() == (folder / table).resolve()
    assert not Path(found()).is_absolute()
    monkeypatch.chdir(FLOWS)
    assert Path(found()) == folder / table
    # What is where one works comes first.
    (tmp_path / "stalls" / "here").mkdir()
    monkeypatch.chdir(tmp_path / "stalls" / "here")
    Path(table).mkdir(exist_ok=True)
    assert found() == table


def test_the_flights_show_every_key_of_the_settings() -> None:
    text = problems.settings_file("flights").read_text()
    lacking = [key for key in keys() if f"{key} =" not in text and f"{key}=" not in text]
    assert not lacking


def keys() -> list[str]:
    """Return the names of all that may stand in a settings file, but for the sections."""
    fields = Settings.model_fields.items()
    sections = {name: part for name, field in fields if (part := section_of(field))}
    parts = [Settings, *sections.values(), Range, Size]
    # A target of classes has costs, and the flights are none.
    named = {*sections, "costs"}
    return [key for part in parts for key in part.model_fields if key not in named]


def test_the_settings_of_a_problem_are_found_by_its_name_or_by_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert problems.settings_here("stall") is None
    folder = write(tmp_path / "elsewhere", "stall")
    monkeypatch.setenv("MILLRACE_PROBLEM", str(folder))
    found = problems.settings_here("stall")
    assert found is not None
    assert found.source == "problems.stall.source:table"
    assert problems.settings_here("loans") is None
    (folder / "problem.toml").write_text("name =")
    with pytest.raises(Refusal, match="not TOML"):
        problems.settings_here("stall")


def test_settings_alone_have_the_own_code_of_their_problem_here(tmp_path: Path) -> None:
    folder = write(tmp_path / "problems" / "stall", "stall")
    full = problems.settings_in_full((folder / problems.FILE).read_text(), folder / problems.FILE)
    then = tmp_path / "then.toml"
    then.write_text(settings_text(full))
    problem_code._FINDER.folders.clear()
    assert problems.load_problem(str(then)).candidates[0].estimator == "problems.stall.models.Mine"
    assert problem_code.importable() == {"stall": folder}
    assert os.environ[problems.VARIABLE] == str(then)
    problem_code._FINDER.folders.clear()
    problems.make_named_importable()
    assert problem_code.importable() == {"stall": folder}
    assert os.environ[problems.VARIABLE] == str(then)
