"""`millrace resume`: training goes on with what an earlier run has fitted, by today's settings."""

from collections.abc import Mapping
from typing import Any

import click

# What the earlier run was asked for is asked for again: by what runs keep, the parameters' names.
CARRIED = {"data": "data", "until": "until", "served": "served", "given": "model"}


@click.command()
@click.argument("run")
@click.option(
    "--problem",
    "--settings",
    "settings",
    help="The problem: its folder, its name, or its settings file (default: that of the run).",
)
def resume(run: str, settings: str | None) -> None:
    """Train again by today's settings, and fit only what they have changed.

    RUN is TrainFlow/RUN or its number, whether it failed or not. A candidate whose rows, features,
    parameters, code and packages are as they were is not fitted again: another threshold, cost,
    gate or candidate takes seconds. Metaflow's own `resume` goes on with the settings of that run,
    whatever the file says now.
    """
    from shared import problems
    from shared.lineage import run_history
    from shared.runs.one_run import run_contents
    from shared.runs.started_flows import run_flow
    from shared.training.fitting import earlier_fits

    found = earlier_fits.run_of(run)
    file = problems.settings_file(settings or run_history.tag_of(found, "project"))
    problem = problems.load_problem(str(file))
    earlier_fits.earlier_fits(found.pathspec, problem)
    words = carried(run_contents.parameters(found))
    run_flow("TrainFlow", problem.name, file, *words, "--reuse", found.pathspec)


def carried(parameters: Mapping[str, Any]) -> list[str]:
    """Return the words that ask for what an earlier run was asked for, by its parameters."""
    given = {CARRIED[name]: parameters[name] for name in CARRIED if parameters.get(name)}
    return [word for name, value in given.items() for word in (f"--{name}", str(value))]
