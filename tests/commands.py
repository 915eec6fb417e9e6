"""`millrace` commands, run to their end: what they print, and their exit code.

They run in this process, which has read Metaflow's variables. What needs others runs `apart`, in a
process of its own.
"""

import contextlib
import os
import subprocess
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from click.testing import CliRunner
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared.cli import main
from tests.serving.processes import MILLRACE, clean


def run(
    folder: Path, *words: str, apart: bool = False, **environment: str
) -> "CompletedProcess[str]":
    """Run a command as a shell in a folder would, with no variable set but those given."""
    variables = clean() | environment
    if apart:
        command = [str(MILLRACE), *words]
        return subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
    # Metaflow's client remembers where it found its first runs: those of another test's folder.
    found_runs = mock.patch.object(LocalStorage, "datastore_root", None)
    shell = mock.patch.dict(os.environ, variables, clear=True)
    with found_runs, shell, contextlib.chdir(folder):
        result = CliRunner().invoke(main, words, prog_name="millrace")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return CompletedProcess(words, result.exit_code, result.stdout, result.stderr)


def done(folder: Path, *words: str, **environment: str) -> str:
    """Run a command that is to succeed; returns what it printed."""
    finished = run(folder, *words, **environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def said(folder: Path, *words: str) -> str:
    """Run a command that is to succeed, with nothing on stderr; returns what it printed."""
    finished = run(folder, *words)
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stdout + finished.stderr
    return finished.stdout


def refused(folder: Path, *words: str, apart: bool = False, **environment: str) -> str:
    """Run a command that is to be refused: in one line, with the exit code 1."""
    finished = run(folder, *words, apart=apart, **environment)
    said = finished.stdout + finished.stderr
    assert (finished.returncode, finished.stdout) == (1, ""), said
    assert finished.stderr.startswith("Error: ")
    assert len(finished.stderr.splitlines()) == 1, finished.stderr
    return finished.stderr


def counts(printed: str) -> dict[str, int]:
    """Return the numbers that stand behind words, as the commands print them."""
    lines = [line.rsplit(maxsplit=1) for line in printed.splitlines() if line]
    numbers = {words[0]: words[1].replace(",", "") for words in lines if len(words) == 2}
    return {name.strip(): int(number) for name, number in numbers.items() if number.isdigit()}
