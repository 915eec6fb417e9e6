"""What a flow ships to a machine elsewhere: its own file, its settings' parser, all of shared/."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOWS = sorted(file.name for file in (ROOT / "flows").glob("*.py"))
SHARED = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob("shared/**/*.py"))

pytestmark = pytest.mark.flow


@pytest.mark.parametrize("flow", FLOWS)
def test_a_code_package_holds_all_of_shared_wherever_the_flow_is_run_from(
    flow: str, tmp_path: Path
) -> None:
    listed = subprocess.run(
        [sys.executable, str(ROOT / "flows" / flow), "package", "list"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr  # where the list goes too
    missing = [file for file in (*SHARED, flow) if not _is_listed(file, listed.stderr)]
    assert not missing, f"not in the package of {flow}: {missing}"


def _is_listed(file: str, listing: str) -> bool:
    return any(line.strip().endswith(f"/{file}") or line == file for line in listing.splitlines())


def test_a_problem_elsewhere_is_taken_though_the_checkout_has_one_of_its_name(
    tmp_path: Path,
) -> None:
    """A copy of the flights that somebody changes: a task elsewhere runs the changed one."""
    mine, there = tmp_path / "mine", tmp_path / "there"
    shutil.copytree(ROOT / "flows" / "problems" / "flights", mine)
    (mine / "source.py").write_text("WHOSE = 'mine'\n")
    there.mkdir()
    words = ["--config", "settings", str(mine / "problem.toml"), "package", "save", "code.tgz"]
    saved = subprocess.run(
        [sys.executable, str(ROOT / "flows" / "train.py"), *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert saved.returncode == 0, saved.stderr
    subprocess.run(["tar", "xf", str(tmp_path / "code.tgz"), "-C", str(there)], check=True)
    # A task elsewhere has nothing that this session, or a problem read in it, has set.
    others = {k: v for k, v in os.environ.items() if not k.startswith(("METAFLOW", "MILLRACE"))}
    code = "import train; from problems.flights import source; print(source.WHOSE)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=there,
        env=others | {"PYTHONPATH": f"{there / '.mf_code'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "mine\n"
