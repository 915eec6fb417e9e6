"""A bundle alone: copied elsewhere, and served by the words of its own README."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from shared.model.bundle import Bundle
from shared.schema.client_rows import client_rows

pytestmark = [pytest.mark.flow, pytest.mark.long]
# What tells pip of this machine's own index stays; nothing else of this environment does.
KEPT = ("PIP_", "UV_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy", "LANG")


def commands(readme: str) -> list[str]:
    """Return the lines of the first block below the heading "Serve it"."""
    block = re.search(r"^## Serve it.*?^```\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert block
    return block[1].strip().splitlines()


def clean(home: Path) -> dict[str, str]:
    """Return the environment of someone who has never seen this checkout."""
    paths = os.environ["PATH"].split(os.pathsep)
    # The README asks for the Python that packaged the bundle, which is this one.
    paths.insert(0, str(Path(sys.executable).resolve().parent))
    mine = os.pathsep.join(p for p in paths if not Path(p, "millrace").exists())
    kept = {k: v for k, v in os.environ.items() if k.startswith(KEPT)}
    return kept | {"PATH": mine, "HOME": os.environ.get("HOME", str(home))}


@contextmanager
def followed(folder: Path) -> Iterator[str]:
    """Do what the README in a folder says, at a free port; gives the server's address."""
    *setting_up, serve = commands((folder / "README.md").read_text())
    for command in setting_up:
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=clean(folder.parent),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    process = subprocess.Popen(
        f"exec {serve} --port 0",
        shell=True,
        cwd=folder,
        env=clean(folder.parent),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        address = re.search(r" at (http://\S+) ", process.stdout.readline())
        assert address
        yield address[1]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.mark.timeout(600)
def test_a_copied_bundle_serves_the_same_probabilities_by_its_own_readme(
    bundle: Bundle, tmp_path: Path
) -> None:
    folder = shutil.copytree(bundle.path, tmp_path / "elsewhere" / "bundle")
    golden = bundle.golden()
    with (
        followed(folder) as address,
        httpx.Client(base_url=address, timeout=60, trust_env=False) as client,
    ):
        assert client.get("/bundle").json()["digest"] == bundle.digest
        answers = client.post("/predict", json=client_rows(golden, bundle.contract)).json()
    apart = np.abs([answer["probability"] for answer in answers] - golden["probability"])
    assert apart.max() <= 1e-9
