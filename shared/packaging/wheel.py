"""The wheels of a bundle: Millrace's, from the code that is running, and the problem's own code."""

import os
import shutil
import tempfile
from pathlib import Path

import shared
from shared.tables.table_files import ENDINGS

# The wheels ask for nothing: a bundle's requirements.lock holds all that serving needs.
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
{scripts}

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""
SCRIPTS = 'scripts = { millrace = "shared.cli:main" }'
NOT_CODE = shutil.ignore_patterns(
    "__pycache__", "*.pyc", ".*", "test_*.py", "*.ipynb", *(f"*{ending}" for ending in ENDINGS)
)


def build_wheel(folder: Path) -> Path:
    """Build Millrace's wheel into a folder; returns its path. Equal code gives equal bytes."""
    return _build("millrace", Path(shared.__file__).parent, "shared", folder, SCRIPTS)


def build_problem_wheel(name: str, code: Path, folder: Path) -> Path:
    """Build the wheel of a problem's own code, the package `problems.NAME`; returns its path.

    It is a part of the package `problems`, beside those of other problems.
    """
    return _build(f"millrace-problem-{name.replace('_', '-')}", code, f"problems/{name}", folder)


def _build(name: str, code: Path, place: str, folder: Path, scripts: str = "") -> Path:
    from hatchling.builders.wheel import WheelBuilder

    folder.mkdir(parents=True, exist_ok=True)
    fields = {"name": name, "version": shared.__version__, "package": place.partition("/")[0]}
    with tempfile.TemporaryDirectory() as source:
        copied = shutil.copytree(code, Path(source) / place, ignore=NOT_CODE)
        for path in [copied, *copied.rglob("*")]:
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
        (Path(source) / "pyproject.toml").write_text(PYPROJECT.format(scripts=scripts, **fields))
        built = WheelBuilder(source).build(directory=str(folder), versions=["standard"])
        return Path(next(built))
