"""The clean environment: made by whichever installer reaches the packages, and its server."""

import shutil
import stat
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
    # What it installs into is there already: another would be made in half a minute.
    with pytest.raises(Refusal, match=r"pip install … failed: .*no-such-package"):
        environment._install([asked[0], "-m", "pip", "install"], SimpleNamespace(path=tmp_path))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'no module named model' >&2; exit 1", "no module named model"),
        ("exit 3", "it said nothing"),
        ("echo 'serving, at http://127.0.0.1:1 (log)'; echo 'out of memory' >&2", "out of memory"),
    ],
)
def test_a_server_that_does_not_start_is_refused_with_its_last_words(
    bundle: Bundle, tmp_path: Path, script: str, words: str
) -> None:
    command = tmp_path / "millrace"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(Refusal, match=words), environment.serving(bundle, tmp_path, tmp_path / "h"):
        pytest.fail("it is not serving")
