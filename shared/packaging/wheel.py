"""Millrace's own wheel, built from the code that is running."""

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


def build(folder: Path) -> Path:
    """Build the wheel into a folder; the same code gives the same bytes. Returns its path."""
    from hatchling.builders.wheel import WheelBuilder

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        source = Path(shared.__file__).parent
        code = shutil.copytree(
            source, Path(place) / "shared", ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        for path in [code, *code.rglob("*")]:
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
        (Path(place) / "pyproject.toml").write_text(PYPROJECT)
        return Path(next(WheelBuilder(place).build(directory=str(folder), versions=["standard"])))
