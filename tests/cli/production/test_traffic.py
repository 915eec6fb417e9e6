"""`millrace replay`: what it counts, and what it refuses."""

from pathlib import Path

import pandas as pd
import pytest

from shared.model.bundle import Bundle
from tests.commands import counts, done, refused, run
from tests.conftest import loans
from tests.serving.processes import serving


@pytest.fixture
def traffic(tmp_path: Path) -> pd.DataFrame:
    made = loans(400, seed=3)
    made.to_parquet(tmp_path / "loans.parquet")
    return made


def test_a_count_that_is_not_equal_is_told_and_fails(
    bundle: Bundle, traffic: pd.DataFrame, tmp_path: Path
) -> None:
    taken = ("--bundle", str(bundle.path))
    with serving(tmp_path, *taken) as running:
        words = ("replay", "loans.parquet", "--url", running.url, *taken, "--no-outcomes")
        other = {"MILLRACE_LOG": f"sqlite:///{tmp_path / 'other.db'}"}
        done(tmp_path, "log", "init", *taken, **other)
        finished = run(tmp_path, *words, **other)
    assert finished.returncode == 1
    assert counts(finished.stdout)["logged"] == 0
    assert "the counts are not equal; the log is sqlite:///" in finished.stderr


def test_what_cannot_be_replayed_is_told_in_one_line(bundle: Bundle, tmp_path: Path) -> None:
    loans(3).to_csv(tmp_path / "loans.csv", index=False)
    words = ("replay", "loans.csv", "--bundle", str(bundle.path), "--url", "http://127.0.0.1:1")
    assert "no server at http://127.0.0.1:1" in refused(tmp_path, *words)
    assert "no row of the source" in refused(tmp_path, *words, "--start", "2030-01-01")
