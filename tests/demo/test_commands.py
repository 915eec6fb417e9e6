"""The demo's commands: their steps are shown as they begin, and all their output is kept."""

import re
import sys
from pathlib import Path

import pytest

from shared.demo import commands
from shared.errors import Refusal

FLOW = """
for task in ("1/load/1", "1/fit/2", "1/fit/3"):
    print(f"2026-01-01 [{task} (pid 7)] Task is starting.")
"""


def test_each_step_is_shown_once_and_every_line_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    commands._run_shown("train", "three models", [sys.executable, "-c", FLOW])
    assert re.fullmatch(r"\ntrain: three models\n  load … fit … \d s\n", capsys.readouterr().out)
    assert len((tmp_path / "train.log").read_text().splitlines()) == 3


def test_one_that_fails_is_refused_with_its_last_line_and_where_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as refused:
        commands._run_shown("review", "approved", [sys.executable, "-c", "raise SystemExit('no')"])
    log = tmp_path / "review.log"
    assert str(refused.value) == f"review failed (its output is in {log}): no"
