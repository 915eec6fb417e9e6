"""Options that several commands have."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from shared import BRANCH

path = click.Path(path_type=Path)
bundle = click.option(
    "--bundle", type=path, help="Take the columns from this folder instead of the champion."
)


def _problem_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    from shared import problems

    return problems.problem_name(value)


problem = click.option(
    "--problem",
    callback=_problem_name,
    help="The problem: its folder or its name (default: MILLRACE_PROBLEM, or the only log or "
    "problem in this folder, or flights).",
)


def _settings_file(ctx: click.Context, param: click.Parameter, value: str | None) -> Path:
    from shared import problems

    # `millrace check` takes the problem as an argument, too.
    return problems.settings_file(value or ctx.params.get("problem") or problems.named_here())


settings = click.option(
    "--problem",
    "--settings",
    "settings",
    callback=_settings_file,
    help="The problem: its folder, its name, or its settings file (default: MILLRACE_PROBLEM, or "
    "the only log or problem in this folder, or flights).",
)


def _set_branch(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value:
        os.environ[BRANCH] = value


branch = click.option(
    "--branch",
    envvar=BRANCH,
    callback=_set_branch,
    expose_value=False,
    help="Whose runs count, such as `prod` (default: MILLRACE_BRANCH, or your own).",
)


def problem_bundle(name: str, folder: Path | None) -> tuple[str, Any]:
    """Return the name and the bundle of a folder, or a problem's name and its champion."""
    if folder:
        from shared.model.bundle import open_bundle

        bundle = open_bundle(folder)
        return bundle.manifest.name, bundle
    from shared import lineage

    return name, lineage.deployed(name)


def progress(length: int, label: str) -> Any:
    """Return a bar for a terminal; nothing is shown to anything else."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(length=length, label=label, width=0, file=sys.stderr, hidden=hidden)
