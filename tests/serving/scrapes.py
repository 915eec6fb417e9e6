"""A page of metrics as Prometheus reads it."""

from collections import defaultdict

from prometheus_client.parser import text_string_to_metric_families

from shared.serving.observability import exposition
from shared.serving.observability.metrics import Metrics

Samples = dict[str, list[tuple[dict[str, str], float]]]


def values(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    """Return a metric's values by those of its labels, in the order of the labels' names."""
    return {tuple(labels.values()): value for labels, value in scraped(metrics)[name]}


def scraped(metrics: Metrics) -> Samples:
    """Return the samples of a process's page by name, each with its labels."""
    return samples(exposition.metrics_page(metrics, "")[0].decode())


def samples(page: str) -> Samples:
    """Return the samples of a page by name, each with its labels."""
    found: Samples = defaultdict(list)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            found[sample.name].append((sample.labels, sample.value))
    return found
