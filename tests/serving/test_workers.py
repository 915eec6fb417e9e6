"""Several processes that are one server."""

import os
import signal
from pathlib import Path

import pytest

from shared.model.bundle import Bundle
from tests.prometheus import wait_until
from tests.serving.load import asking
from tests.serving.processes import LOAN, serving
from tests.serving.test_faults import logged

pytestmark = pytest.mark.flow


def test_workers_share_one_socket_and_one_log_and_one_that_is_killed_is_begun_anew(
    bundle: Bundle, tmp_path: Path
) -> None:
    with serving(tmp_path, "--bundle", str(bundle.path), "--workers", "2") as running:
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
        wait_until(lambda: len(children.read_text().split()) == 2)
        before = set(children.read_text().split())
        with asking(running.url, LOAN) as load:
            wait_until(lambda: len(load.ids) >= 200)
            os.kill(int(min(before)), signal.SIGKILL)
            wait_until(lambda: len(set(children.read_text().split()) - before) == 1)
            reached = len(load.ids)
            wait_until(lambda: len(load.ids) >= reached + 200)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0
    found = logged(bundle, f"sqlite:///{tmp_path / '.millrace' / 'loans.db'}")
    assert len(set(found)) == len(found)
    assert set(load.ids) <= set(found)


def test_workers_end_with_a_master_that_is_killed_and_the_next_one_begins_at_once(
    bundle: Bundle, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--workers", "2")
    with serving(tmp_path, *words) as running, asking(running.url, LOAN) as load:
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
        wait_until(lambda: len(children.read_text().split()) == 2)
        workers = [Path("/proc", name) for name in children.read_text().split()]
        wait_until(lambda: len(load.ids) >= 50)
        running.process.kill()
        wait_until(lambda: not any(worker.exists() for worker in workers))
    port = running.url.rpartition(":")[2].strip("/")
    with serving(tmp_path, *words, "--port", port) as again:
        assert again.client.post("/predict", json=LOAN).status_code == 200
    found = logged(bundle, f"sqlite:///{tmp_path / '.millrace' / 'loans.db'}")
    assert set(load.ids) <= set(found)
