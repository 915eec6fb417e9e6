"""Problems: the folder of each, its settings, and the names in these of its own code."""

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared import FLOWS, problem_code
from shared.errors import Refusal
from shared.problem_code import PACKAGE
from shared.settings import Settings
from shared.settings_reading import parse_settings, typed_settings

VARIABLE = "MILLRACE_PROBLEM"
FILE = "problem.toml"
DEFAULT = "flights"
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
# A problem: its settings, or its name, by which its settings are looked for here.
Problem = str | Settings


def settings_file(named: str | None = None) -> Path:
    """Return the settings file of a problem: named by its folder, its file, or its name.

    Where none is named it is MILLRACE_PROBLEM's, or else the flights'. Raises `Refusal` where there
    is no such problem.
    """
    wanted = named or os.environ.get(VARIABLE) or DEFAULT
    place = Path(wanted)
    for file in (place / FILE, place, *(root / wanted / FILE for root in _roots())):
        if file.is_file():
            return file.resolve()
    known = sorted({file.parent.name for root in _roots() for file in root.glob(f"*/{FILE}")})
    raise Refusal(
        f"there is no problem {wanted!r} (known: {', '.join(known) or 'none'}): give "
        f"the folder with its {FILE}, its name, or a settings file"
    )


def problem_name(named: str | None = None) -> str:
    """Return the name of a problem, which need have no folder here if it is named by its name.

    Where none is named it is MILLRACE_PROBLEM's, or that of the only log or the only problem in
    the working folder, or else the flights'.
    """
    wanted = named or named_here() or DEFAULT
    try:
        return load_problem(wanted).name
    except Refusal:
        if NAME.fullmatch(wanted) and not Path(wanted).exists():
            return wanted
        raise


def named_here() -> str | None:
    """Return what MILLRACE_PROBLEM or else the working folder names: its only log or problem."""
    return os.environ.get(VARIABLE) or _only_here()


def load_problem(named: str | None = None) -> Settings:
    """Read a problem's settings, and let its own code be imported from now on."""
    file = settings_file(named)
    try:
        return typed_settings(settings_in_full(file.read_text(), file))
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{file} cannot be read: {error}") from None


def name_and_settings(problem: Problem) -> tuple[str, Settings | None]:
    """Return a problem's name, and its settings where they are known or found here."""
    if isinstance(problem, Settings):
        return problem.name, problem
    return problem, settings_here(problem)


def settings_here(name: str) -> Settings | None:
    """Return a problem's settings, where MILLRACE_PROBLEM or its name leads to them.

    Nothing is made importable. Raises `Refusal` where there are some that cannot be read: whatever
    they forbid would count for nothing.
    """
    return next((found for found, _ in _here(name)), None)


def file_here(name: str) -> Path | None:
    """Return the file of the settings that `settings_here` finds."""
    return next((file for _, file in _here(name)), None)


def _here(name: str) -> Iterator[tuple[Settings, Path]]:
    for named in filter(None, (os.environ.get(VARIABLE), name)):
        try:
            file = settings_file(named)
        except Refusal:
            continue
        try:
            found = typed_settings(_full(parse_settings(file.read_text()), file))
        except (OSError, UnicodeDecodeError) as error:
            raise Refusal(f"{file} cannot be read: {error}") from None
        if found.name == name:
            yield found, file


def settings_in_full(text: str, file: Path) -> dict[str, Any]:
    """Return the plain settings of a problem's file, with the full names of its own code.

    `source:table` and `models.Mine` name modules of the problem's folder, if it has such.
    """
    values = parse_settings(text)
    _make_own_code_importable(values["name"], file)
    return _full(values, file)


def make_importable(name: str, folder: Path) -> None:
    """Let a problem's own code be imported as `problems.NAME`, here and in child processes."""
    problem_code.add_folder(name, folder)
    os.environ[VARIABLE] = str(folder)


def _make_own_code_importable(name: str, file: Path) -> None:
    """Let the code beside a problem's settings be imported; of other settings, its folder's here.

    Such as of those that a run used, which name that code in full.
    """
    if file.name == FILE:
        return make_importable(name, file.parent)
    folders = (root / name for root in _roots())
    if folder := next((each for each in folders if (each / FILE).is_file()), None):
        make_importable(name, folder.resolve())
    os.environ[VARIABLE] = str(file)


def short_name(named: str, name: str | None = None) -> str:
    """Return a problem's name where that is enough to find it, else what it was named by."""
    name = name or Path(named).name
    try:
        return name if settings_file(name) == settings_file(named) else named
    except Refusal:
        return named


def _roots() -> list[Path]:
    return [Path.cwd() / PACKAGE, Path.cwd() / "flows" / PACKAGE, FLOWS / PACKAGE]


def _only_here() -> str | None:
    """Return the only log's or the only problem's name in the working folder; None of several."""
    here = Path.cwd()
    logs = [file.stem for file in (here / ".millrace").glob("*.db")]
    files = [here / FILE, *(here / PACKAGE).glob(f"*/{FILE}")]
    problems = [str(file.parent) for file in files if file.is_file()]
    return next((alone[0] for alone in (logs, problems) if len(alone) == 1), None)


def _full(values: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return settings with the full names of what stands beside their file: tables, own code."""
    folder = file.parent
    ingest = {k: _found_beside(values["ingest"][k], folder) for k in ("origin", "table")}
    source = _found_beside(values["source"], folder)
    candidates = [c | {"model": _found_beside(c["model"], folder)} for c in values["candidates"]]
    values = values | {"source": source, "ingest": values["ingest"] | ingest}
    values |= {"candidates": candidates}
    ranking = values["ranking"]
    if ranking:
        ranking = ranking | {"items": _found_beside(ranking["items"], folder)}
        values = values | {"ranking": ranking}
    if file.name != FILE:
        return values

    def full(dotted: str | None) -> str | None:
        first = (dotted or "").partition(":")[0].partition(".")[0]
        # A table's path is no module, whatever stands beside the table.
        own = first.isidentifier() and (
            (folder / f"{first}.py").is_file() or (folder / first / "__init__.py").is_file()
        )
        return f"{PACKAGE}.{values['name']}.{dotted}" if own else dotted

    def own_parts(candidate: dict[str, Any]) -> dict[str, str | None]:
        # A preprocessing's own name, such as `linear`, is no module, whatever stands beside it.
        keys = [key for key in ("estimator", "preprocessing") if "." in str(candidate[key])]
        return {key: full(candidate[key]) for key in keys}

    return values | {
        "source": full(values["source"]),
        "ranking": ranking and ranking | {"items": full(ranking["items"])},
        "candidates": [c | own_parts(c) for c in values["candidates"]],
        "ingest": values["ingest"] | {"origin": full(values["ingest"]["origin"])},
        "package": values["package"] | {"trust": list(map(full, values["package"]["trust"]))},
    }


def _found_beside(table: str | None, folder: Path) -> str | None:
    """Return where a file or folder is, by the working folder: there, or else in this folder."""
    beside = folder / (table or "")
    if not table or Path(table).exists() or not beside.exists():
        return table
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


def make_named_importable() -> None:
    """Let the own code be imported of the problem that MILLRACE_PROBLEM names, if it is here.

    Raises `Refusal` where there is no such problem.
    """
    problem_code.find()
    named = os.environ.get(VARIABLE)
    file = settings_file(named) if named else None
    if file:
        # What is wrong with the file is said by whoever reads all of it.
        with suppress(OSError, tomllib.TOMLDecodeError):
            if name := tomllib.loads(file.read_text()).get("name"):
                _make_own_code_importable(name, file)
