"""A bundle in MLflow's registry: a version of the problem's model, and the champion's alias."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import Refusal, in_a_line
from shared.events.event import Event
from shared.exporting import mlflow_model
from shared.lineage import bundles
from shared.model.bundle import Bundle
from shared.settings import Settings

ALIAS, DIGEST = "champion", "millrace.digest"


@dataclass(frozen=True)
class Registered:
    """A version of a model in a registry, and whether the champion's alias was given to it."""

    name: str
    version: str
    champion: bool

    @property
    def alias_words(self) -> str:
        """What is said of its alias."""
        return f", which {ALIAS} names" if self.champion else ", which is not the champion"


def follow(settings: Settings, champion: str | None, news: Sequence[Event]) -> list[dict[str, Any]]:
    """Give the alias to the champion that a decision leaves, where the settings name a registry.

    Returns what became of it as `announce.send` does, once for the last event of `news`, and
    nothing without any. Nothing is raised where it fails: the decision counts.
    """
    uri = settings.events.registry
    if not (uri and champion and news):
        return []
    error = None
    try:
        register(bundles.deployed(settings, champion), uri, champion=True)
    except Refusal as refusal:
        error = str(refusal)
    return [{"event": news[-1].plain(), "to": uri, "tries": 1, "error": error}]


def register(bundle: Bundle, uri: str, champion: bool) -> Registered:
    """Register a bundle as a version of its problem's model, once; the champion gets the alias.

    `uri` is of a tracking server, or of a database that has a registry (`sqlite:///mlflow.db`).
    Raises `Refusal` where MLflow is not installed, or the registry refuses.
    """
    mlflow = mlflow_model.installed_mlflow()
    name = bundle.manifest.name
    try:
        client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
        version = _version(client, bundle) or _new_version(client, bundle)
        if champion:
            client.set_registered_model_alias(name, ALIAS, version)
    except mlflow.exceptions.MlflowException as error:
        why = in_a_line(error, named=False)
        raise Refusal(f"MLflow's registry does not take it: {why}") from None
    return Registered(name, version, champion)


def _version(client: Any, bundle: Bundle) -> str | None:
    versions = client.search_model_versions(f"name = '{bundle.manifest.name}'")
    same = (str(each.version) for each in versions if each.tags.get(DIGEST) == bundle.digest)
    return next(same, None)


def _new_version(client: Any, bundle: Bundle) -> str:
    """Keep the bundle's files as those of a run, and make a version of them."""
    name, tags = bundle.manifest.name, {DIGEST: bundle.digest}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        mlflow_model.write_model(bundle, folder)
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name, description=f"Millrace's problem {name}")
        experiment = client.get_experiment_by_name(name)
        number = experiment.experiment_id if experiment else client.create_experiment(name)
        run = client.create_run(number, run_name=f"bundle {bundle.digest[:12]}", tags=tags)
        client.log_artifacts(run.info.run_id, str(folder), "model")
    for metric, score in bundle.evaluation.scores.items():
        client.log_metric(run.info.run_id, metric, score.value)
    client.set_terminated(run.info.run_id)
    source = f"{run.info.artifact_uri}/model"
    made = client.create_model_version(name, source, run.info.run_id, tags=tags)
    return str(made.version)
