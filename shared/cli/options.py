"""Options that several commands have."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from shared import BRANCH
from shared.errors import Refusal

path = click.Path(path_type=Path)
port = click.IntRange(0, 65_535)
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


def _name_where_given(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from shared import problems

    return problems.problem_name(value) if value else None


of_problem = click.option(
    "--problem",
    callback=_name_where_given,
    help="Of this problem and of no other: its folder or its name.",
)


def _set_problem(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    from shared import problems

    if value:
        os.environ[problems.VARIABLE] = str(problems.settings_file(value))


named_problem = click.option(
    "--problem",
    callback=_set_problem,
    expose_value=False,
    help="A problem whose settings are elsewhere: its folder (or MILLRACE_PROBLEM).",
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


def _add_trust(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    from shared.model.files.trust import VARIABLE

    if value:
        os.environ[VARIABLE] = " ".join([os.environ.get(VARIABLE, ""), *value]).strip()


trust = click.option(
    "--trust",
    metavar="TYPE",
    multiple=True,
    callback=_add_trust,
    expose_value=False,
    help="Let a bundle's model have this type, too, such as `lightgbm.basic.Booster`, beside what "
    "the problem's settings here allow. May be given again (or MILLRACE_TRUST).",
)


def _whole_digest(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value and not re.fullmatch("[0-9a-f]{64}", value):
        raise click.BadParameter("a bundle is pinned by all 64 digits of its digest")
    return value


digest = click.option(
    "--digest", callback=_whole_digest, help="Take this bundle and no other: its whole digest."
)


def problem_of(reference: str, problem: str) -> str:
    """Return the problem of a bundle in the run history, where the command line names none."""
    from shared.lineage import bundles

    return problem if is_named("problem") else bundles.problem_of(reference) or problem


def problem_bundle(name: str, folder: Path | None, digest: str | None = None) -> tuple[str, Any]:
    """Return the name and the bundle of a folder, or a problem's name and its champion.

    With a `digest`, that bundle. Raises `Refusal` where the folder has another one, or one of
    another problem than was named.
    """
    if not folder:
        from shared.lineage import bundles

        return name, bundles.deployed(name, digest)
    from shared.model.bundle import open_bundle

    bundle = open_bundle(folder)
    refuse_other(bundle, name if is_named("problem") else None, digest)
    return bundle.manifest.name, bundle


def refuse_other(bundle: Any, name: str | None, digest: str | None) -> None:
    """Raise `Refusal` where a bundle is of another problem than is named, or not the one pinned."""
    if name and bundle.manifest.name != name:
        raise Refusal(
            f"bundle {bundle.path} is of the problem {bundle.manifest.name!r}, not of {name!r}"
        )
    if digest and bundle.digest != digest:
        raise Refusal(f"bundle {bundle.path} has the digest {bundle.digest}, not {digest}")


def is_named(option: str) -> bool:
    """Tell whether the command line gives an option, rather than its default."""
    context = click.get_current_context(silent=True)
    source = context.get_parameter_source(option) if context else None
    return source is ParameterSource.COMMANDLINE


def progress(length: int, label: str) -> Any:
    """Return a bar for a terminal; nothing is shown to anything else."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(length=length, label=label, width=0, file=sys.stderr, hidden=hidden)
