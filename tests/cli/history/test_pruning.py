"""`millrace prune`: how old, in words."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.cli.history.pruning import duration
from tests.commands import refused, said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("90d", timedelta(days=90)),
        ("12w", timedelta(weeks=12)),
        ("24h", timedelta(hours=24)),
        (" 1d ", timedelta(days=1)),
    ],
)
def test_a_duration_is_read(words: str, found: timedelta) -> None:
    assert duration(words) == found


@pytest.mark.parametrize("words", ["90", "d", "0d", "-1d", "1.5d", "3 months", "90D", ""])
def test_what_is_no_duration_is_refused_in_one_line(tmp_path: Path, words: str) -> None:
    line = refused(tmp_path, "prune", "--keep", words, "--problem", "loans")
    assert f"--keep {words!r} is no duration: give days, weeks or hours" in line


def test_where_there_is_nothing_nothing_is_to_be_removed(tmp_path: Path) -> None:
    shown = said(tmp_path, "prune", "--keep", "90d", "--problem", "loans", "--yes")
    assert "nothing is to be removed" in shown
    assert list(tmp_path.iterdir()) == []
