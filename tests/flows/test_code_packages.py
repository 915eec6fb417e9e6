"""What a flow ships to a machine elsewhere: its own file, its settings' parser, all of shared/."""

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
