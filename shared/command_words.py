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
