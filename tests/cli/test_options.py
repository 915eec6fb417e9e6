"""Options that several commands have."""

import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shared import BRANCH
from shared.cli import options
from tests.commands import refused


@click.command()
@options.problem
@options.branch
def show(problem: str) -> None:
    click.echo(f"{problem} in {os.environ[BRANCH]}")


def test_the_branch_is_the_one_named_or_else_the_environments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(BRANCH, "prod")
    words = ["--problem", "loans"]
    assert CliRunner().invoke(show, words).output == "loans in prod\n"
    assert CliRunner().invoke(show, [*words, "--branch", "test"]).output == "loans in test\n"


def test_progress_is_shown_to_nothing_but_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with options.progress(3, "rows") as bar:
        bar.update(2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["watch", "deploy"])
def test_what_runs_flows_takes_the_only_problem_of_the_folder(tmp_path: Path, command: str) -> None:
    (tmp_path / "problem.toml").write_text('name = "shop"\n')
    assert "key 'source' is missing" in refused(tmp_path, command)
