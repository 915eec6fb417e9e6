"""The clean environment: made by whichever installer reaches the packages."""

import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.packaging import environment


def test_where_uv_cannot_install_pip_does(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", "/dev/null/none")
    shutil.copytree(bundle.path / "wheels", tmp_path / "wheels")
    (tmp_path / "requirements.lock").write_text("")
    binaries = environment.make_environment(SimpleNamespace(path=tmp_path), tmp_path / "clean")
    asked = [str(binaries / "python"), "-I", "-c", "import sys; print(sys.prefix)"]
    assert subprocess.check_output(asked, text=True).strip() == str(tmp_path / "clean")
    assert (binaries / "millrace").is_file()
    (tmp_path / "requirements.lock").write_text("no-such-package==0\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(Refusal, match=r"pip install … failed: .*no-such-package"):
        environment.make_environment(SimpleNamespace(path=tmp_path), tmp_path / "broken")
