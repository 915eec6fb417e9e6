"""What whoever reads runs has by importing `shared.lineage`, and no more."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.test_problems import write


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
