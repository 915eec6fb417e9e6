"""The `millrace` command. Each command imports what it needs when it is called."""

from typing import Any

import click

import shared
from shared.cli import (
    boarding,
    checking,
    comparing,
    deciding,
    deploying,
    exporting,
    judging,
    log,
    notebooks,
    pruning,
    resuming,
    runs,
    serving,
    showing,
    starting,
    traffic,
    valuing,
    watching,
)
from shared.errors import Refusal

COMMANDS = (
    starting.new,
    checking.check,
    serving.serve,
    serving.key,
    log.log,
    log.outcomes,
    traffic.replay,
    runs.list_runs,
    showing.show,
    comparing.diff,
    runs.run_settings,
    deciding.champion,
    judging.judge,
    watching.watch,
    resuming.resume,
    valuing.off_policy,
    runs.unpack,
    exporting.export,
    runs.cards,
    notebooks.notebook,
    boarding.board,
    boarding.board_key,
    pruning.prune,
    runs.demo,
    deploying.deploy,
)


class Commands(click.Group):
    """Tells a refusal in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None


@click.group(cls=Commands)
@click.version_option(shared.__version__, prog_name="millrace")
def main() -> None:
    """Millrace: MLOps as Metaflow flows."""


for command in COMMANDS:
    main.add_command(command)
