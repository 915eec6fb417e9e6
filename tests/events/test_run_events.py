"""A run's OpenLineage events, sent to a real receiver by OpenLineage's own client."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from metaflow import FlowSpec
from metaflow.flowspec import FlowStateItems

from shared.events import run_events
from tests.conftest import ROOT
from tests.events.receiver import listening

BEGAN, ENDED = (datetime(2026, 11, 28, 3, minute, tzinfo=UTC) for minute in (0, 9))
TAGS = {"project:shop", "project_branch:prod", "user:ada", "metaflow_version:2.19"}


class Task(dict):
    successful, exception = False, None


class FakeRun(dict):
    """A run as Metaflow's client has it: steps by their names, each with one task."""

    pathspec = "PackageFlow/7"
    tags, created_at, finished_at = TAGS, BEGAN, ENDED

    def __init__(self, successful: bool, steps: dict[str, dict[str, Any]]) -> None:
        super().__init__()
        self.successful = successful
        for name, artifacts in steps.items():
            task = Task({key: SimpleNamespace(data=value) for key, value in artifacts.items()})
            self[name] = SimpleNamespace(task=task)

    def __iter__(self) -> Any:
        error = None if self.successful else ValueError("no model there")
        task = SimpleNamespace(exception=error, metadata_dict={})
        return iter([[task]])


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what sends a run to a receiver, and returns the events that came."""

    def send(run: Any) -> list[dict[str, Any]]:
        with listening() as marquez:
            monkeypatch.setenv(run_events.URL, marquez.address)
            run_events.send_run(run)
        return [json.loads(body) for _, body in marquez.received]

    return send


def test_a_run_that_ended_well_is_complete_with_its_inputs_and_outputs(sent: Any) -> None:
    steps = {"choose": {"training_run": "TrainFlow/3"}, "build": {"digest": "b" * 64}}
    start, end = sent(FakeRun(True, steps))
    assert (start["eventType"], start["eventTime"]) == ("START", "2026-11-28T03:00:00+00:00")
    assert (end["eventType"], end["eventTime"]) == ("COMPLETE", "2026-11-28T03:09:00+00:00")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert (end["job"]["namespace"], end["job"]["name"]) == ("millrace", "shop.prod.PackageFlow")
    (taken,), (made,) = end["inputs"], end["outputs"]
    assert (taken["namespace"], taken["name"]) == ("millrace", "shop.model")
    assert taken["facets"]["version"]["datasetVersion"] == "TrainFlow/3"
    assert (made["name"], made["facets"]["version"]["datasetVersion"]) == ("shop.bundle", "b" * 64)
    tags = {tag["key"]: tag["value"] for tag in end["run"]["facets"]["tags"]["tags"]}
    # The client adds its own version.
    tags.pop("openlineage_client_version", None)
    assert tags == {"run": "PackageFlow/7", "branch": "prod", "by": "ada"}
    assert end["run"]["facets"]["processing_engine"]["name"] == "Metaflow"


def test_a_run_that_failed_says_why(sent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(run_events.NAMESPACE, "ours")
    end = sent(FakeRun(False, {"choose": {"training_run": "TrainFlow/3"}}))[-1]
    assert end["eventType"] == "FAIL"
    assert end["run"]["facets"]["errorMessage"]["message"] == "no model there"
    assert end["job"]["namespace"] == end["inputs"][0]["namespace"] == "ours"
    assert end["outputs"] == []


def test_a_receiver_that_is_away_is_said_and_raises_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(run_events.URL, "http://127.0.0.1:1")
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "http")
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__RETRY", '{"total": 0}')
    run_events.send_run(FakeRun(True, {}))
    assert capsys.readouterr().out.startswith("OpenLineage: ")


def test_without_an_address_a_flow_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(run_events.URL, raising=False)
    flow = object()
    assert run_events.run_sent_by(run_events.send_run)(flow) is flow


@pytest.mark.parametrize(
    ("command", "hook"),
    [("run", "shared.events.run_events.send_run"), ("argo-workflows", "send_run")],
)
def test_with_an_address_metaflow_finds_the_hook_here_and_on_a_cluster(
    monkeypatch: pytest.MonkeyPatch, command: str, hook: str
) -> None:
    monkeypatch.setenv(run_events.URL, "http://catalogue")
    monkeypatch.setattr(sys, "argv", ["review.py", command])

    class Flow(FlowSpec):
        pass

    decorated = run_events.run_sent_by(run_events.send_run)(Flow)
    (made,) = decorated._flow_state[FlowStateItems.FLOW_DECORATORS]["exit_hook"]
    made.flow_init(*[None] * 8)
    assert made.success_hooks == made.error_hooks == [hook]


def test_a_flow_imports_neither_the_client_nor_what_reads_runs() -> None:
    code = (
        "import sys, shared.events.run_events; "
        "print([name for name in ('openlineage', 'shared.lineage', 'httpx', 'apprise') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
