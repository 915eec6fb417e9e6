"""Options that several commands have."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from shared import BRANCH, FLOWS
from shared.errors import Refusal

PROBLEM = "flights"

bundle = click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    help="Take the columns from this folder instead of the champion.",
)
problem = click.option(
    "--problem", default=PROBLEM, show_default=True, help="The settings' name of the problem."
)


settings = click.option(
    "--settings",
    type=click.Path(path_type=Path),
    default=FLOWS / "problems" / "flights" / "problem.toml",
    help="The problem's settings file (default: the flights').",
)


def read_settings(path: Path) -> Any:
    """Read a settings file; raises `Refusal` when it is not there, or not valid."""
    from shared import settings as problem

    try:
        return problem.of(problem.parse(path.read_text()))
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror} (from {Path.cwd()})") from None


def _take(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value:
        os.environ[BRANCH] = value


branch = click.option(
    "--branch",
    envvar=BRANCH,
    callback=_take,
    expose_value=False,
    help="Whose runs count, such as `prod` (default: MILLRACE_BRANCH, or your own).",
)


def contract_of(name: str, folder: Path | None) -> tuple[str, Any]:
    """Return a problem's name and contract: a bundle's own, or those of the champion."""
    if folder:
        from shared.model.bundle import open_bundle

        found = open_bundle(folder)
        return found.manifest.name, found.contract
    from shared import lineage

    return name, lineage.deployed(name).contract


def progress(length: int, label: str) -> Any:
    """Return a bar for a terminal; nothing is shown to anything else."""
    seen = sys.stderr.isatty()
    return click.progressbar(length=length, label=label, width=0, file=sys.stderr, hidden=not seen)
