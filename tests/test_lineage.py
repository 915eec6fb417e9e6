"""What is deployed: the bundle that is named, or else the champion."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared import lineage
from shared.errors import Refusal
from shared.model.bundle import Bundle
from tests.conftest import ROOT
from tests.test_problems import write


def test_a_bundle_of_another_problem_is_refused(bundle: Bundle) -> None:
    assert lineage.deployed("loans", str(bundle.path)).digest == bundle.digest
    with pytest.raises(Refusal, match="is of the problem 'loans', not of 'flights'"):
        lineage.deployed("flights", str(bundle.path))


def test_where_nothing_was_approved_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match="no bundle of 'nothing_yet' is in production here"):
        lineage.deployed("nothing_yet")


def test_whoever_reads_runs_has_the_own_code_of_the_problem_that_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "credit", "shop")
    code = "from shared import lineage; from problems.shop import models; print(models.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MILLRACE_PROBLEM": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"{folder / 'models.py'}\n"
