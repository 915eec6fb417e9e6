"""The `millrace` command. Each command imports what it needs when it is called."""

from typing import Any

import click

import shared
from shared.cli.history import boarding, comparing, pruning, resuming, runs, showing
from shared.cli.monitoring import judging, valuing, watching
from shared.cli.problem import checking, demonstrating, notebooks, starting
from shared.cli.production import deciding, deploying, exporting, log, serving, traffic
from shared.errors import Refusal

GROUPS = {
    "A problem": (starting.new, checking.check, notebooks.notebook, demonstrating.demo),
    "What ran": (
        runs.list_runs,
        showing.show,
        comparing.diff,
        runs.run_settings,
        resuming.resume,
        boarding.board,
        boarding.board_key,
        runs.cards,
        runs.unpack,
        pruning.prune,
    ),
    "Production": (
        deciding.champion,
        serving.serve,
        serving.key,
        traffic.replay,
        log.log,
        log.outcomes,
        exporting.export,
        deploying.deploy,
    ),
    "Monitoring": (watching.watch, judging.judge, valuing.off_policy),
}


class Commands(click.Group):
    """Lists commands by what they are about, and tells a refusal in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, self.commands))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{one.name:<{widest}}", one.get_short_help_str(200)) for one in commands]
                )


@click.group(cls=Commands)
@click.version_option(shared.__version__, prog_name="millrace")
def main() -> None:
    """Millrace: MLOps as Metaflow flows."""


for command in (command for group in GROUPS.values() for command in group):
    main.add_command(command)
