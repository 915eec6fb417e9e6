"""Commands as they are printed: they run in the folder and the environment of who prints them."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from shared import FLOWS

MAKEFILE = "Makefile"


def millrace(*words: str) -> str:
    """Return a `millrace` command of the environment that this process runs in.

    `words` are taken as they are: quoted where a shell needs it.
    """
    command = Path(sys.executable).with_name("millrace")
    if command.is_file():
        return " ".join([_program(command), *words])
    return " ".join([_program(Path(sys.executable)), "-m", "shared.cli", *words])


def flow(name: str, *words: str) -> str:
    """Return the command of a flow's file, such as `train`, with the Python of this process."""
    return " ".join([_program(Path(sys.executable)), _place(FLOWS / f"{name}.py"), *words])


def make_target(target: str, *words: str) -> str:
    """Return the command that makes a target, in a checkout's folder or in any other."""
    elsewhere = FLOWS.parent / MAKEFILE
    if Path(MAKEFILE).is_file() or not elsewhere.is_file():
        return " ".join(["make", target, *words])
    return " ".join(["make", "-f", _place(elsewhere), target, *words])


def in_own_environment(extra: str) -> str:
    """Say how to install an extra whose packages would replace pinned ones here.

    MLflow needs an older pyarrow than requirements.lock has.
    """
    why = "as it would replace pinned packages of this one"
    if not (FLOWS.parent / MAKEFILE).is_file():
        return f"install Millrace with its extra `{extra}` in another environment, {why}"
    place, here = f".venv-{extra}", Path.cwd() == FLOWS.parent
    wanted = shlex.quote(f"{'.' if here else FLOWS.parent}[{extra}]")
    made = f"python3 -m venv {place} && {place}/bin/pip install {wanted}"
    return f"use another environment, {why}: `{made}`, then {place}/bin/millrace"


def program(name: str) -> str:
    """Return how a program of the environment that this process runs in is called."""
    return _program(Path(sys.executable).with_name(name))


def _program(file: Path) -> str:
    """Return a program's bare name where a shell finds it by that, else its place."""
    found = shutil.which(file.name)
    return file.name if found and Path(found) == file else _place(file)


def _place(file: Path) -> str:
    """Return a file's place: within the working folder by its path from there, else in full."""
    here = Path.cwd()
    # Links stay: an environment's Python is one, and by its target it is no environment's.
    absolute = Path(os.path.abspath(file))
    near = absolute.relative_to(here) if absolute.is_relative_to(here) else absolute
    return shlex.quote(str(near))
