"""The flows on a cluster: each compiled into what Argo Workflows takes, and handed over."""

import shutil
import sys
from pathlib import Path

import click

from shared import FLOWS, processes
from shared.cli import options
from shared.errors import Refusal


@click.command()
@options.settings
@click.option("--production", is_flag=True, help="As the project's production, not as yours.")
@click.option(
    "--uv",
    "with_uv",
    is_flag=True,
    help="Let each task install what it needs, by a uv.lock made now, rather than have an image.",
)
@click.option(
    "--only-json",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the WorkflowTemplates into this folder, and hand nothing over.",
)
def deploy(settings: Path, production: bool, with_uv: bool, only_json: Path | None) -> None:
    """Create or renew every flow's workflow on Argo.

    Where the cluster, the bucket and the image are is Metaflow's configuration (docs/cloud.md).
    Without --production the workflows are of your own branch: they read and change no run that
    production reads; tables are where the settings say. Tasks that break are tried again as often
    as [resources] says, but for those that decide, or tell people.
    """
    from shared import problems
    from shared.tables import sources

    found = problems.load_problem(str(settings))
    sources.refuse_out_of_reach(found, settings.parent)
    retries = found.resources.retries
    flows = sorted(FLOWS.glob("*.py"))
    if not flows:
        raise Refusal(
            "`millrace deploy` compiles the flows of a Millrace checkout, and there is none here"
        )
    _refuse_unconfigured(with_uv)
    if with_uv:
        lock = [*_uv(), "lock", "--quiet", "--project", str(FLOWS.parent)]
        processes.run(lock, "uv.lock was not made")
    if only_json:
        only_json.mkdir(parents=True, exist_ok=True)
    # Metaflow looks for uv.lock in the folder that it is run in, and above.
    folder = FLOWS.parent if with_uv else None
    for flow in flows:
        words = ["--config", "settings", str(settings.resolve())]
        words += ["--production"] if production else []
        words += ["--environment", "uv"] if with_uv else []
        words += ["--with", f"retry:times={retries},minutes_between_retries=1"] if retries else []
        words += ["argo-workflows", "create", *(["--only-json"] if only_json else [])]
        command = [sys.executable, str(flow), *words]
        compiled = processes.run(command, f"{flow.name} was not deployed", folder)
        if only_json:
            # With uv, Metaflow says something before it.
            (only_json / f"{flow.stem}.json").write_text(compiled[compiled.index("{") :])
        click.echo(f"{flow.name}: {'written' if only_json else 'deployed'}")


def _refuse_unconfigured(with_uv: bool) -> None:
    from metaflow import metaflow_config as configured

    if configured.DEFAULT_DATASTORE == "local":
        raise Refusal(
            "runs on a cluster keep nothing on this machine: set METAFLOW_DEFAULT_DATASTORE=s3 "
            "and METAFLOW_DATASTORE_SYSROOT_S3 (docs/cloud.md)"
        )
    if not (configured.KUBERNETES_CONTAINER_IMAGE or with_uv):
        raise Refusal(
            "no image for the tasks: build the Dockerfile, and name what you pushed in "
            "METAFLOW_KUBERNETES_CONTAINER_IMAGE (docs/cloud.md)"
        )


def _uv() -> list[str]:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not uv:
        raise Refusal("uv is not installed: pip install uv")
    return [uv]
