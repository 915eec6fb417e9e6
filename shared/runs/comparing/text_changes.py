"""Texts that differ, line by line: settings, contracts, and code between two commits."""

import difflib
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import shared

# So much of the code's difference is shown.
MOST_CODE = 60_000
GIT_SECONDS = 10
_COMMIT = re.compile("[0-9a-f]{7,64}")


class Line(NamedTuple):
    """A line of a difference; its `kind` is `added`, `removed`, `place`, or else `same`."""

    kind: str
    text: str


class CodeChange(NamedTuple):
    """What git says between two commits: its summary by file, and the difference itself.

    It is `cut` where it was too long.
    """

    files: str
    lines: tuple[Line, ...]
    cut: bool


def of_values(before: Any, after: Any) -> tuple[Line, ...]:
    """Return the lines by which two plain values differ, a key on each; none where they are same.

    With three lines around each difference.
    """
    found = difflib.unified_diff(_texts(before), _texts(after), lineterm="")
    # The first two name files.
    return tuple(_lines(list(found)[2:]))


def of_code(before: str | None, after: str | None) -> CodeChange | None:
    """Return what changed from one commit to another; None where no repository here has both."""
    commits = [(commit or "").removesuffix("+changes") for commit in (before, after)]
    if not all(_COMMIT.fullmatch(commit) for commit in commits):
        return None
    for folder in (Path.cwd(), Path(shared.__file__).parent):
        if all(_git(folder, "cat-file", "-e", f"{c}^{{commit}}") is not None for c in commits):
            files = _git(folder, "diff", "--stat", *_PLAIN, *commits) or ""
            text = _git(folder, "diff", *_PLAIN, *commits) or ""
            lines = tuple(_lines(text[:MOST_CODE].splitlines()))
            return CodeChange(files[:MOST_CODE], lines, len(text) > MOST_CODE)
    return None


# As it is stored: no program that somebody has configured is run.
_PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--end-of-options")


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, timeout=GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")


def _texts(value: Any) -> list[str]:
    text = json.dumps(value, indent=2, sort_keys=True, default=str, ensure_ascii=False)
    return text.splitlines()


def _lines(texts: Iterable[str]) -> Iterator[Line]:
    kinds = {"+": "added", "-": "removed", "@": "place"}
    for text in texts:
        is_name = text.startswith(("+++ ", "--- ", "diff "))
        yield Line("place" if is_name else kinds.get(text[:1], "same"), text)
