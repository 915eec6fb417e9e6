"""The `millrace` command, run as a user runs it."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from shared import __version__
from shared.cli import main
from tests.commands import said


def test_any_command_takes_a_problem_but_those_that_are_about_none() -> None:
    def without(group: click.Group) -> Iterator[str]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from without(command)
            elif not any("--problem" in option.opts for option in command.params):
                yield name

    assert {*without(main)} == {"new", "key", "board-key"}


def test_help_names_every_command_and_each_one_tells_what_it_does(tmp_path: Path) -> None:
    listed = said(tmp_path, "--help")
    first_words = {
        "new": "Make a new problem of a table",
        "serve": "Answer predictions over HTTP",
        "key": "Make an API key",
        "champion": "Show which bundle is in production",
        "check": "Check a problem before it is trained",
        "judge": "Judge the rows of a file",
        "deploy": "Create or renew every flow's workflow on Argo",
        "watch": "Monitor on a schedule",
        "resume": "Train again by today's settings",
        "log": "Make, show, test or export the prediction log",
        "outcomes": "Add outcomes to the log",
        "off-policy": "Estimate what a target policy would be worth",
        "replay": "Send the rows of a table to a running server",
        "runs": "List the runs of all flows",
        "show": "Show a run",
        "diff": "Show how two training runs differ",
        "settings": "Write the settings that a run used",
        "export": "Hand a bundle on",
        "unpack": "Copy a bundle out of the run history",
        "board": "Show all runs",
        "board-key": "Make a key to the board",
        "cards": "Write the cards of the latest runs",
        "notebook": "Run a notebook for a problem",
        "prune": "Remove what is older than",
        "demo": "Run the whole loop",
    }
    titles = ["A problem:", "What ran:", "Production:", "Monitoring:"]
    assert [line for line in listed.splitlines() if line in titles] == titles
    commands = re.findall(r"^  ([a-z-]+)  ", listed.partition(titles[0])[2], re.MULTILINE)
    assert sorted(commands) == sorted(first_words)
    for command, words in first_words.items():
        assert words in said(tmp_path, command, "--help")
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_told(tmp_path: Path) -> None:
    assert said(tmp_path, "--version") == f"millrace, version {__version__}\n"
