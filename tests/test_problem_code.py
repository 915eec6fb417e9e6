"""The package `problems.NAME` is the folder of that problem, wherever it lies."""

import importlib
from pathlib import Path

import pytest

from shared import FLOWS, problem_code


def test_a_folder_is_a_package_with_its_own_first_module_or_without(tmp_path: Path) -> None:
    for name, first in (("bare_code_stall", ""), ("code_stall_with_init", "price = 3\n")):
        folder = tmp_path / name.replace("_", " ")
        folder.mkdir()
        (folder / "models.py").write_text("class Mine: ...\n")
        if first:
            (folder / "__init__.py").write_text(first)
        problem_code.add_folder(name, folder)
        models = importlib.import_module(f"problems.{name}.models")
        assert models.Mine.__module__ == f"problems.{name}.models"
        assert problem_code.code_folder(name) == folder
        assert problem_code.importable()[name] == folder
    assert importlib.import_module("problems.code_stall_with_init").price == 3


def test_a_problem_of_this_checkout_is_found_without_being_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(problem_code._FINDER, "folders", {})
    problem_code.find()
    assert problem_code.code_folder("flights") == FLOWS / "problems" / "flights"
    assert "flights" not in problem_code.importable()


def test_a_problem_without_a_folder_has_no_code() -> None:
    assert problem_code.code_folder("no_such_stall") is None
