"""OpenLineage: each run, its inputs and its outputs, for those who set OPENLINEAGE_URL.

It is sent once the run has ended, well or not, by OpenLineage's own client, which reads its other
variables too, such as OPENLINEAGE_API_KEY.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from metaflow import exit_hook  # type: ignore[attr-defined]

import shared

if TYPE_CHECKING:
    # Each task of a flow imports this module: what reads runs is imported at their end.
    from shared.events.run_data import DataSet

URL, NAMESPACE = "OPENLINEAGE_URL", "OPENLINEAGE_NAMESPACE"
INSTALL = "pip install openlineage-python, or install Millrace with its extra `openlineage`"
# A URI that names the code: no address of it is public.
PRODUCER = f"urn:millrace:{shared.__version__}"


def run_sent_by(function: Callable[..., None]) -> Callable[[Any], Any]:
    """Have a flow's runs sent to OpenLineage when they end; without its address, change nothing.

    The function is `send_run`, which a cluster finds by its name in the flow's own module.
    """

    def decorate(flow: Any) -> Any:
        if not os.environ.get(URL, "").strip():
            return flow
        # Here Metaflow looks for the flow's file in the folder that one stands in, and so is given
        # the place of the function (findings/metaflow_exit_hook_elsewhere.sh); on Argo the name of
        # a template has no dots.
        here = f"{function.__module__}.{function.__name__}"
        hooks = [function if "argo-workflows" in sys.argv else here]
        return exit_hook(on_success=hooks, on_error=hooks)(flow)

    return decorate


def send_run(run: Any) -> None:
    """Send a run that has ended, and say so in a line; what goes wrong is said, and not raised."""
    try:
        from openlineage.client import OpenLineageClient
    except ImportError:
        print(f"{URL} is set, and its client is not installed: {INSTALL}")
        return
    try:
        client = OpenLineageClient()
        for event in run_events(run):
            client.emit(event)
        client.close()
    except Exception as error:
        # Whoever listens is no part of the run.
        print(f"OpenLineage: {type(error).__name__}: {error}")
    else:
        print(f"OpenLineage was sent {run.pathspec}")


def run_events(run: Any) -> list[Any]:
    """Return the beginning of a run of Metaflow's client, and its end: COMPLETE or FAIL.

    Its job is called as Metaflow calls it, PROBLEM.BRANCH.FLOW; its id is the same whenever it is
    sent.
    """
    from openlineage.client import event_v2
    from openlineage.client.uuid import generate_static_uuid

    from shared.events import run_data
    from shared.lineage import endings

    tags = dict(tag.split(":", 1) for tag in sorted(run.tags) if ":" in tag)
    problem, flow = tags.get("project", ""), run.pathspec.partition("/")[0]
    began, data = run.created_at.astimezone(UTC), run_data.of_run(run, problem)
    ended = (run.finished_at or datetime.now(UTC)).astimezone(UTC)
    state = event_v2.RunState.COMPLETE if endings.ended_well(run) else event_v2.RunState.FAIL
    number = str(generate_static_uuid(began, run.pathspec.encode()))
    common: dict[str, Any] = {
        "run": event_v2.Run(number, _facets(run, tags, data.words or {})),
        "job": event_v2.Job(namespace(), f"{problem}.{tags.get('project_branch', '')}.{flow}"),
        "inputs": [_described(event_v2.InputDataset, each) for each in data.inputs],
        "outputs": [_described(event_v2.OutputDataset, each) for each in data.outputs],
        "producer": PRODUCER,
    }
    return [
        event_v2.RunEvent(eventTime=at.isoformat(), eventType=kind, **common)
        for at, kind in ((began, event_v2.RunState.START), (ended, state))
    ]


def namespace() -> str:
    """Return the namespace of jobs, and of what runs keep: OPENLINEAGE_NAMESPACE, or `millrace`."""
    return os.environ.get(NAMESPACE, "").strip() or "millrace"


def _facets(run: Any, tags: dict[str, str], words: dict[str, str]) -> dict[str, Any]:
    from openlineage.client.facet_v2 import error_message_run, processing_engine_run, tags_run

    from shared.lineage import endings

    said = {"run": run.pathspec, "branch": tags.get("project_branch"), "by": tags.get("user")}
    field = tags_run.TagsRunFacetFields
    rows = [field(key, text, "MILLRACE") for key, text in (said | words).items() if text]
    version = tags.get("metaflow_version", "")
    engine = processing_engine_run.ProcessingEngineRunFacet(version, "Metaflow", shared.__version__)
    facets: dict[str, Any] = {"processing_engine": engine, "tags": tags_run.TagsRunFacet(rows)}
    if not endings.ended_well(run):
        why = endings.failure(run) or "it did not end"
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(why, "PYTHON")
    return facets


def _described(kind: Any, each: "DataSet") -> Any:
    from openlineage.client.facet_v2 import dataset_version_dataset

    facets = {}
    if each.version:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(each.version)
    return kind(each.namespace or namespace(), each.name, facets=facets)
