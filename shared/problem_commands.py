"""Commands about a problem, as they are printed: they name it where it is not the one left out."""

import os
import shlex
from contextlib import suppress

from shared import command_words, reviewer
from shared.errors import Refusal
from shared.problems import DEFAULT, FILE, VARIABLE, file_here, short_name


def make_command(target: str, *options: str, problem: str | None = None) -> str:
    """Return the command that makes a target, for a problem, or the one of this process."""
    named = _named(problem)
    about = [] if named == DEFAULT else [shlex.quote(f"PROBLEM={named}")]
    return command_words.make_target(target, *about, *options)


def review_command(bundle: str, problem: str | None = None) -> str:
    """Return the command that approves a bundle; where nobody is named, with where a name goes."""
    decided = f"BUNDLE={bundle}", "DECISION=approve", 'REASON="…"'
    unnamed = "" if reviewer.named_reviewer() else f'{reviewer.VARIABLE}="Your Name" '
    return unnamed + make_command("review", *decided, problem=problem)


def millrace_command(*words: str, problem: str | None = None) -> str:
    """Return a `millrace` command about a problem, or about the one of this process."""
    named = _named(problem)
    about = [] if named == DEFAULT else [f"--problem {shlex.quote(named)}"]
    return command_words.millrace(*words, *about)


def _named(problem: str | None) -> str:
    """Return what a command names a problem by, or the one of this process."""
    named = problem or short_name(os.environ.get(VARIABLE) or DEFAULT)
    # Settings that cannot be read are refused by whoever reads them.
    with suppress(Refusal):
        if problem and (file := file_here(problem)):
            named = short_name(str(file.parent if file.name == FILE else file), problem)
    return named
