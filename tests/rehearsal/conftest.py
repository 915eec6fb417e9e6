"""The stage of the rehearsal: the servers, the deployed workflows, and the flows run once each."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shared.data import flights
from shared.settings import parse
from tests.conftest import ROOT, House
from tests.postgres import Postgres
from tests.rehearsal import image, kubernetes_api, metadata_service, servers
from tests.rehearsal.argo import Cluster
from tests.rehearsal.kubernetes_api import Api
from tests.rehearsal.servers import S3, Webhook
from tests.serving.processes import MILLRACE, serving

IMAGE = "registry.example/millrace:1"
SECRET = "millrace"
# Secrets that a full run has in its environment, and must leave nowhere.
PASSWORD, ALERT, KEY = "planted-log-password", "planted-alert-token", "planted-api-key"
# Two candidates on two months, so that it takes a minute or two.
SHORTER = {"start": "2013-02-01", "validation": "2013-03-01", "holdout": "2013-03-16"} | {
    "end": "2013-04-01"
}
WEEK = ("2013-04-08", "2013-04-15")


@dataclass(frozen=True)
class Stage:
    """Where the flows run: a person's folder, a cluster, and what both reach."""

    house: House
    cluster: Cluster
    api: Api
    s3: S3
    hook: Webhook
    log: str

    def template(self, flow: str) -> dict[str, Any]:
        """Return what Argo was given of a flow."""
        return self.api.kind("WorkflowTemplate")[f"flights.prod.{flow.lower()}"]

    def submit(self, flow: str, **parameters: str) -> str:
        """Run a deployed flow on the cluster; returns its pathspec."""
        return f"{flow}/{self.cluster.submit(self.template(flow), **parameters)}"


def shorter() -> str:
    """Return the flights' settings with less to do."""
    text = (ROOT / "flows" / "flights.toml").read_text()
    for name, date in SHORTER.items():
        text = re.sub(rf"^{name} = \S+", f"{name} = {date}", text, flags=re.MULTILINE)
    text = re.sub(r'\[\[candidates\]\]\nname = "forest".*?(?=\n\[)', "", text, flags=re.DOTALL)
    assert parse(text)["split"]["end"].startswith(SHORTER["end"])
    return text


def namespaces() -> bool:
    """Return whether a process may have mounts of its own here."""
    command = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
    words = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and not subprocess.run(words, check=False).returncode


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Stage]:
    """Return the stage with every flow deployed to production, and nothing run yet."""
    if not namespaces():
        pytest.skip(
            "a pod here is a mount namespace, and none can be made: not on Linux, or barred"
        )
    folder = tmp_path_factory.mktemp("rehearsal")
    settings = folder / "flights.toml"
    settings.write_text(shorter())
    with (
        servers.s3() as s3,
        servers.serving(metadata_service.application()) as metadata,
        servers.webhook() as hook,
        kubernetes_api.serving(folder) as api,
    ):
        log = postgres.new_address().replace("postgres@", f"postgres:{PASSWORD}@")
        alerts = hook.url.replace("http://", f"json://ops:{ALERT}@")
        environment = s3.environment | {
            "METAFLOW_DEFAULT_METADATA": "service",
            "METAFLOW_SERVICE_URL": metadata,
            "METAFLOW_SERVICE_INTERNAL_URL": metadata,
            "METAFLOW_KUBERNETES_CONTAINER_IMAGE": IMAGE,
            "METAFLOW_KUBERNETES_SECRETS": SECRET,
            "METAFLOW_ARGO_EVENTS_EVENT": "metaflow-event",
            "METAFLOW_ARGO_EVENTS_EVENT_BUS": "default",
            "METAFLOW_ARGO_EVENTS_EVENT_SOURCE": "argo-events-webhook",
            "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT": "operate-workflow-sa",
            "METAFLOW_ARGO_EVENTS_WEBHOOK_URL": hook.url,
            "METAFLOW_USER": "ada",
            "METAFLOW_HOME": str(folder / "metaflow-home"),
            "METAFLOW_CLIENT_CACHE_PATH": str(folder / "client-cache"),
            "KUBECONFIG": str(api.config),
        }
        keys = servers.KEYS | {"AWS_DEFAULT_REGION": "eu-west-1"}
        secrets = {"MILLRACE_LOG": log, "MILLRACE_ALERTS": alerts}
        cluster = Cluster(
            folder / "pods", image.make(folder / "image"), keys, secrets={SECRET: secrets}
        )
        house = House(folder, settings, environment)
        deployed = millrace(house, "deploy", "--settings", str(settings), "--production")
        assert deployed.returncode == 0, deployed.stderr
        yield Stage(house, cluster, api, s3, hook, log)


def millrace(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line tool as a person would from the house's folder."""
    return subprocess.run(
        [str(MILLRACE), *words],
        cwd=house.folder,
        env=os.environ | house.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def ask(house: House, code: str) -> str:
    """Ask the client, in a process that Metaflow's configuration of the house holds for."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=house.folder,
        env=os.environ | house.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Rehearsed:
    """The pathspecs of the runs, and what was said where they were started."""

    local: str
    train: str
    package: str
    review: str
    monitor: str
    digest: str
    served: int


@pytest.fixture(scope="session")
def rehearsed(stage: Stage) -> Rehearsed:
    """Return the runs: training on this machine and on the cluster; the rest on the cluster."""
    done = stage.house.run("train", "run")
    number = re.search(r"run-id (\w+)", done.stdout + done.stderr)
    assert number
    train = stage.submit("TrainFlow")
    package = stage.submit("PackageFlow", train=train)
    found = f"lineage.packaged('flights', '{package}').bundle.digest"
    digest = ask(stage.house, f"from shared import lineage; print({found})")
    decision = {"bundle": digest, "decision": "approve", "reason": "it passed its rehearsal"}
    review = stage.submit("ReviewFlow", **decision, reviewer="Ada Tester")
    served = serve_a_week(stage)
    monitor = stage.submit("MonitorFlow", until=WEEK[1])
    return Rehearsed(f"TrainFlow/{number[1]}", train, package, review, monitor, digest, served)


def serve_a_week(stage: Stage) -> int:
    """Serve production's champion, and send it a week whose weather came in Celsius."""
    table = flights.table()
    week = table[table["scheduled"].between(*WEEK, inclusive="left")].drop(columns="late")
    week = week.assign(**{name: (week[name] - 32) / 1.8 for name in ("temp", "dewp")})
    environment = stage.house.environment | {"MILLRACE_LOG": stage.log}
    words = ["--problem", "flights", "--branch", "prod"]
    with serving(stage.house.folder, *words, **environment) as running:
        body = week.to_parquet(index=False)
        kinds = {"content-type": "application/vnd.apache.parquet", "authorization": f"Bearer {KEY}"}
        kinds["accept"] = "application/json"
        answer = running.client.post("/predict", content=body, headers=kinds, timeout=120)
        assert answer.status_code == httpx.codes.OK, answer.text
    return len(week)
