"""What stands for the image: an environment made by the Dockerfile's own command, and no more."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tests.conftest import ROOT

ENVIRONMENT, CACHE = "/mnt/image", "/mnt/cache"
# What is this machine's rather than a person's: how an installer finds and trusts its index, and
# which kernels the linear algebra takes, on which the last digits of a fit depend.
MACHINE = re.compile(
    r"(PIP|UV|OPENBLAS)_\w+|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy", re.IGNORECASE
)


@dataclass(frozen=True)
class Image:
    """Folders by the place in a pod where they are seen, and the variables that an image sets."""

    places: dict[str, Path]
    environment: dict[str, str]


def instructions() -> dict[str, list[str]]:
    """Return the Dockerfile's instructions: the text of each, by its word."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, list[str]] = {}
    for line in lines:
        word, _, rest = line.partition(" ")
        found.setdefault(word, []).append(" ".join(rest.split()))
    return found


def make(folder: Path) -> Image:
    """Make the environment in an empty folder, by this machine's Python and its cache."""
    image = bare(folder)
    (install,) = (
        command
        for line in instructions()["RUN"]
        for command in line.split(" && ")
        if command.startswith("uv pip install")
    )
    words = [word for word in shlex.split(install) if word not in ("--system", "--no-cache")]
    python = ["--quiet", "--python", str(folder / "bin" / "python")]
    subprocess.run([_uv(), *words[1:], *python], cwd=ROOT, check=True)
    told = dict(pair.split("=", 1) for pair in shlex.split(instructions()["ENV"][0]))
    return replace(image, environment=image.environment | told)


def bare(folder: Path) -> Image:
    """Make what a Python image has that nothing was installed into, but for uv."""
    uv = _uv()
    made = ["venv", "--quiet", "--seed", "--python", sys.executable, str(folder)]
    subprocess.run([uv, *made], check=True)
    shutil.copy2(uv, folder / "bin" / "uv")
    cached = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=True)
    return Image(
        places={ENVIRONMENT: folder, CACHE: Path(cached.stdout.strip())},
        environment={k: v for k, v in os.environ.items() if MACHINE.fullmatch(k)}
        | {
            "PATH": f"{ENVIRONMENT}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": "/mnt/work",
            "LANG": "C.UTF-8",
            "UV_CACHE_DIR": CACHE,
        },
    )


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert found, "uv is not installed"
    return found
