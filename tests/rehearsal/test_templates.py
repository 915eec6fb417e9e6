"""What Argo is given: as its schema has it, and with all that a cluster needs to know."""

import json
from typing import Any

import pytest
from hera.events.models import Sensor
from hera.workflows.models import CronWorkflow, Workflow, WorkflowTemplate

from shared.settings_reading import parse_settings, typed_settings
from tests.conftest import House
from tests.rehearsal import stage as stages
from tests.rehearsal.servers import KEYS
from tests.rehearsal.stage import (
    ALERT,
    CRON,
    FLOWS,
    IMAGE,
    PASSWORD,
    SECRET,
    SOURCE,
    Stage,
    millrace,
)

SCHEMAS = {"WorkflowTemplate": WorkflowTemplate, "CronWorkflow": CronWorkflow, "Sensor": Sensor}
# What the schema's Sensor leaves open, or leaves out: what it makes is an object of any kind.
OPEN = (".apiVersion", ".kind", ".spec.template.container.name")
MADE = ".spec.triggers[0].template.k8s.source.resource"
# What is not done twice, however it ended.
ONCE = {"act", "record"}
SIZED = {
    **dict.fromkeys(("load", "split", "fit", "select", "evaluate"), "train"),
    **dict.fromkeys(("build", "verify"), "package"),
    **dict.fromkeys(("profile", "judge", "report"), "monitor"),
    **dict.fromkeys(("read", "merge"), "ingest"),
    "score": "score",
}


def containers(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the templates of a flow's steps by their names."""
    found = {t["name"]: t for t in template["spec"]["templates"] if t.get("container")}
    return {name: t for name, t in found.items() if "metaflow/step_name" in json.dumps(t)}


def paths(value: Any, at: str = "") -> set[str]:
    """Return the path of everything in a value that is not null."""
    if isinstance(value, dict):
        return {p for key, v in value.items() for p in paths(v, f"{at}.{key}")}
    if isinstance(value, list):
        return {p for number, v in enumerate(value) for p in paths(v, f"{at}[{number}]")}
    return set() if value is None else {at}


def unknown(thing: dict[str, Any], schema: Any) -> set[str]:
    """Return the paths in an object that a schema does not know; raises where it breaks it."""
    # What is unknown is dropped when it is read.
    read = json.loads(schema.parse_obj(thing).json(by_alias=True, exclude_none=True))
    return paths(thing) - paths(read)


def test_each_object_is_as_argos_schema_has_it(stage: Stage) -> None:
    assert {name for kind, name in stage.api.created if kind == "WorkflowTemplate"} >= {
        f"flights.prod.{flow.lower()}" for flow in FLOWS
    }
    for (kind, name), thing in stage.api.created.items():
        strays = unknown(thing, SCHEMAS[kind])
        if kind == "Sensor":
            made = thing["spec"]["triggers"][0]["template"]["k8s"]["source"]["resource"]
            assert unknown(made, Workflow) == set(), name
            strays = {path for path in strays if path not in OPEN and not path.startswith(MADE)}
        assert strays == set(), (kind, name)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_step_has_its_image_size_time_retries_and_secrets(stage: Stage, flow: str) -> None:
    wanted = typed_settings(parse_settings(stages.settings())).resources
    for name, template in containers(stage.template(flow)).items():
        container = template["container"]
        assert container["image"] == IMAGE
        (source,) = container["envFrom"]
        assert source["secretRef"]["name"] == SECRET
        if name in SIZED:
            size, asked = getattr(wanted, SIZED[name]), container["resources"]["requests"]
            assert float(asked["cpu"]) == size.cpu
            assert float(asked["memory"].removesuffix("M")) == size.memory
            assert template["activeDeadlineSeconds"] == wanted.minutes * 60
        limit = (template.get("retryStrategy") or {}).get("limit", 0)
        assert limit == (0 if name in ONCE else wanted.retries), name


@pytest.mark.parametrize("flow", FLOWS)
def test_a_step_knows_the_bucket_the_service_and_the_branch(stage: Stage, flow: str) -> None:
    for template in containers(stage.template(flow)).values():
        told = {entry["name"]: entry.get("value") for entry in template["container"]["env"]}
        for name in ("METAFLOW_DATASTORE_SYSROOT_S3", "METAFLOW_DEFAULT_DATASTORE"):
            assert told[name] == stage.house.environment[name]
        assert told["METAFLOW_SERVICE_URL"] == stage.house.environment["METAFLOW_SERVICE_URL"]
        assert " --production " in template["container"]["command"][-1]


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize(("end", "status"), [("success", "Succeeded"), ("error", "Failed")])
def test_a_run_is_sent_to_openlineage_however_it_ends(
    stage: Stage, flow: str, end: str, status: str
) -> None:
    spec = stage.template(flow)["spec"]
    hook = spec["hooks"][f"{end}-send-run"]
    assert f"workflow.status == '{status}'" in hook["expression"]
    (template,) = (each for each in spec["templates"] if each["name"] == hook["template"])
    container = template["container"]
    assert container["image"] == IMAGE
    assert SECRET in [source["secretRef"]["name"] for source in container["envFrom"]]
    assert f" {flow.removesuffix('Flow').lower()}.py send_run " in container["command"][-1]


def test_what_the_settings_schedule_has_its_time_and_nothing_else(stage: Stage) -> None:
    crons = {
        cron["spec"]["workflowSpec"]["workflowTemplateRef"]["name"]: (
            cron["spec"]["schedule"],
            cron["spec"]["timezone"],
        )
        for cron in stage.api.kind("CronWorkflow").values()
    }
    assert crons == {f"flights.prod.{flow.lower()}": (at, "UTC") for flow, at in CRON.items()}


@pytest.mark.parametrize(
    ("flow", "event"),
    [
        ("TrainFlow", "mfns.flights.prod.retrain"),
        ("PackageFlow", "metaflow.flights.prod.TrainFlow.end"),
    ],
)
def test_a_flow_waits_for_its_event_in_its_own_branch(stage: Stage, flow: str, event: str) -> None:
    sensors = stage.api.kind("Sensor")
    assert sensors.keys() == {"flights-prod-trainflow", "flights-prod-packageflow"}
    sensor = sensors[f"flights-prod-{flow.lower()}"]
    filters = json.dumps(sensor["spec"]["dependencies"])
    assert f"'{event}'" in filters
    if flow == "TrainFlow":
        parameters = json.dumps(sensor["spec"]["triggers"])
        assert all(name in parameters for name in ("until", "served"))


def test_no_object_holds_a_secret(stage: Stage) -> None:
    text = json.dumps(list(stage.api.created.values()))
    assert not [s for s in (PASSWORD, ALERT, SOURCE, *KEYS.values()) if s in text]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("METAFLOW_DEFAULT_DATASTORE", "local", "set METAFLOW_DEFAULT_DATASTORE=s3"),
        ("METAFLOW_KUBERNETES_CONTAINER_IMAGE", "", "no image for the tasks"),
    ],
)
def test_what_is_not_configured_is_refused_in_one_line(
    stage: Stage, name: str, value: str, said: str
) -> None:
    environment = stage.house.environment | {name: value}
    done = millrace(House(stage.house.folder, stage.house.settings, environment), "deploy")
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
