"""The image that flows run in: linted, from the lock alone, for nobody special, with no secret."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.rehearsal.image import instructions

HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))


@pytest.mark.skipif(not HADOLINT, reason="hadolint has no build for this machine")
def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [str(HADOLINT), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_everything_installed_is_pinned_by_the_lock() -> None:
    (setup,) = [line for line in instructions()["RUN"] if "install" in line]
    for command in (c for c in setup.split(" && ") if "install" in c):
        assert "--require-hashes" in command or "--constraints requirements.lock" in command
    assert set(" ".join(instructions()["COPY"]).split()) == {
        *("pyproject.toml", "requirements.lock", "./")
    }


def test_it_is_nobodys_root_and_knows_no_secret() -> None:
    found = instructions()
    assert found["USER"] == ["1000"]
    assert found["ENV"][0].split()[0] == "METAFLOW_USER=millrace"
    assert not re.search(r"(?i)secret|password|token|aws_", " ".join(found["ENV"]))
    assert "ARG" not in found


def test_its_python_is_the_oldest_that_is_supported() -> None:
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest
    assert instructions()["FROM"] == [f"python:{oldest[1]}-slim"]
