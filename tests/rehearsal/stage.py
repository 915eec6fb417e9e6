"""The stage of the rehearsal: a person's folder, a cluster, and what both reach."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.settings_reading import parse_settings
from tests.conftest import FLIGHTS, House
from tests.events.receiver import Receiver, listening
from tests.postgres import Postgres
from tests.rehearsal import client, image, kubernetes_api, metadata_service, servers, source
from tests.rehearsal.argo import Cluster
from tests.rehearsal.client import Client
from tests.rehearsal.kubernetes_api import Api
from tests.rehearsal.servers import BUCKET, S3, Webhook
from tests.serving.processes import MILLRACE

IMAGE = "registry.example/millrace:1"
SECRET = "millrace"
# Secrets that a full run has in its environment, and must leave nowhere.
PASSWORD, ALERT, KEY = "planted-log-password", "planted-alert-token", "planted-api-key"
SOURCE = "planted-source-password"
# Two candidates on two months, so that it takes a minute or two.
SHORTER = {"start": "2013-02-01", "validation": "2013-03-01", "holdout": "2013-03-16"} | {
    "end": "2013-04-01"
}
FLOWS = ("IngestFlow", "TrainFlow", "PackageFlow", "ReviewFlow", "MonitorFlow", "ScoreFlow")
TABLE = f"s3://{BUCKET}/tables/flights"
CRON = {"IngestFlow": "0 5 * * *", "MonitorFlow": "0 6 * * *", "ScoreFlow": "30 6 * * *"}


@dataclass(frozen=True)
class Stage:
    """Where the flows run, and the servers around them."""

    house: House
    cluster: Cluster
    api: Api
    s3: S3
    hook: Webhook
    catalogue: Receiver
    log: str
    client: Client

    def ask(self, code: str) -> str:
        """Ask the client in Python; returns what that prints."""
        return self.client.ask(code)

    def template(self, flow: str) -> dict[str, Any]:
        """Return what Argo was given of a flow."""
        return self.api.kind("WorkflowTemplate")[f"flights.prod.{flow.lower()}"]

    def submit(self, flow: str, **parameters: str) -> str:
        """Run a deployed flow on the cluster; returns its pathspec."""
        return f"{flow}/{self.cluster.submit(self.template(flow), **parameters)}"

    def run(self, flow: str, *words: str) -> str:
        """Run a flow on this machine; returns its pathspec."""
        done = self.house.run(flow, *words)
        number = re.search(r"run-id (\w+)", done.stdout + done.stderr)
        assert number, done.stdout + done.stderr
        return f"{flow.title()}Flow/{number[1]}"


MODELS = '''
"""A model of the team's own."""

from sklearn.linear_model import LogisticRegression


class Logistic(LogisticRegression):
    """Logistic regression, by another name."""
'''


def settings() -> str:
    """Return the flights' settings with less to do, a database as their origin, and schedules."""
    text = FLIGHTS.read_text()
    for name, date in SHORTER.items():
        text = re.sub(rf"^{name} = \S+", f"{name} = {date}", text, flags=re.MULTILINE)
    text = re.sub(r'\[\[candidates\]\]\nname = "forest".*?(?=\n\[)', "", text, flags=re.DOTALL)
    text = text.replace("sklearn.linear_model.LogisticRegression", "models.Logistic")
    ingest = f'table = "{TABLE}"\nquery = "{source.QUERY}"\nschedule = "{CRON["IngestFlow"]}"\n'
    text = re.sub(r"(?<=\[ingest\]).*\ntable = .*\n", lambda _: f"\n{ingest}", text)
    score = f'tasks = 2\nschedule = "{CRON["ScoreFlow"]}"\n'
    text = re.sub(r"(?<=\[score\]).*\n", lambda _: f"\n{score}", text)
    found = parse_settings(text)
    assert found["split"]["end"].startswith(SHORTER["end"])
    assert (found["ingest"]["table"], found["score"]["tasks"]) == (TABLE, 2)
    return text


@contextmanager
def setting(folder: Path, postgres: Postgres) -> Iterator[Stage]:
    """Set the stage: every flow is deployed to production, and nothing has run yet."""
    # A problem's folder somewhere else, with a model of its own: the pods have to be given both.
    place = folder / "somewhere" / "flights"
    shutil.copytree(FLIGHTS.parent, place)
    (place / "models.py").write_text(MODELS)
    house_settings = place / "problem.toml"
    house_settings.write_text(settings())
    with (
        servers.s3() as s3,
        servers.serving(metadata_service.application()) as metadata,
        servers.webhook() as hook,
        listening() as catalogue,
        kubernetes_api.serving(folder) as api,
    ):
        log = with_password(postgres.new_address(), PASSWORD)
        rows = postgres.new_address()
        source.fill(rows, SHORTER["start"], SHORTER["end"])
        secrets = {
            "MILLRACE_LOG": log,
            "MILLRACE_ALERTS": hook.url.replace("http://", f"json://ops:{ALERT}@"),
            "MILLRACE_SOURCE": with_password(rows, SOURCE),
            "OPENLINEAGE_URL": catalogue.address,
        }
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
            "MILLRACE_PROBLEM": str(place),
            "OPENLINEAGE_URL": catalogue.address,
            "METAFLOW_HOME": str(folder / "metaflow-home"),
            "METAFLOW_CLIENT_CACHE_PATH": str(folder / "client-cache"),
            "KUBECONFIG": str(api.config),
        }
        house = House(folder, house_settings, environment)
        with ThreadPoolExecutor(1) as pool:
            making = pool.submit(image.make, folder / "image")
            deployed = millrace(house, "deploy", "--settings", str(house_settings), "--production")
            assert deployed.returncode == 0, deployed.stderr
        keys = servers.KEYS | {"AWS_DEFAULT_REGION": "eu-west-1"}
        cluster = Cluster(folder / "pods", making.result(), keys, secrets={SECRET: secrets})
        with client.reading(house) as reader:
            yield Stage(house, cluster, api, s3, hook, catalogue, log, reader)


def with_password(address: str, password: str) -> str:
    """Return a database's address with a password, which PostgreSQL here takes whatever it is."""
    return address.replace("postgres@", f"postgres:{password}@")


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
