"""The pins of what serving a bundle needs."""

from importlib import metadata

import pytest

from shared.errors import Refusal
from shared.model.files import requirements


def test_the_lock_pins_what_serving_imports_and_no_metaflow_and_no_evidently():
    pins = dict(line.split("==") for line in requirements.lock([]).splitlines())
    assert {"fastapi", "scikit-learn", "skops", "sqlalchemy", "numpy", "starlette"} <= set(pins)
    assert {"threadpoolctl", "treelite"} <= set(pins)
    assert not {"metaflow", "evidently", "matplotlib", "pytest"} & set(pins)


def test_a_model_from_no_distribution_cannot_be_locked():
    with pytest.raises(Refusal, match="belongs to no installed distribution"):
        requirements.lock(["my_script.Model"])


def test_a_modules_distribution_is_found_as_python_finds_it() -> None:
    known = metadata.packages_distributions()
    for module in ("sklearn", "yaml", "pandas", "pytest", "_cffi_backend"):
        assert [requirements._owner(module)] == known.get(module, [None])[:1]


def test_own_code_brings_what_it_imports(tmp_path, monkeypatch):
    own = tmp_path / "problems" / "own"
    own.mkdir(parents=True)
    (own / "__init__.py").write_text("")
    (own / "model.py").write_text("from . import parts\nclass Model: ...\n")
    (own / "parts.py").write_text("import json, click\nimport evidently\n")
    monkeypatch.setattr("problems.__path__", [str(tmp_path / "problems")])
    assert "evidently==" in requirements.lock(["problems.own.model.Model"])
    assert "evidently==" not in requirements.lock([])


def test_a_package_that_another_one_needs_and_nobody_installed_is_named() -> None:
    with pytest.raises(Refusal, match="needs the package 'no-such-package', which"):
        requirements._installed("no-such-package")
