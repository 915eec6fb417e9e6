"""The page that Prometheus reads, of one process or of several."""

import multiprocessing
import os
import subprocess
from multiprocessing.connection import Connection
from typing import Any

import pytest

from shared.log.spool import Depth
from shared.serving.observability import exposition
from shared.serving.observability.metrics import Metrics
from tests import prometheus
from tests.serving.observability.test_metrics import NONE_WAIT, ROLES, named
from tests.serving.scrapes import samples, scraped


def test_the_memory_and_the_cpu_time_of_the_process_are_told() -> None:
    found = scraped(Metrics())
    ((labels, memory),) = found["process_resident_memory_bytes"]
    assert labels == {}
    assert 10e6 < memory < 100e9
    assert found["process_cpu_seconds_total"][0][1] > 0


@pytest.mark.skipif(not prometheus.binary("promtool"), reason="promtool is not installed")
def test_promtool_finds_nothing_to_mend_in_the_page() -> None:
    metrics = Metrics()
    metrics.request("/predict", 200, 0.004)
    metrics.serve({"champion": named("d1")})
    with metrics.writing("database", ROLES):
        metrics.wait(1, NONE_WAIT, 100, log_up=True)
    page, _ = exposition.metrics_page(metrics, "")
    command = ["promtool", "check", "metrics"]
    done = subprocess.run(command, input=page, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def _count(rows: int, depth: int, wire: Connection) -> None:
    """Count in a process of its own, which tells its page when it is asked."""
    metrics = Metrics()
    metrics.rows.inc(rows)
    metrics.request("/predict", 200, 0.004)
    metrics.wait(depth, Depth(depth, None), 100, log_up=depth < 5)
    wire.send(os.getpid())
    while wire.recv() == "page":
        wire.send(exposition.metrics_page(metrics, "")[0].decode())


def test_one_of_several_processes_tells_what_all_of_them_did() -> None:
    fork = multiprocessing.get_context("fork")
    with exposition.shared_folder():
        wires, pids = [], []
        for rows, depth in ((3, 2), (4, 5)):
            wire, theirs = fork.Pipe()
            process = fork.Process(target=_count, args=(rows, depth, theirs))
            process.start()
            pids.append(str(wire.recv()))
            wires.append((wire, process))

        def page() -> Any:
            wires[0][0].send("page")
            return samples(wires[0][0].recv())

        both = page()
        wires[1][1].terminate()
        wires[1][1].join()
        exposition.forget_process(int(pids[1]))
        one = page()
        wires[0][0].send("end")
        wires[0][1].join()
    assert not os.environ.get(exposition.FOLDER)
    for found in (both, one):
        assert found["millrace_rows_predicted_total"] == [({}, 7)]
        assert found["millrace_request_duration_seconds_count"] == [({"route": "/predict"}, 2)]
    gauges = ("queue_rows", "spool_rows", "log_up")
    assert [both[f"millrace_{name}"][0][1] for name in gauges] == [7, 5, 0]
    assert [one[f"millrace_{name}"][0][1] for name in gauges] == [2, 2, 1]
    for found, expected in ((both, pids), (one, pids[:1])):
        told = [labels["pid"] for labels, _ in found["process_resident_memory_bytes"]]
        assert sorted(told) == sorted(expected)
