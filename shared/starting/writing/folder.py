"""The folder of a new problem: where it goes, and what is written into it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared import problem_code, problems
from shared.errors import Refusal
from shared.settings import Settings
from shared.starting.guessing.guess import MADE_DAYS, Guess
from shared.starting.writing import companions, settings_file, source_file


def new_folder(name: str) -> Path:
    """Return the folder that a new problem is to have, which is not there yet.

    Raises `Refusal` where the name is none of a problem, or something is there already.
    """
    if not problems.NAME.fullmatch(name):
        raise Refusal(
            f"{name!r} is no name of a problem: at most 30 small letters, digits and underscores, "
            "a letter first"
        )
    flows = Path("flows") / problem_code.PACKAGE
    folder = (flows if flows.is_dir() else Path(problem_code.PACKAGE)) / name
    if folder.exists():
        raise Refusal(f"{folder} exists already: give another name, or remove it")
    return folder


def write_problem(name: str, found: Guess, folder: Path, query: str = "") -> list[Path]:
    """Write settings, a notebook, a test, and a source where the table lacks something."""
    start = datetime.now(UTC) - timedelta(days=MADE_DAYS)
    code = source_file.source_code(found, folder, f"{start:%Y-%m-%d}")
    folder.mkdir(parents=True)
    written = {problems.FILE: settings_file.settings_text(name, found, code is not None, query)}
    if code:
        written["source.py"] = code
    written |= {"explore.ipynb": companions.notebook_text(name)}
    written |= {f"test_{name}.py": companions.quick_test_text(name)}
    for file, text in written.items():
        (folder / file).write_text(text, encoding="utf-8")
    return [folder / file for file in written]


def readable(folder: Path) -> Settings:
    """Return the settings that were written; raises `Refusal`, and removes them, where none can be.

    Such as where the key, the time or the target has a name that no settings take.
    """
    try:
        return problems.load_problem(str(folder))
    except Refusal:
        shutil.rmtree(folder)
        raise
