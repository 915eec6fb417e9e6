"""The page that Prometheus reads, of a server of one process or of several.

Several processes write into the files of one folder, which PROMETHEUS_MULTIPROC_DIR names;
whichever of them is asked tells what all of them did. One alone needs no folder.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from prometheus_client import CollectorRegistry, ProcessCollector, multiprocess
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from shared.errors import Refusal
from shared.serving.observability.metrics import STARTED, Metrics

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def metrics_page(metrics: Metrics, accept: str) -> tuple[bytes, str]:
    """Return the page and its content type, in the form that an Accept header asks for."""
    registry = CollectorRegistry()
    if folder := os.environ.get(FOLDER):
        registry.register(_Folder(folder))
    else:
        registry.register(metrics.registry)
        ProcessCollector(registry=registry)
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


@contextmanager
def shared_folder() -> Iterator[None]:
    """Let the processes that are begun in this block count in one folder, which goes with it."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="millrace-metrics-")
    except OSError as error:
        raise Refusal(
            f"no folder can be made in which the workers count together ({error}): "
            "name a place for temporary files by TMPDIR, or serve with --workers 1"
        ) from None
    with folder as name:
        os.environ[FOLDER] = name
        try:
            yield
        finally:
            del os.environ[FOLDER]


def forget_process(pid: int) -> None:
    """Let go of what only a process that lives can have; what an ended one counted stays."""
    multiprocess.mark_process_dead(pid)


class _Folder(Collector):
    """What all processes have in a folder, and each one's memory and CPU time by its `pid`."""

    def __init__(self, folder: str) -> None:
        self._files = multiprocess.MultiProcessCollector(None, folder)

    def collect(self) -> Iterable[Metric]:
        metrics = list(self._files.collect())
        pids = [s.labels["pid"] for m in metrics if m.name == STARTED for s in m.samples]
        return [*metrics, *_processes(pids)]


def _processes(pids: Iterable[str]) -> Iterable[Metric]:
    """Return the library's metrics of one process for several of them."""
    all_of_them: dict[str, Metric] = {}
    for pid in pids:
        for one in ProcessCollector(pid=partial(str, pid), registry=None).collect():
            metric = all_of_them.setdefault(one.name, Metric(one.name, one.documentation, one.type))
            metric.samples += [sample._replace(labels={"pid": pid}) for sample in one.samples]
    return all_of_them.values()
