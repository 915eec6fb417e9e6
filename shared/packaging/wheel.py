"""The wheels of a bundle: Millrace's, from the code that is running, and the problem's own code."""

import os
import shutil
import tempfile
from pathlib import Path

import shared

# The wheel asks for nothing: a bundle's requirements.lock holds all that serving needs.
PYPROJECT = f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "millrace"
version = "{shared.__version__}"
requires-python = ">=3.11"
scripts = {{ millrace = "shared.cli:main" }}

[tool.hatch.build.targets.wheel]
packages = ["shared"]
"""
NOT_CODE = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*.parquet", "*.csv", "*.csv.gz")

# A problem's own code is a part of the package `problems`, beside those of other problems.
PROBLEM_PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "millrace-problem-{name}"
version = "{version}"
requires-python = ">=3.11"

[tool.hatch.build.targets.wheel]
packages = ["problems"]
"""


def build_wheel(folder: Path) -> Path:
    """Build Millrace's wheel into a folder; returns its path. Equal code gives equal bytes."""
    return _build(PYPROJECT, Path(shared.__file__).parent, "shared", folder)


def build_problem_wheel(name: str, code: Path, folder: Path) -> Path:
    """Build the wheel of a problem's own code, the package `problems.NAME`; returns its path."""
    pyproject = PROBLEM_PYPROJECT.format(name=name.replace("_", "-"), version=shared.__version__)
    return _build(pyproject, code, f"problems/{name}", folder)


def _build(pyproject: str, code: Path, package: str, folder: Path) -> Path:
    from hatchling.builders.wheel import WheelBuilder

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        copied = shutil.copytree(code, Path(place) / package, ignore=NOT_CODE)
        for path in [copied, *copied.rglob("*")]:
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
        (Path(place) / "pyproject.toml").write_text(pyproject)
        return Path(next(WheelBuilder(place).build(directory=str(folder), versions=["standard"])))
