"""Options that several commands have."""

import click

PROBLEM = "flights"

problem = click.option(
    "--problem", default=PROBLEM, show_default=True, help="The settings' name of the problem."
)
