"""What the tests of the rehearsal share: the stage, and the flows run on it once each."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.postgres import Postgres
from tests.rehearsal import acts, stage
from tests.rehearsal.acts import Rehearsed
from tests.rehearsal.stage import Stage


def namespaces() -> bool:
    """Return whether a process may have mounts of its own here."""
    command = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
    words = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and not subprocess.run(words, check=False).returncode


@pytest.fixture(scope="session", name="stage")
def set_stage(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Stage]:
    """Return the stage with every flow deployed to production, and nothing run yet."""
    if not namespaces():
        pytest.skip(
            "a pod here is a mount namespace, and none can be made: not on Linux, or barred"
        )
    with stage.setting(tmp_path_factory.mktemp("rehearsal"), postgres) as set_up:
        yield set_up


@pytest.fixture(scope="session")
def rehearsed(stage: Stage) -> Rehearsed:
    """Return the runs: training on this machine and on the cluster; the rest on the cluster."""
    return acts.rehearse(stage)
